"""Programs timed in turn, and their ratios: what was beside one of them was beside the other too.

Rounds are interleaved and the first is thrown away; everything lies in memory (/dev/shm), and as much as the
longest output is written and thrown away before each. Ratios of one round are compared, never seconds of two;
the median counts. ``_cores`` are seconds that processors worked, which others disturb less. How much
two threads hash beside one says whether a second core was free; below ``FREE`` a promise that is not kept is
not judged.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

FREE = 1.6
"""How much faster two threads must hash than one, for a promise about two cores to be judged."""

MEMORY_MIB = 150
"""What Comity may hold, whatever the size."""
COMITY = [sys.executable, "-m", "comity.cli"]
FLOOR = str(Path(__file__).with_name("floor.py"))
"""The bare work of sealing, run beside it: how near Comity comes to it is told, and promises nothing."""


@dataclass(frozen=True, slots=True)
class Promise:
    """How many times as fast ``ours`` must be as the others one after the other; 0 is only told."""

    others: tuple[str, ...]
    ours: str
    times: float = 0.0


def compare(
    about: str | None,
    size: tuple[str, int],
    rounds: int,
    prepare: Callable[[Path, int], dict[str, list[str]]],
    promises: dict[str, Promise],
    before: Callable[[Path], None] = lambda _: None,
) -> int:
    """Time the commands that ``prepare`` makes for a size; print, compare with promises; the exit status.

    ``before`` puts right what a round uses up; it is not timed.
    """
    name, default = size
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(f"--{name}", dest="size", type=int, default=default)
    parser.add_argument("--rounds", type=int, default=rounds)
    arguments = parser.parse_args()
    free = second_core()
    with tempfile.TemporaryDirectory(prefix="comity-measuring-", dir="/dev/shm") as place:
        folder = Path(place)
        environment, commands = as_installed(folder), prepare(folder, arguments.size)
        seconds: dict[str, list[float]] = {each: [] for each in commands}
        worked: dict[str, list[float]] = {each: [] for each in commands}
        held = dict.fromkeys(commands, 0.0)
        written = 0
        for _ in range(arguments.rounds + 1):
            before(folder)
            for each, command in commands.items():
                touch(folder, written)
                taken, at_work, mib = timed(command, environment)
                seconds[each].append(taken)
                worked[each].append(at_work)
                held[each] = max(held[each], mib)
                for left in folder.glob("out.*"):
                    written = max(written, left.stat().st_size)
                    left.unlink()
    figures: dict[str, Any] = {
        f"{each}{unit}": round(statistics.median(found[1:]), 3)
        for unit, by_command in (("", seconds), ("_cores", worked))
        for each, found in by_command.items()
    }
    for each, promise in promises.items():
        others = [sum(one) for one in zip(*(seconds[other][1:] for other in promise.others), strict=True)]
        figures[each] = ratio(others, seconds[promise.ours][1:])
    memory = max(held[promise.ours] for promise in promises.values() if promise.times)
    figures |= {
        "memory_spared": round(MEMORY_MIB / memory, 2),
        "memory_mib": round(memory),
        name: arguments.size,
    }
    times = {each: promise.times for each, promise in promises.items() if promise.times}
    times["memory_spared"] = 1.0
    return judged(figures, times, min(free, second_core()), as_json=arguments.json)


def new_keys(folder: Path) -> tuple[str, str]:
    """A key folder of Comity, and a recipient of age."""
    keys = str(folder / "keys")
    made = [*COMITY, "key", "new", "--out", keys, "--name", "Trial", "--state", "XA"]
    subprocess.run(made, check=True, capture_output=True)
    asked = subprocess.run(["/usr/bin/env", "age-keygen"], check=True, capture_output=True, text=True)
    return keys, next(word for word in asked.stdout.split() if word.startswith("age1"))


def as_installed(folder: Path) -> dict[str, str]:
    """The environment of a program whose modules were compiled (into ``folder``) when it was installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}


def timed(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float, float]:
    """Seconds of one run, those that cores worked for it, and the MiB that its first process held at most."""
    begun = time.perf_counter()
    silent = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=silent, stderr=silent, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def touch(folder: Path, size: int) -> None:
    """Write so much and throw it away: who writes next finds memory that the machine has, as everybody does.

    A virtual machine gives back what nobody uses for some seconds; who came after a long reader paid for it.
    """
    piece = bytes(1 << 20)
    with (folder / "touched").open("wb") as out:
        for _ in range(-(-size // len(piece))):
            out.write(piece)
    (folder / "touched").unlink()


def ratio(slower: Sequence[float], faster: Sequence[float]) -> float:
    """The median, over the rounds, of how many times as fast the second was as the first."""
    return round(statistics.median(one / other for one, other in zip(slower, faster, strict=True)), 3)


def second_core() -> float:
    """How many times as much two threads hash as one: 2.0 when nobody else wants the second core."""
    data = bytes(1 << 20)

    def hashed() -> None:
        hashing = sha256()
        for _ in range(256):
            hashing.update(data)

    begun = time.perf_counter()
    hashed()
    alone = time.perf_counter() - begun
    threads = [threading.Thread(target=hashed) for _ in range(2)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return round(2 * alone / (time.perf_counter() - begun), 2)


def judged(figures: dict[str, Any], promised: dict[str, float], free: float, *, as_json: bool) -> int:
    """Print figures and promises: 0 if all are kept, 1 if one is not, 2 if a core was taken meanwhile."""
    kept = all(figures[name] >= promise for name, promise in promised.items())
    shown = figures | {
        "second_core": free,
        "promised": promised,
        "kept": kept if kept or free >= FREE else None,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }
    print(json.dumps(shown, indent=2) if as_json else "\n".join(f"{k}: {v}" for k, v in shown.items()))
    return 0 if kept else 1 if free >= FREE else 2
