"""Submit a complete draft for review, or return it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import drafts, events
from comity.node.casework.models import Case, Preparation, Side
from comity.node.casework.standing import begin, demand_preparation


@transaction.atomic
def submit_for_review(official: Official, case: Case, *, now: datetime) -> Case:
    """Hand the draft to whoever signs; DraftIncompleteError names what the treaty requires and it lacks."""
    case = begin(official, "submit_for_review", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.DRAFT})
    drafts.demand_complete(case)
    case.preparation, case.changed_at = Preparation.IN_REVIEW, now
    case.save(update_fields=["preparation", "changed_at"])
    events.note(case, "draft_submitted", now=now, by=official)
    return case


@transaction.atomic
def return_draft(official: Official, case: Case, reason: str, *, now: datetime) -> Case:
    """Give the draft back to its drafter with a reason."""
    case = begin(official, "return_draft", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.IN_REVIEW})
    case.preparation, case.changed_at = Preparation.DRAFT, now
    case.save(update_fields=["preparation", "changed_at"])
    events.note(case, "draft_returned", now=now, by=official, reason=reason)
    return case
