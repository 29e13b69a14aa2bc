"""Measure sealing and verifying many small files, each beside what is usual: a bag, then tar and age.

The files have 4 to 40 KiB: `python benchmarks/files.py [--files 20000]`; how, says pairing.py. bagit works
with two processes, and so does Comity where it seals; it verifies with one, in threads.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

from pairing import COMITY, FLOOR, Promise, compare, new_keys

PROMISED = {
    "seal_by_bag_tar_age": Promise(("bag", "tar_age"), "seal", 2.5),
    "verify_by_bagit": Promise(("validate",), "verify", 2.5),
    "seal_by_floor": Promise(("floor",), "seal"),
    "floor_by_bag_tar_age": Promise(("bag", "tar_age"), "floor"),
}
_FOLDER = 500
"""Files of one folder."""


def prepare(folder: Path, count: int) -> dict[str, list[str]]:
    """The files, the keys, and the command of each contender."""
    dice = random.Random(1)  # noqa: S311  the same sizes each time
    for n in range(count):
        path = folder / "evidence" / f"{n // _FOLDER:04}" / f"message-{n:06}.eml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(dice.randrange(4 << 10, 40 << 10)))
    keys, to = new_keys(folder)
    seal = [*COMITY, "seal", str(folder / "evidence"), "--key", keys]
    subprocess.run([*seal, "-o", str(folder / "plain.asice")], check=True, capture_output=True)
    bag, bagit = str(folder / "bag"), [sys.executable, "-m", "bagit", "--processes", "2"]
    packed = f"set -o pipefail; tar -C {bag} -c . | age -r {to} -o {folder}/out.age"
    floor = [sys.executable, FLOOR, str(folder / "plain.asice"), str(folder / "out.floor")]
    return {
        "seal": [*seal, "--to", keys, "-o", str(folder / "out.asice.age")],
        "bag": [*bagit, "--sha256", bag],
        "tar_age": ["/bin/bash", "-c", packed],
        "floor": [*floor, str(folder / "evidence")],
        "validate": [*bagit, "--validate", bag],
        "verify": [*COMITY, "verify", str(folder / "plain.asice"), "--trust", keys],
    }


def linked(folder: Path) -> None:
    """The files once more for a bag, which moves what it is given."""
    shutil.rmtree(folder / "bag", ignore_errors=True)
    shutil.copytree(folder / "evidence", folder / "bag", copy_function=os.link)


if __name__ == "__main__":
    sys.exit(compare(__doc__, ("files", 100_000), 3, prepare, PROMISED, linked))
