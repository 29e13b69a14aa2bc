"""Go back to an earlier version of a draft, as a new version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import drafts, events, versions
from comity.node.casework.acts.save_draft import take
from comity.node.casework.models import Case, Origin, Preparation, Side
from comity.node.casework.standing import begin, demand_preparation

_WITHOUT: dict[str, Any] = {"language": "", "translations": []}
"""A version that says nothing of languages takes back what was said of them since."""


@transaction.atomic
def restore_version(official: Official, case: Case, number: int, *, now: datetime) -> Case:
    """Let the draft say again what a version said. Nothing is lost: what it said until now stays a version.

    Raises VersionUnknownError, and VersionOfAnotherRequestError for one of an earlier request of the case.
    """
    case = begin(official, "save_draft", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.DRAFT})
    draft, version = drafts.of(case), versions.find(case, number)
    if any(version.body[key] != draft[key] for key in ("measure", "instrument")):
        raise versions.VersionOfAnotherRequestError(number=number)
    if versions.number_now(case) != number or version.body != draft:
        take(official, case, drafts.merge(draft, _WITHOUT | version.body), now=now)
        versions.keep(case, official, now=now, origin=Origin.RESTORED, source=str(number))
        events.note(case, "draft_restored", now=now, by=official, number=number)
    return case
