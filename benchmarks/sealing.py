"""Measure sealing and verifying one large file, each beside the tools that do a part of it.

`python benchmarks/sealing.py [--mib 1024]`; how, says pairing.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pairing import COMITY, FLOOR, Promise, compare, new_keys

PROMISED = {
    "seal_by_age": Promise(("age",), "seal", 1.0),
    "seal_by_sha256": Promise(("sha256",), "seal", 0.8),
    "verify_by_openssl": Promise(("openssl",), "verify", 0.9),
    "seal_by_floor": Promise(("floor",), "seal"),
    "floor_by_age": Promise(("age",), "floor"),
    "floor_by_sha256": Promise(("sha256",), "floor"),
}
_PIECE = 1 << 20
_DIGEST = "import hashlib, sys; hashlib.file_digest(open(sys.argv[1], 'rb'), 'sha256')"


def prepare(folder: Path, mib: int) -> dict[str, list[str]]:
    """The file, keys and a sealed package; the command of each contender."""
    file, package = folder / "evidence.bin", folder / "plain.asice"
    with file.open("wb") as out:
        for _ in range(mib):
            out.write(os.urandom(_PIECE))
    keys, to = new_keys(folder)
    seal = [*COMITY, "seal", str(file), "--key", keys]
    subprocess.run([*seal, "-o", str(package)], check=True, capture_output=True)
    return {
        "seal": [*seal, "--to", keys, "-o", str(folder / "out.asice.age")],
        "age": ["age", "-r", to, "-o", str(folder / "out.age"), str(file)],
        "floor": [sys.executable, FLOOR, str(file), str(folder / "out.floor")],
        "sha256": [sys.executable, "-c", _DIGEST, str(file)],
        "verify": [*COMITY, "verify", str(package), "--trust", keys],
        "openssl": ["openssl", "dgst", "-sha256", str(package)],
    }


if __name__ == "__main__":
    sys.exit(compare(__doc__, ("mib", 4096), 5, prepare, PROMISED))
