"""Figures of drills over 90 days: of each peer as this desk measured it, and of this desk itself.

Reads rows; changes nothing. A drill counts once it has ended; one that was declined counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from comity.node.directory.models import Authority
from comity.node.drills.models import ENDED, Drill, State
from comity.proofs import drills


def of_peer(peer: Authority, now: datetime) -> drills.Figure:
    """How a peer's desk answered the drills of this one."""
    return _figure(_ended(now).filter(peer=peer, ours=True))


def of_peers(now: datetime) -> dict[str, drills.Figure]:
    """The same for every peer that was asked, by id, in one query."""
    rows: dict[str, list[Drill]] = {}
    for each in _ended(now).filter(ours=True):
        rows.setdefault(each.peer_id, []).append(each)
    return {peer: _figure(found) for peer, found in rows.items()}


def own(now: datetime) -> drills.Figure:
    """How this desk answered the drills that reached it; of those that did not it cannot know."""
    return _figure(_ended(now).filter(ours=False))


def alarms() -> list[Drill]:
    """The last drill to each peer, where the desk was not reached or nobody answered in time."""
    of_the_peer = Drill.objects.filter(peer=OuterRef("peer"), ours=True, state__in=ENDED)
    last = of_the_peer.order_by("-sent_at", "-id").values("pk")[:1]
    found = Drill.objects.filter(ours=True, state__in=(State.UNREACHED, State.SILENT), pk=Subquery(last))
    return list(found.select_related("peer").order_by("sent_at", "id"))


def _ended(now: datetime) -> QuerySet[Drill]:
    return Drill.objects.filter(state__in=ENDED, sent_at__gt=now - drills.COUNTED)


def _figure(rows: Iterable[Drill]) -> drills.Figure:
    return drills.figure((each.state != State.UNREACHED, each.seconds, each.in_time) for each in rows)
