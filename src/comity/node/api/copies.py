"""Working copies over the API: made from the original, opened, destroyed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status

from comity.node.accounts.authority import NothingThereError
from comity.node.accounts.models import Official
from comity.node.api.entering import official_of
from comity.node.api.keeping import Purpose, Why, find_exhibit
from comity.node.api.shapes import FAILURES, Failure
from comity.node.exhibits import working_copies
from comity.node.exhibits.models import WorkingCopy

router = Router()


class CopyOut(Schema):
    """A working copy; ``code`` says why one could not be made, ``derivatives`` what was made from it."""

    number: str
    purpose: str
    state: str
    code: str
    made_by: str
    asked_at: datetime
    destroyed_at: datetime | None
    derivatives: list[str]


@router.get("/exhibits/{number}/copies", response={200: list[CopyOut], FAILURES: Failure})
def copies(request: HttpRequest, number: str) -> list[dict[str, Any]]:
    """The working copies of an exhibit, the first made first."""
    found = find_exhibit(official_of(request), number)
    return [_copy(each) for each in found.working_copies.select_related("made_by")]


@router.post("/exhibits/{number}/copies", response={201: CopyOut, FAILURES: Failure})
def new_copy(request: HttpRequest, number: str, why: Purpose) -> Status[dict[str, Any]]:
    """Make a working copy; it is ready when its hash was found to be the original's."""
    official = official_of(request)
    found = find_exhibit(official, number)
    return Status(201, _copy(working_copies.ask(official, found, purpose=why.purpose, now=timezone.now())))


@router.post("/exhibits/{number}/copies/{which}/destruction", response={200: CopyOut, FAILURES: Failure})
def destroy(request: HttpRequest, number: str, which: str, why: Why) -> dict[str, Any]:
    """Destroy a working copy; the original stays."""
    official = official_of(request)
    found = find_copy(official, number, which)
    return _copy(working_copies.destroy(official, found, reason=why.reason, now=timezone.now()))


def find_copy(official: Official, number: str, copy: str) -> WorkingCopy:
    """A working copy of an exhibit by both their numbers; NothingThereError for every other."""
    found = working_copies.find(official, copy)
    if found.exhibit.number != number:
        raise NothingThereError(name=copy)
    return found


def _copy(found: WorkingCopy) -> dict[str, Any]:
    columns = ("number", "purpose", "state", "code", "asked_at", "destroyed_at")
    return {
        **{name: getattr(found, name) for name in columns},
        "made_by": found.made_by.username,
        "derivatives": list(found.derivatives.order_by("number").values_list("number", flat=True)),
    }
