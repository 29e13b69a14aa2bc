"""How many full opinions a second one core gives, and how long loading the law takes.

An opinion is full: facts read from their JSON shape, every instrument's basis, all lists, the JSON shape of
the answer. The facts are those of the cases beside the law, in turn, so that no single measure decides the
figure; the time is that of one core at work. Loading is timed by the clock in processes of its own (a process
loads once), the median of several.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

from comity.reasoning import advise, read
from comity.reasoning.expectations import with_nulls
from comity.treaties import load

ROOT = Path(__file__).resolve().parents[1]
OPINIONS_A_SECOND = 2000
LOADING_SECONDS = 0.3
_LOADING = (
    "import time, comity.treaties as t; a = time.perf_counter(); t.load(); print(time.perf_counter() - a)"
)


def facts() -> list[dict[str, Any]]:
    """The facts of every case beside the law."""
    paths = sorted((ROOT / "law").glob("*/cases/*.toml"))
    return [with_nulls(tomllib.loads(path.read_text(encoding="utf-8"))["facts"]) for path in paths]


def opinions_a_second(seconds: float, rounds: int) -> list[float]:
    """The rate of each round; the first, in which caches fill, is not counted."""
    library, asked = load(), facts()
    rates = []
    for _ in range(rounds + 1):
        count, started = 0, time.process_time()
        while time.process_time() - started < seconds:
            for one in asked:
                advise(read(one, library), library).as_dict()
            count += len(asked)
        rates.append(count / (time.process_time() - started))
    return rates[1:]


def loading_seconds(times: int) -> list[float]:
    """How long `load()` takes, each time in a new process with the law in the page cache."""
    command = [sys.executable, "-c", _LOADING]
    return [float(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(times)]


def main() -> int:
    """Measure, print, and compare with what is promised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=2.0, help="of each round")
    arguments = parser.parse_args()
    rates, loading = opinions_a_second(arguments.seconds, 5), loading_seconds(7)
    found = {
        "opinions_a_second": round(statistics.median(rates)),
        "opinions_range": [round(min(rates)), round(max(rates))],
        "loading_seconds": round(statistics.median(loading), 3),
        "loading_range": [round(min(loading), 3), round(max(loading), 3)],
        "cases": len(facts()),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }
    kept = found["opinions_a_second"] >= OPINIONS_A_SECOND and found["loading_seconds"] < LOADING_SECONDS
    print(json.dumps(found, indent=2) if arguments.json else "\n".join(f"{k}: {v}" for k, v in found.items()))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
