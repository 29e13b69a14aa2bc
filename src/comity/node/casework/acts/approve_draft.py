"""Approve a draft in review: a reviewer answers for what it says before the signatory does."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node import config
from comity.node.accounts.authority import second_person
from comity.node.accounts.models import Official
from comity.node.casework import drafts, events
from comity.node.casework.models import Case, Preparation, Side
from comity.node.casework.standing import begin, demand_preparation
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

REQUIRED = "required"
"""The setting under which no request is signed that no reviewer approved."""


class ApprovalMissingError(ComityError):
    """This node lets a request be signed only after a reviewer approved it."""

    code = "approval_missing"
    message = gettext_noop("No reviewer has approved the draft of case {case} yet.")
    next_step = gettext_noop("Ask a reviewer to approve it or to give it back.")


@transaction.atomic
def approve_draft(official: Official, case: Case, *, now: datetime) -> Case:
    """Approve the draft as it is in review; FourEyesError for its drafter, DraftIncompleteError as there."""
    case = begin(official, "approve_draft", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.IN_REVIEW})
    second_person(case.drafter, official)
    drafts.demand_complete(case)
    case.approver, case.approved_at, case.changed_at = official, now, now
    case.save(update_fields=["approver", "approved_at", "changed_at"])
    content = {"what": "draft_approved", "case": case.reference, "by": official.pk}
    entry = entries.append("draft_approved", case.reference, content, now=now)
    events.note(case, "draft_approved", now=now, by=official, entry=entry)
    return case


def is_required() -> bool:
    """Whether this node asks for a reviewer's approval before every signature."""
    return config.current().review == REQUIRED


def demand_approval(case: Case, signatory: Official) -> None:
    """Where approval is required, raise ApprovalMissingError without it, FourEyesError for the approver.

    Elsewhere it may be there or not: a small authority has four eyes with drafter and signatory alone.
    """
    if not is_required():
        return
    if case.approver is None:
        raise ApprovalMissingError(case=case.reference)
    second_person(case.approver, signatory)
