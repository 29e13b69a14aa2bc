"""Measure sealing and verifying one large file, each beside the tools that do a part of it.

Rounds are interleaved and the first is thrown away; everything lies in memory (/dev/shm). Ratios of one
round are compared, never seconds of two; the median counts: `python benchmarks/sealing.py [--mib 1024]`.
How much two threads hash beside one says whether a second core was free; below 1.6 a promise that is not kept
is not judged.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from hashlib import file_digest
from pathlib import Path

import pairing

PROMISED = {"seal_by_age": 1.0, "seal_by_sha256": 0.8, "verify_by_openssl": 0.9, "memory_spared": 1.0}
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


def measure(folder: Path, mib: int, rounds: int) -> tuple[dict[str, list[float]], float]:
    """Seconds of each contender in every round, and MiB that the largest run held."""
    compiled = pairing.as_installed(folder)
    commands = prepare(folder, mib)
    found: dict[str, list[float]] = {name: [] for name in [*commands, "sha256"]}
    for _ in range(rounds + 1):
        for name, command in commands.items():
            found[name].append(pairing.timed(command, compiled))
            for left in folder.glob("out.*"):
                left.unlink()
        begun = time.perf_counter()
        with (folder / "evidence.bin").open("rb") as source:
            file_digest(source, "sha256")
        found["sha256"].append(time.perf_counter() - begun)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return {name: each[1:] for name, each in found.items()}, memory


def main() -> int:
    """Measure, print, compare with what is promised; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--mib", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    free = pairing.second_core()
    with tempfile.TemporaryDirectory(prefix="comity-measuring-", dir="/dev/shm") as folder:
        seconds, memory = measure(Path(folder), arguments.mib, arguments.rounds)
    free = min(free, pairing.second_core())
    ratios = {
        "seal_by_age": pairing.ratio(seconds["age"], seconds["seal"]),
        "seal_by_sha256": pairing.ratio(seconds["sha256"], seconds["seal"]),
        "verify_by_openssl": pairing.ratio(seconds["openssl"], seconds["verify"]),
    }
    medians = {name: round(statistics.median(each), 3) for name, each in seconds.items()}
    ratios["memory_spared"] = round(MEMORY_MIB / memory, 2)
    figures = medians | ratios | {"memory_mib": round(memory), "mib": arguments.mib}
    return pairing.judged(figures, PROMISED, free, as_json=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
