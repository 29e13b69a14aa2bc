"""The machine's clock under a node, which somebody sets; whether what was written since bears a right time.

The time of the play is right and goes on; what the node is shown is that time and by how much it was set.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.utils import timezone
from tests.faults.founding import NOW

from comity.node.exchange.models import Letter, Receipt
from comity.node.ledger import entries, sequencer, wall_clock
from comity.node.ledger.models import Checkpoint, Entry
from comity.node.ledger.wall_clock import ClockSteppedError, Reading
from comity.node.witnesses.models import Head

SIZES = (timedelta(minutes=5, seconds=1), timedelta(hours=1), timedelta(days=30), timedelta(days=3650))
"""By how much the clock is set at least and at most: between two neighbours, ahead or back."""
_STAMPS = (
    (Entry, "written_at"),
    (Checkpoint, "made_at"),
    (Receipt, "at"),
    (Head, "cosigned_at"),
    (Letter, "sealed_at"),
    (Letter, "received_at"),
)
"""What bears a time of this node's."""


class Clock:
    """Shows the right time until it is set."""

    def __init__(self, right: Callable[[], datetime]) -> None:
        self.right, self.off = right, timedelta(0)
        wall_clock.look = self._look
        timezone.now = self.wall

    def wall(self) -> datetime:
        """What it shows."""
        return self.right() + self.off

    def set(self, seed: int) -> None:
        """Somebody sets it."""
        chance = random.Random(seed)
        which = chance.randrange(len(SIZES) - 1)
        self.off = chance.uniform(0, 1) * (SIZES[which + 1] - SIZES[which]) + SIZES[which]
        self.off *= chance.choice((1, -1))

    def _look(self) -> Reading:
        running = (self.right() - NOW).total_seconds() + 1000.0
        return Reading(self.wall(), running, "the machine's only start")


class Since:
    """What stood in the books before a deed, and what came during it."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.began = clock, clock.right()
        self.before = [set(_stamped(model, field)) for model, field in _STAMPS]

    def wrong(self) -> Iterator[str]:
        """Every time that the set clock gave; whether the ledger still takes and signs something."""
        for (model, field), before in zip(_STAMPS, self.before, strict=True):
            for key, at in set(_stamped(model, field)) - before:
                if not self.began <= at <= self.clock.right():
                    yield f"{model.__name__} {key} bears the time {at} of a clock that was set"
        for what, act in (("takes an entry", _append), ("signs a head", sequencer.sequence)):
            try:
                act(self.clock.wall())
            except ClockSteppedError:
                continue
            yield f"the ledger {what} though the clock was set"


def _append(now: datetime) -> None:
    entries.append("tested", "set", {"what": "tested"}, now=now)


def _stamped(model: type, field: str) -> Iterator[tuple[object, datetime]]:
    rows = model.objects.exclude(**{field: None})  # type: ignore[attr-defined]
    if model is Receipt:
        rows = rows.filter(issued_by="xa-247")
    yield from rows.values_list("pk", field)
