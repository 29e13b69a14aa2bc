"""Ratios of things that were timed in turn: what was beside one of them was beside the other too."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import threading
import time
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

FREE = 1.6
"""How much faster two threads must hash than one, for a promise about two cores to be judged."""


def as_installed(folder: Path) -> dict[str, str]:
    """The environment of a program whose modules were compiled (into ``folder``) when it was installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(folder / "compiled")}


def timed(command: Sequence[str], environment: dict[str, str]) -> float:
    """Seconds of one run."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    return time.perf_counter() - begun


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
