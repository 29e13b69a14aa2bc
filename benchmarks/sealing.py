"""Measure sealing and verifying one large file, each beside the tools that do a part of it.

Rounds are interleaved and the first is thrown away; everything lies in memory (/dev/shm). Ratios of one run
are compared, never seconds of two: `python benchmarks/sealing.py [--mib 1024]`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from hashlib import file_digest
from pathlib import Path

PROMISED = {"seal_by_age": 1.0, "seal_by_sha256": 0.8, "verify_by_openssl": 0.9}
MEMORY_MIB = 150
_PIECE = 1 << 20


def prepare(folder: Path, mib: int) -> dict[str, list[str]]:
    """The file, keys and a sealed package; the command of each contender."""
    file, comity = folder / "evidence.bin", [sys.executable, "-m", "comity.cli"]
    with file.open("wb") as out:
        for _ in range(mib):
            out.write(os.urandom(_PIECE))
    keys, package = folder / "keys", folder / "plain.asice"
    made = [*comity, "key", "new", "--out", str(keys), "--name", "Trial", "--state", "XA"]
    subprocess.run(made, check=True, capture_output=True)
    seal = [*comity, "seal", str(file), "--key", str(keys)]
    subprocess.run([*seal, "-o", str(package)], check=True, capture_output=True)
    recipient = subprocess.run(
        ["/usr/bin/env", "age-keygen"], check=True, capture_output=True, text=True
    ).stdout
    to = next(line for line in recipient.split() if line.startswith("age1"))
    return {
        "seal": [*seal, "--to", str(keys), "-o", str(folder / "out.asice.age")],
        "age": ["age", "-r", to, "-o", str(folder / "out.age"), str(file)],
        "verify": [*comity, "verify", str(package), "--trust", str(keys)],
        "openssl": ["openssl", "dgst", "-sha256", str(package)],
    }


def timed(command: list[str]) -> float:
    """Seconds of one run."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def measure(folder: Path, mib: int, rounds: int) -> dict[str, float]:
    """Median seconds of each contender, and MiB that the largest run held."""
    commands = prepare(folder, mib)
    found: dict[str, list[float]] = {name: [] for name in [*commands, "sha256"]}
    for _ in range(rounds + 1):
        for name, command in commands.items():
            found[name].append(timed(command))
            for left in folder.glob("out.*"):
                left.unlink()
        begun = time.perf_counter()
        with (folder / "evidence.bin").open("rb") as source:
            file_digest(source, "sha256")
        found["sha256"].append(time.perf_counter() - begun)
    seconds = {name: statistics.median(each[1:]) for name, each in found.items()}
    return seconds | {"memory_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024}


def main() -> int:
    """Measure, print, compare with what is promised; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--mib", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="comity-measuring-", dir="/dev/shm"))
    try:
        seconds = measure(folder, arguments.mib, arguments.rounds)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ratios = {
        "seal_by_age": seconds["age"] / seconds["seal"],
        "seal_by_sha256": seconds["sha256"] / seconds["seal"],
        "verify_by_openssl": seconds["openssl"] / seconds["verify"],
    }
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    shown = seconds | ratios | {"mib": arguments.mib, "machine": machine}
    print(json.dumps(shown, indent=2) if arguments.json else "\n".join(f"{k}: {v}" for k, v in shown.items()))
    kept = all(ratios[name] >= promise for name, promise in PROMISED.items())
    return 0 if kept and seconds["memory_mib"] < MEMORY_MIB else 1


if __name__ == "__main__":
    sys.exit(main())
