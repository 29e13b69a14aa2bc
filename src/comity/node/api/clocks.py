"""Clocks and reminders over the API."""

from __future__ import annotations

from typing import Annotated, Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router, Status

from comity.node.accounts.authority import authorise
from comity.node.api import shapes
from comity.node.api.entering import find_case, official_of
from comity.node.api.shapes import FAILURES
from comity.node.casework import deadlines
from comity.node.casework.acts.see_reminder import see_reminder
from comity.node.casework.entitlement import visible
from comity.node.clocks.models import Clock, Reminder

router = Router()
PAGE = 50
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
_KEYS = {deadlines.DATED: "due_at", deadlines.EVENT: "starts_at", deadlines.ENDED: "ended_at"}


@router.get("/clocks", response={200: shapes.ClockPage, FAILURES: shapes.Failure})
def list_clocks(request: HttpRequest, asked: Query[shapes.ClocksAsked]) -> dict[str, Any]:
    """The clocks of all cases open to the token's owner, the most urgent first, fifty a page."""
    official = official_of(request)
    authorise(official, "view_case")
    wanted = deadlines.Asked(**asked.model_dump(exclude={"after"}))
    found = deadlines.clocks(visible(official), wanted, timezone.now())
    rows = list(_after(found, _KEYS[asked.list], asked.after)[: PAGE + 1])
    return {"clocks": rows[:PAGE], "after": rows[PAGE - 1].pk if len(rows) > PAGE else None}


@router.get("/cases/{reference}/clocks", response={200: list[shapes.ClockOut], FAILURES: shapes.Failure})
def clocks_of(request: HttpRequest, reference: str) -> list[Clock]:
    """Every clock of the case, with the provision that set it."""
    case = find_case(official_of(request), reference)
    found = Clock.objects.filter(case_reference=case.reference).select_related("entry")
    return list(found.order_by("id"))


@router.get("/reminders", response={200: list[shapes.ReminderOut], FAILURES: shapes.Failure})
def list_reminders(request: HttpRequest) -> list[Reminder]:
    """The fifty most urgent reminders that nobody has taken note of."""
    found = deadlines.reminded(visible(official_of(request)), timezone.now())
    return list(found.select_related("clock__entry")[:PAGE])


@router.post("/reminders/{reminder}/seen", response={204: None, FAILURES: shapes.Failure})
def take_note(request: HttpRequest, reminder: Number) -> Status[None]:
    """Take note of a reminder; it is shown to nobody any more."""
    see_reminder(official_of(request), reminder, now=timezone.now())
    return Status(204, None)


def _after(found: QuerySet[Clock], key: str, after: int | None) -> QuerySet[Clock]:
    """What comes after a clock of the list in its order; after one that is not among them, all."""
    last = found.filter(pk=after).values_list(key, flat=True).first() if after is not None else None
    if last is None:
        return found
    later = "lt" if key == "ended_at" else "gt"
    return found.filter(Q(**{f"{key}__{later}": last}) | Q(**{key: last, f"pk__{later}": after}))
