"""Where the other side of a case has to be called back before anything urgent is done on a letter's word.

Receives a case and the time; returns why, and what was recorded; the directory says what is doubtful.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import F, Max, Q, QuerySet

from comity.node.casework.averting import Emergency
from comity.node.casework.models import Case, Side
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
DOUBTFUL, CHANGED, EMERGENCY = "doubtful", "changed", "emergency"


@dataclass(frozen=True, slots=True)
class Needed:
    """Why and since when a call back is needed; ``denied``: they said that it is not theirs."""

    reason: str
    since: datetime
    denied: bool


def needed(case: Case, now: datetime) -> Needed | None:
    """Whether the other side has to be called back about this case.

    Data for an emergency are always confirmed after the letter that asks for them, at a contact of the
    directory. Something urgent of an authority whose entry is in doubt is confirmed after its latest letter;
    contacts or keys that a directory changed while the case runs are confirmed after that change.
    """
    emergency = _emergency(case)
    found = _reason(case, emergency, now)
    if found is None:
        return None
    reason, since = found
    last = _decided(case).filter(called_at__gte=_minute(since), at__gte=since).last()
    if last is None or last.result == DENIED:
        return Needed(reason, since, denied=last is not None)
    return None if emergency is None or reaches(last) else Needed(reason, since, denied=False)


def last_decided(case: Case) -> CallBack | None:
    """The latest call in which somebody confirmed or denied."""
    return _decided(case).select_related("by").last()


def digits(text: str) -> str:
    """The digits of a number, however it is written."""
    return "".join(each for each in text if each.isdecimal())


def known_numbers(peer: Authority) -> list[str]:
    """The digits of the numbers at which, by the directory, an authority confirms."""
    found = (digits(str(each.get("telephone", ""))) for each in standing.confirmation_contacts(peer))
    return [each for each in found if each]


def reaches(call: CallBack) -> bool:
    """Whether it was made to a contact that the directory names for it; any, where it names none.

    By telephone to its number; by another way to the number, address or post that stands there.
    """
    contacts = standing.confirmation_contacts(call.case.peer)
    called, number = call.contact.casefold(), digits(call.contact)
    if any(each in number for each in known_numbers(call.case.peer)) or not contacts:
        return True
    if call.means == "telephone" and known_numbers(call.case.peer):
        return False
    names = (str(each.get(part, "")) for each in contacts for part in ("post", "email", "address"))
    return any(each.casefold() in called for each in names if each)


def among(cases: QuerySet[Case], now: datetime, most: int) -> list[tuple[Case, Needed]]:
    """Those of the cases whose other side has to be called back, the urgent ones first."""
    urgent = cases.filter(urgent=True)
    peers = Authority.objects.filter(pk__in=urgent.order_by().values_list("peer", flat=True).distinct())
    doubtful = [
        each.pk for each in peers.select_related("listing__keeper") if standing.needs_call_back(each, now)
    ]
    may_need = Q(urgent=True, peer__in=doubtful) | Q(peer__listing__settled_at__gt=F("opened_at"))
    may_need |= Q(side=Side.REQUESTED, emergency__revoked=None, emergency__lapsed_at=None) & Q(
        emergency__disclosed=None, emergency__isnull=False
    )
    ordered = cases.filter(may_need).select_related("peer", "peer__listing__keeper")
    looked_at = ordered.order_by("-urgent", "changed_at", "id")[: most * _LOOKED_AT]
    found = ((case, needed(case, now)) for case in looked_at.iterator(most))
    return list(islice(((case, need) for case, need in found if need is not None), most))


def committed(made: CallBack) -> dict[str, Any]:
    """What the ledger commits to of a record."""
    columns = ("number", "means", "contact", "spoken_with", "result", "remark")
    return {name: getattr(made, name) for name in columns}


def _emergency(case: Case) -> Emergency | None:
    """The emergency that this side was asked to help avert, while it is not over."""
    found = Emergency.objects.filter(case=case, case__side=Side.REQUESTED).first()
    return None if found is None or found.is_over else found


def _minute(at: datetime) -> datetime:
    """Calls are recorded to the minute."""
    return at.replace(second=0, microsecond=0)


def _reason(case: Case, emergency: Emergency | None, now: datetime) -> tuple[str, datetime] | None:
    """The latest of the reasons: a call confirms what was so before it."""
    found = [(EMERGENCY, emergency.asked_at)] if emergency else []
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
