"""Which letters' containers have to be sealed again before they stop proving themselves (clause 13).

Receives the time; returns how many there are and when the first one ends; seals nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from comity import canonical
from comity.node.exchange.models import Letter
from comity.node.exchange.reading import container
from comity.sealing import longterm


@dataclass(frozen=True, slots=True)
class Endings:
    """``kept`` containers, and remains of erased ones; ``due`` of them end within a year, the first at
    ``first``; ``over`` have ended."""

    kept: int
    due: int
    over: int
    first: datetime | None


def endings(
    now: datetime, renewed: Mapping[UUID, datetime] | None = None, remains: Collection[datetime] = ()
) -> Endings:
    """Look at every stored container: at what its verification found, else at its time-stamp alone.

    ``renewed``: the ends of the letters that were sealed again; ``remains``: those of what remains of letters
    whose containers were erased.
    """
    newer = renewed or {}
    known = [
        newer.get(letter.pk) or _ending(letter) for letter in Letter.objects.exclude(container="").iterator()
    ]
    known += remains
    to_come = [ending for ending in known if ending >= now]
    return Endings(
        kept=len(known),
        due=sum(longterm.is_due(ending, now) for ending in to_come),
        over=len(known) - len(to_come),
        first=min(to_come, default=None),
    )


def _ending(letter: Letter) -> datetime:
    report: dict[str, Any] = letter.report or {}
    if report.get("proof_ends"):
        return canonical.read_instant(report["proof_ends"])
    with container(letter) as opened:
        return longterm.proof_ends(opened)
