"""Limits on the use of what is given: those of a result, and conditions once they are accepted.

Which limits bar which use; which of them bind, and by which provision, the letters and the opinion say.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comity.node.casework.models import Case, Limit, Purpose
from comity.node.casework.opinions import PERSONAL_DATA
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
"""The limits that bar a use. None bars the proceedings that the request states, nor a disclosure of what
exculpates an accused person."""
_HOLDERS = frozenset({"requesting", "receiving", "both"})


@dataclass(frozen=True, slots=True)
class Bar:
    """A limit that stands against a use, with its provision."""

    limit: str
    cite: str


def barring(case: Case, purpose: str) -> list[Bar]:
    """The limits that bar a use of what was received: those that came with it and those of the treaty.

    A limit that hangs on an unknown fact bars too: unknown is not absent.
    """
    barred_by = _BARRING.get(purpose, frozenset())
    told = [Bar(each.limit, each.cite) for each in case.limits.all()]
    return list(dict.fromkeys(bar for bar in (*told, *_of_treaty(case)) if bar.limit in barred_by))


def _of_treaty(case: Case) -> list[Bar]:
    found = (case.opinion or {}).get("limits", [])
    return [
        Bar(each["id"], each["cite"])
        for each in found
        if each["of"] in _HOLDERS and each.get("outcome") != Outcome.DOES_NOT_APPLY
    ]


def hold(case: Case, letter: uuid.UUID, now: datetime) -> None:
    """Keep the limits of the treaty with what was received until now, before the opinion becomes another's.

    A further request has its own opinion; what came by the earlier ``letter`` stays bound as it was.
    """
    kept = {(each.limit, each.cite) for each in case.limits.all()}
    fresh = dict.fromkeys(bar for bar in _of_treaty(case) if (bar.limit, bar.cite) not in kept)
    lay_down(case, [{"id": bar.limit, "cite": bar.cite, "text": ""} for bar in fresh], letter, now)


def accepted_with(case: Case, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The limits of a result, with the accepted conditions on personal data: they go with what they bind."""
    words: dict[str, list[str]] = {}
    for each in case.limits.filter(limit=PERSONAL_DATA).order_by("since", "id"):
        words.setdefault(each.cite, []).append(each.text)
    others = [each for each in wanted if (each["id"], each["cite"] in words) != (PERSONAL_DATA, True)]
    conditions = [
        {"id": PERSONAL_DATA, "cite": cite, "text": "\n".join(dict.fromkeys(texts)) or None}
        for cite, texts in words.items()
    ]
    return [*others, *conditions]


def binding(exhibit: Exhibit) -> list[Limit]:
    """What binds the use of an exhibit on either side; wiring registers this with the exhibits' room."""
    return list(Limit.objects.filter(case__reference=exhibit.case_reference).order_by("since", "id"))
