"""Limits on the use of what is given: those of a result, and conditions once they are accepted.

Which limits bar which use; which of them bind, and by which provision, the letters and the opinion say.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from comity.node.casework import opinions
from comity.node.casework.models import Case, CaseKind, Limit, Purpose, Side
from comity.node.casework.opinions import PERSONAL_DATA
from comity.node.exchange.models import Direction, Letter
from comity.node.exhibits.models import Exhibit
from comity.terms import Outcome


def lay_down(case: Case, limits: list[dict[str, Any]], letter: uuid.UUID, now: datetime) -> None:
    """Keep limits with the case, on both sides, from the letter on that made them bind."""
    Limit.objects.bulk_create(
        Limit(
            case=case, limit=each["id"], cite=each["cite"], text=each["text"] or "", letter=letter, since=now
        )
        for each in limits
    )


_BARRING: dict[str, frozenset[str]] = {
    Purpose.OTHER_PROCEEDINGS: frozenset({"stated_purpose_only"}),
    Purpose.ORGANISATION_INSIDE: frozenset({"stated_purpose_only", "confidential"}),
    Purpose.THIRD_STATE: frozenset({"no_onward_transfer", "stated_purpose_only", "confidential"}),
    Purpose.INTERNATIONAL_ORGANISATION: frozenset(
        {"no_onward_transfer", "stated_purpose_only", "confidential"}
    ),
}
"""The limits that bar a use. None of them bars the proceedings that the request states."""
_BARS_ALL = frozenset({"emergency_not_validated"})
"""Those that bar every use but a disclosure of what exculpates an accused person."""
_HOLDERS = frozenset({"requesting", "receiving", "both"})
_ASKED = frozenset({"requested", "both"})
"""Whom a limit binds in the use of what was received: an answer, or what a request itself says."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A limit that stands against a use, with its provision."""

    limit: str
    cite: str


def barring(case: Case, purpose: str) -> list[Bar]:
    """The limits that bar a use of what was received: those that came with it and those of the treaty.

    Who was asked has received the request itself. A limit that hangs on an unknown fact bars too: unknown is
    not absent.
    """
    barred_by = _BARRING.get(purpose, frozenset())
    if purpose != Purpose.EXCULPATORY_DISCLOSURE:
        barred_by |= _BARS_ALL
    bound = of_request(case) if _holds_request(case) else of_answer(case)
    told = [Bar(each.limit, each.cite) for each in bound]
    return list(dict.fromkeys(bar for bar in (*told, *_of_treaty(case)) if bar.limit in barred_by))


def of_answer(case: Case) -> QuerySet[Limit]:
    """The limits that bind the use of what answers a request, or of information."""
    return case.limits.exclude(letter__in=_grants(case)).order_by("since", "id")


def of_request(case: Case) -> QuerySet[Limit]:
    """The limits that bind the use of what a request itself says: conditions of passing it on."""
    return case.limits.filter(letter__in=_grants(case)).order_by("since", "id")


def _grants(case: Case) -> QuerySet[Letter, Any]:
    """The letters by which the side that asked permits that what its request says is passed on."""
    direction = Direction.OUT if case.side == Side.REQUESTING else Direction.IN
    found = Letter.objects.filter(case_reference=case.reference, direction=direction)
    return found.filter(kind="onward_permission_granted").values("pk")


def _holds_request(case: Case) -> bool:
    return case.kind == CaseKind.REQUEST and case.side == Side.REQUESTED


def _of_treaty(case: Case) -> list[Bar]:
    found = (case.opinion or {}).get("limits", [])
    held = _ASKED if _holds_request(case) else _HOLDERS
    return [
        Bar(each["id"], each["cite"])
        for each in found
        if each["of"] in held
        and each.get("outcome") != Outcome.DOES_NOT_APPLY
        and not (held is _ASKED and _is_unasked(case, each))
    ]


def _is_unasked(case: Case, limit: dict[str, Any]) -> bool:
    """Whether it is confidentiality of the request, which the side that asks may require, and did not."""
    return (limit["id"], limit["of"]) == ("confidential", Side.REQUESTED) and not case.confidential


def hold(case: Case, letter: uuid.UUID, now: datetime) -> None:
    """Keep the limits of the treaty with what was received until now, before the opinion becomes another's.

    A further request has its own opinion; what came by the earlier ``letter`` stays bound as it was.
    """
    kept = {(each.limit, each.cite) for each in of_answer(case)}
    fresh = dict.fromkeys(bar for bar in _of_treaty(case) if (bar.limit, bar.cite) not in kept)
    lay_down(case, [{"id": bar.limit, "cite": bar.cite, "text": ""} for bar in fresh], letter, now)


def accepted_with(case: Case, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The limits of a result, with the accepted conditions on personal data: they go with what they bind."""
    words: dict[str, list[str]] = {}
    for each in of_answer(case).filter(limit=PERSONAL_DATA):
        words.setdefault(each.cite, []).append(each.text)
    others = [each for each in wanted if (each["id"], each["cite"] in words) != (PERSONAL_DATA, True)]
    conditions = [
        {"id": PERSONAL_DATA, "cite": cite, "text": "\n".join(dict.fromkeys(texts)) or None}
        for cite, texts in words.items()
    ]
    return [*others, *conditions]


def travelling(case: Case) -> list[dict[str, Any]]:
    """The limits that apply to what this side tells: they travel with an answer that has no exhibits."""
    found = opinions.limits(case.opinion or {"limits": []})
    wanted = [
        {"id": each["id"], "cite": each["cite"], "text": None} for each in found if opinions.applies(each)
    ]
    return accepted_with(case, wanted)


def binding(exhibit: Exhibit) -> list[Limit]:
    """What binds the use of an exhibit on either side; wiring registers this with the exhibits' room."""
    case = Case.objects.filter(reference=exhibit.case_reference).first()
    if case is None:
        return []
    came_with_it = exhibit.letter is not None and exhibit.origin == case.peer_id
    return list(of_request(case) if _holds_request(case) and came_with_it else of_answer(case))
