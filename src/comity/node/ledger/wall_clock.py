"""Whether the clock of this machine can be believed: wall time beside the time that the machine has run.

The two go on together; where they part, somebody set the clock. The pair that was taken for good lies in
``run/clock`` and stands until the machine starts anew, so that small steps add up and a step while the node
was off is seen too. After a start there is no pair: then the clock must not lie behind the last entry of the
ledger. While it stands stepped nothing gets a time from it: no entry, no head, no receipt, no letter.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.utils import timezone

from comity import canonical
from comity.node import config, durable
from comity.node.ledger.models import Entry
from comity.terms import ComityError, gettext_noop

MOST = timedelta(minutes=5)
"""How far the clock may part from the machine's own time; a peer's clock is granted as much."""
COME_AGAIN = 60
"""Seconds after which a peer that was turned away asks again."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # goes on while the machine sleeps


class ClockSteppedError(ComityError):
    """The machine's clock was set by more than five minutes, or lies behind what the ledger holds."""

    code = "clock_stepped"
    temporary = True
    message = gettext_noop("The node's clock is {minutes} minutes off what it should show; nothing is done.")
    next_step = gettext_noop(
        "An administrator sets it right, or says that it is right: comity node clock DIR"
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at both clocks: wall time, seconds since the machine started, and which start that was."""

    wall: datetime
    running: float
    boot: str


@dataclass(frozen=True, slots=True)
class Step:
    """The clock shows ``shown`` where ``expected`` would be right (at least that, after a start)."""

    shown: datetime
    expected: datetime

    @property
    def seconds(self) -> float:
        """How far it went: below zero when it was set back."""
        return (self.shown - self.expected).total_seconds()

    def error(self) -> ClockSteppedError:
        """What whoever wants to act is told."""
        return ClockSteppedError(minutes=round(self.seconds / 60), retry_after=COME_AGAIN)


def _look() -> Reading:
    return Reading(datetime.now(UTC), time.clock_gettime(_SINCE_BOOT), _this_boot())


look: Callable[[], Reading] = _look


def step() -> Step | None:
    """How the clock has stepped; None while it can be believed. Writes nothing."""
    return _compared(_anchor(), look())


def demand_steady() -> None:
    """Raise ClockSteppedError while the clock cannot be believed."""
    anchor, reading = _anchor(), look()
    found = _compared(anchor, reading)
    if found is not None:
        raise found.error()
    if not _holds(anchor, reading):
        believe(reading)


def now() -> datetime:
    """The time, once the clock that gave it was found steady."""
    moment = timezone.now()
    demand_steady()
    return moment


def believe(reading: Reading) -> None:
    """Take a pair of times for good from now on."""
    target = _place(config.current().folder)
    durable.make_directories(target.parent)
    pair = {"boot": reading.boot, "wall": reading.wall.isoformat(), "running": repr(reading.running)}
    spare = target.with_name(f"clock-{uuid4().hex}")
    with durable.new_file(spare) as out:
        out.write(canonical.write(pair))
    spare.replace(target)
    durable.sync_directory(target.parent)


def _anchor() -> Reading | None:
    """The pair that was taken for good; None where there is none, or none that can be read."""
    path = _place(config.current().folder)
    try:
        written = path.stat()  # every entry asks; the file is read when it is another
        return _pair(path, written.st_ino, written.st_mtime_ns)
    except (OSError, ComityError, KeyError, TypeError, ValueError):
        return None


@lru_cache(maxsize=4)
def _place(folder: Path) -> Path:
    return folder / "run" / "clock"


@lru_cache(maxsize=4)
def _pair(path: Path, _inode: int, _written: int) -> Reading:
    pair: Any = canonical.read(path.read_bytes())
    return Reading(datetime.fromisoformat(pair["wall"]), float(pair["running"]), pair["boot"])


def _holds(anchor: Reading | None, reading: Reading) -> bool:
    """Whether the pair is of this start of the machine."""
    return anchor is not None and anchor.boot == reading.boot and anchor.running <= reading.running


def _compared(anchor: Reading | None, reading: Reading) -> Step | None:
    if anchor is not None and _holds(anchor, reading):
        expected = anchor.wall + timedelta(seconds=reading.running - anchor.running)
        return Step(reading.wall, expected) if abs(reading.wall - expected) > MOST else None
    last = last_moment()
    return Step(reading.wall, last) if last is not None and reading.wall < last - MOST else None


def last_moment() -> datetime | None:
    """The time of the ledger's last entry."""
    return Entry.objects.order_by("-id").values_list("written_at", flat=True).first()


@lru_cache(maxsize=1)
def _this_boot() -> str:
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:  # another system than Linux: a start is known by its time that begins anew
        return ""
