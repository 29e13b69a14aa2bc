"""The use of an exhibit, as its custody tells it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from comity.node.accounts.models import Official
from comity.node.exhibits import closing, custody
from comity.node.exhibits.models import Exhibit
from comity.node.exhibits.reading import ExhibitDestroyedError
from comity.proofs.custody import CustodyAct

_LONGEST = 2000


def record(exhibits: Iterable[Exhibit], *, official: Official, note: str, now: datetime) -> None:
    """Each exhibit gets the custody record ``used``; ExhibitDestroyedError for one that is no more."""
    used = list(exhibits)
    closing.demand_open(used)
    for exhibit in used:
        if exhibit.wrapped_key is None:
            raise ExhibitDestroyedError(number=exhibit.number)
        custody.record(exhibit, CustodyAct.USED, official=official, note=note[:_LONGEST], now=now)
