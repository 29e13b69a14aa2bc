"""Where the other side of a case has to be called back before anything urgent is done on a letter's word.

Receives a case and the time; returns why, and what was recorded; the directory says what is doubtful.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import F, Max, Q, QuerySet

from comity.node.casework.models import Case
from comity.node.casework.noted import CallBack
from comity.node.directory import standing
from comity.node.directory.models import Authority
from comity.node.exchange.models import Direction, Letter

CONFIRMED, DENIED, NOT_REACHED = "confirmed", "denied", "not_reached"
RESULTS = (CONFIRMED, DENIED, NOT_REACHED)
MEANS = ("telephone", "video_call", "in_person", "other_network")
"""Ways that do not hang on the exchange between the nodes."""
_LOOKED_AT = 20
"""Of so many times as many as are shown it is asked; those that were confirmed fall out."""
DOUBTFUL, CHANGED = "doubtful", "changed"


@dataclass(frozen=True, slots=True)
class Needed:
    """Why and since when a call back is needed; ``denied``: they said that it is not theirs."""

    reason: str
    since: datetime
    denied: bool


def needed(case: Case, now: datetime) -> Needed | None:
    """Whether the other side has to be called back about this case.

    An emergency of an authority whose entry is in doubt is confirmed after its latest letter; contacts or
    keys that a directory changed while the case runs are confirmed after that change.
    """
    found = _reason(case, now)
    if found is None:
        return None
    reason, since = found
    last = _decided(case).filter(called_at__gte=since).last()
    if last is not None and last.result == CONFIRMED:
        return None
    return Needed(reason, since, denied=last is not None)


def among(cases: QuerySet[Case], now: datetime, most: int) -> list[tuple[Case, Needed]]:
    """Those of the cases whose other side has to be called back, the urgent ones first."""
    urgent = cases.filter(urgent=True)
    peers = Authority.objects.filter(pk__in=urgent.order_by().values_list("peer", flat=True).distinct())
    doubtful = [
        each.pk for each in peers.select_related("listing__keeper") if standing.needs_call_back(each, now)
    ]
    may_need = Q(urgent=True, peer__in=doubtful) | Q(peer__listing__settled_at__gt=F("opened_at"))
    ordered = cases.filter(may_need).select_related("peer", "peer__listing__keeper")
    looked_at = ordered.order_by("-urgent", "changed_at", "id")[: most * _LOOKED_AT]
    found = ((case, needed(case, now)) for case in looked_at.iterator(most))
    return list(islice(((case, need) for case, need in found if need is not None), most))


def committed(made: CallBack) -> dict[str, Any]:
    """What the ledger commits to of a record."""
    columns = ("number", "means", "contact", "spoken_with", "result", "remark")
    return {name: getattr(made, name) for name in columns}


def _reason(case: Case, now: datetime) -> tuple[str, datetime] | None:
    """The later of both reasons: a call confirms what was so before it."""
    found = []
    if case.urgent and standing.needs_call_back(case.peer, now):
        arrived = Letter.objects.filter(case_reference=case.reference, direction=Direction.IN)
        last = arrived.aggregate(at=Max("received_at"))["at"]
        found.append((DOUBTFUL, max(last or case.opened_at, case.opened_at)))
    changed = standing.changed_at(case.peer, case.opened_at)
    if changed:
        found.append((CHANGED, changed))
    return max(found, key=lambda each: each[1], default=None)


def _decided(case: Case) -> QuerySet[CallBack]:
    return CallBack.objects.filter(case=case, result__in=(CONFIRMED, DENIED)).order_by("called_at", "id")
