"""Measure sealing and verifying many small files, each beside what is usual: a bag, then tar and age.

The files have 4 to 40 KiB and lie in memory (/dev/shm), as everything else here. Ratios of one round are
compared, and the median counts: `python benchmarks/files.py [--files 20000]`. bagit works with two processes;
Comity with one whose threads hash, encrypt and write beside one another.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pairing

PROMISED = {"seal_by_bag_tar_age": 2.5, "verify_by_bagit": 2.5}
_FOLDER = 500
"""Files of one folder."""


def prepare(folder: Path, count: int) -> dict[str, list[str]]:
    """The files, the keys, and the command of each contender."""
    dice = random.Random(1)  # noqa: S311  the same sizes each time
    for n in range(count):
        path = folder / "evidence" / f"{n // _FOLDER:04}" / f"message-{n:06}.eml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(dice.randrange(4 << 10, 40 << 10)))
    comity, keys = [sys.executable, "-m", "comity.cli"], str(folder / "keys")
    made = [*comity, "key", "new", "--out", keys, "--name", "Trial", "--state", "XA"]
    subprocess.run(made, check=True, capture_output=True)
    seal = [*comity, "seal", str(folder / "evidence"), "--key", keys]
    subprocess.run([*seal, "-o", str(folder / "plain.asice")], check=True, capture_output=True)
    asked = subprocess.run(["/usr/bin/env", "age-keygen"], check=True, capture_output=True, text=True)
    to = next(word for word in asked.stdout.split() if word.startswith("age1"))
    bag, bagit = str(folder / "bag"), [sys.executable, "-m", "bagit", "--processes", "2"]
    packed = f"set -o pipefail; tar -C {bag} -c . | age -r {to} -o {folder}/out.age"
    return {
        "seal": [*seal, "--to", keys, "-o", str(folder / "out.asice.age")],
        "bag": [*bagit, "--sha256", bag],
        "tar_age": ["/bin/bash", "-c", packed],
        "validate": [*bagit, "--validate", bag],
        "verify": [*comity, "verify", str(folder / "plain.asice"), "--trust", keys],
    }


def linked(folder: Path) -> None:
    """The files once more for a bag, which moves what it is given; not timed."""
    shutil.rmtree(folder / "bag", ignore_errors=True)
    shutil.copytree(folder / "evidence", folder / "bag", copy_function=os.link)


def measure(folder: Path, count: int, rounds: int) -> tuple[dict[str, list[float]], float]:
    """Seconds of each contender in every round, and MiB that Comity held at most."""
    compiled = pairing.as_installed(folder)
    commands = prepare(folder, count)
    found: dict[str, list[float]] = {name: [] for name in commands}
    memory = 0.0
    for _ in range(rounds + 1):
        linked(folder)
        for name, command in commands.items():
            if name in {"seal", "verify"}:
                seconds, held = _watched(command, compiled)
                memory = max(memory, held)
            else:
                seconds = pairing.timed(command, compiled)
            found[name].append(seconds)
            for left in folder.glob("out.*"):
                left.unlink()
    return {name: each[1:] for name, each in found.items()}, memory


def _watched(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds and MiB of one run."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - begun, _mib(usage)


def _mib(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / 1024


def main() -> int:
    """Measure, print, compare with what is promised; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    free = pairing.second_core()
    with tempfile.TemporaryDirectory(prefix="comity-measuring-", dir="/dev/shm") as folder:
        seconds, memory = measure(Path(folder), arguments.files, arguments.rounds)
    free = min(free, pairing.second_core())
    usual = [one + other for one, other in zip(seconds["bag"], seconds["tar_age"], strict=True)]
    ratios = {
        "seal_by_bag_tar_age": pairing.ratio(usual, seconds["seal"]),
        "verify_by_bagit": pairing.ratio(seconds["validate"], seconds["verify"]),
    }
    medians = {name: round(statistics.median(each), 3) for name, each in seconds.items()}
    figures = medians | ratios | {"memory_mib": round(memory), "files": arguments.files}
    return pairing.judged(figures, PROMISED, free, as_json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
