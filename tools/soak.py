"""Seals, verifies and cuts a package of many gibibytes: `python tools/soak.py --gib 50 [--folder DIR]`.

The evidence is made up while it is read; the encrypted package needs as much room on the disk as it would.
Memory must not grow, the package must verify where it lies, and one that lacks its last byte must not.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from comity.sealing import keys, trust, writing
from comity.sealing.sources import PackageFile
from comity.sealing.verification import verify
from comity.terms import Verdict

MEMORY_MIB = 150
_BLOCK = 1 << 20


class Evidence(io.RawIOBase):
    """So many bytes that do not repeat: a block of chance, each time with its number in front."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left, self._number = size, 0
        self._block = bytearray(os.urandom(_BLOCK))

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """The next bytes."""
        count = min(len(buffer), self._left, _BLOCK)
        self._block[:8] = self._number.to_bytes(8, "big")
        buffer[:count] = memoryview(self._block)[:count]
        self._left, self._number = self._left - count, self._number + 1
        return count


def soak(folder: Path, size: int) -> list[str]:
    """Everything; what went wrong."""
    now = datetime.now(UTC).replace(microsecond=0)
    keys.create_authority(folder / "keys", id="xa-soak", name="Soak", state="XA", now=now)
    signer, anchors = keys.load(folder / "keys"), trust.load(folder / "keys")
    package = folder / "soak.asice.age"
    file = PackageFile("evidence.img", "application/octet-stream", lambda: Evidence(size), bytes=size)  # type: ignore[arg-type,return-value]
    begun = time.perf_counter()
    writing.seal(package, [file], about={}, signer=signer, now=now, recipients=[signer.recipient])
    _told("sealed", size, begun)
    wrong = []
    identities = [signer.identity]
    begun = time.perf_counter()
    if verify(package, trust=anchors, identities=identities, as_of=now).verdict is not Verdict.PASSED:
        wrong.append("the package does not verify")
    _told("verified", size, begun)
    os.truncate(package, package.stat().st_size - 1)
    if verify(package, trust=anchors, identities=identities, as_of=now).verdict is not Verdict.FAILED:
        wrong.append("a package without its last byte verifies")
    held = int(Path("/proc/self/status").read_text("ascii").partition("VmHWM:")[2].split()[0]) // 1024
    print(f"held at most {held} MiB")
    if held >= MEMORY_MIB:
        wrong.append(f"more than {MEMORY_MIB} MiB were held")
    return wrong


def _told(what: str, size: int, begun: float) -> None:
    seconds = time.perf_counter() - begun
    print(
        f"{what}: {size / 2**30:.1f} GiB in {seconds:.1f} s, {size / 2**20 / seconds:.0f} MiB/s", flush=True
    )


def main() -> int:
    """Run in a folder that is gone afterwards; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=50)
    parser.add_argument("--folder", type=Path, help="where there is room (default: the system's)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="comity-soak-", dir=arguments.folder) as folder:
        wrong = soak(Path(folder), int(arguments.gib * 2**30))
    for each in wrong:
        print(each, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
