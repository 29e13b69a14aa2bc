"""Calls back by a second channel, over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from comity.node.api.entering import find_readable, official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.casework import call_backs
from comity.node.casework.acts.record_call_back import record_call_back
from comity.node.casework.noted import CallBack
from comity.node.directory import standing
from comity.shapes import Line, Remark

router = Router()
Means = Literal["telephone", "video_call", "in_person", "other_network"]
Result = Literal["confirmed", "denied", "not_reached"]
_ADDRESS = "/cases/{reference}/call-backs"


class NewCallBack(Strict):
    """Whom was called, when, by which way, and what came of it."""

    called_at: Annotated[AwareDatetime, Field(strict=False)]
    means: Means
    contact: Line
    spoken_with: Line | Literal[""] = ""
    result: Result
    remark: Remark = Field(default="", max_length=2_000)


class CallBackOut(Schema):
    """A call on record."""

    number: int
    called_at: datetime
    means: Means
    contact: str
    spoken_with: str
    result: Result
    remark: str
    by: str
    at: datetime


class CallBacksOut(Schema):
    """Why a call is needed (``doubtful``, ``changed``, ``emergency``, null) and since when.

    Then whom to call, and what was done.
    """

    needed: str | None
    since: datetime | None
    denied: bool
    contacts: list[dict[str, Any]]
    calls: list[CallBackOut]


@router.get(_ADDRESS, response={200: CallBacksOut, FAILURES: Failure})
def list_calls(request: HttpRequest, reference: str) -> dict[str, Any]:
    """All of a case, the earliest first."""
    case = find_readable(official_of(request), reference)
    needed = call_backs.needed(case, timezone.now())
    return {
        "needed": needed.reason if needed else None,
        "since": needed.since if needed else None,
        "denied": bool(needed and needed.denied),
        "contacts": standing.confirmation_contacts(case.peer),
        "calls": [_call(each) for each in case.call_backs.select_related("by")],
    }


@router.post(_ADDRESS, response={201: CallBackOut, FAILURES: Failure})
def record(request: HttpRequest, reference: str, new: NewCallBack) -> Status[dict[str, Any]]:
    """Record one."""
    official = official_of(request)
    case = find_readable(official, reference)
    made = record_call_back(official, case, **new.model_dump(), now=timezone.now())
    return Status(201, _call(made))


def _call(made: CallBack) -> dict[str, Any]:
    names = ("number", "called_at", "means", "contact", "spoken_with", "result", "remark", "at")
    return {name: getattr(made, name) for name in names} | {"by": made.by.username}
