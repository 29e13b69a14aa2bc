"""Assignments over the API: who executes an item, by when, as the page has it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from comity.node.accounts.authority import NothingThereError
from comity.node.accounts.models import Official, Organisation
from comity.node.api.entering import find_case, official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.casework import assignments
from comity.node.casework.acts.assign_execution import assign_execution
from comity.node.casework.entitlement import may_read
from comity.node.casework.models import Assignment
from comity.shapes import Remark

router = Router()
_ASSIGNMENTS = "/cases/{reference}/assignments"
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Executing(Strict):
    """Items for an executing officer by user name; or, without one, for a body by its id."""

    items: list[Number] = Field(min_length=1, max_length=1000)
    officer: str | None = Field(default=None, max_length=150)
    organisation: str | None = Field(default=None, max_length=50)
    due_at: Annotated[AwareDatetime, Field(strict=False)]  # JSON has no instants, only their text
    instructions: Remark = ""


class AssignmentOut(Schema):
    """An assignment; without instructions for whoever only oversees the case."""

    item: int
    officer: str | None
    organisation: str | None
    due_at: datetime
    instructions: str
    by: str
    at: datetime
    ended_at: datetime | None


@router.get(_ASSIGNMENTS, response={200: list[AssignmentOut], FAILURES: Failure})
def assignments_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """The assignments of a case, by item, the earliest first."""
    official = official_of(request)
    case = find_case(official, reference)
    readable = may_read(official, case)
    return [_assignment(each, readable=readable) for each in assignments.of_case(case)]


@router.post(_ASSIGNMENTS, response={201: list[AssignmentOut], FAILURES: Failure})
def assign(request: HttpRequest, reference: str, given: Executing) -> Status[list[dict[str, Any]]]:
    """Give items to an officer or a body, with a deadline."""
    official = official_of(request)
    case = find_case(official, reference)
    made = assign_execution(
        official,
        case,
        given.items,
        _whom(given),
        due_at=given.due_at,
        instructions=given.instructions,
        now=timezone.now(),
    )
    return Status(201, [_assignment(each, readable=True) for each in made])


def _whom(given: Executing) -> Official | Organisation:
    """The officer or the body that is named; NothingThereError for one that is not there."""
    found: Official | Organisation | None
    if given.officer is not None:
        found = Official.objects.filter(username=given.officer).first()
    else:
        found = Organisation.objects.filter(pk=given.organisation or "").first()
    if found is None:
        raise NothingThereError(name=given.officer or given.organisation or "?")
    return found


def _assignment(row: Assignment, *, readable: bool) -> dict[str, Any]:
    return {
        "item": row.item.number,
        "officer": row.officer.username if row.officer else None,
        "organisation": row.organisation_id,
        "due_at": row.due_at,
        "instructions": row.instructions if readable else "",
        "by": row.by.username,
        "at": row.at,
        "ended_at": row.ended_at,
    }
