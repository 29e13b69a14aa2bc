"""Hearings by video over the API: what is arranged, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from comity.letters.bodies.meetings import ParticipantRole
from comity.node.api.entering import find_case, find_readable, official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.casework import meetings
from comity.node.casework.acts.record_hearing import record_hearing
from comity.node.casework.heard import HearingRecord
from comity.shapes import Line, Remark

router = Router()
_CASE = "/cases/{reference}"
Moment = Annotated[AwareDatetime, Field(strict=False)]  # JSON has no instants, only their text


class Present(Strict):
    """A participant that was agreed on and took part."""

    role: ParticipantRole
    post: Line


class NewHearingRecord(Strict):
    """What became of a hearing: both times and who took part where it was held, the reason where not."""

    outcome: Literal["held", "broken_off", "not_held"]
    began_at: Moment | None = None
    ended_at: Moment | None = None
    attended: Annotated[list[Present], Field(max_length=50)] = []
    language: Annotated[str, Field(pattern=r"^([a-z]{2,3})?$")] = ""
    interpreter: Line | Literal[""] = ""
    oath: Literal["", "sworn", "affirmed", "warned", "none"] = ""
    note: Remark = ""
    exhibit: Annotated[UUID, Field(strict=False)] | None = None


class HearingRecordOut(Schema):
    """What is on record of a hearing."""

    letter: UUID
    outcome: str
    began_at: datetime | None
    ended_at: datetime | None
    attended: list[dict[str, str]]
    language: str
    interpreter: str
    oath: str
    note: str
    exhibit: UUID | None
    by: str
    at: datetime


class HearingOut(Schema):
    """A hearing as the letters of the case arrange it; the zones are those by which each side reads it."""

    letter: UUID
    items: list[int]
    agreed: bool
    begins_at: datetime
    ends_at: datetime
    test_at: datetime | None
    zone_here: str
    zone_there: str
    records: list[HearingRecordOut]


@router.get(_CASE + "/hearings", response={200: list[HearingOut], FAILURES: Failure})
def hearings_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """The hearings that stand, the agreed ones first; of each what was recorded, the newest first."""
    case = find_readable(official_of(request), reference)
    records = list(case.hearing_records.select_related("by").order_by("-at", "-id"))
    return [
        {
            "letter": one.letter.pk,
            "items": one.items,
            "agreed": one.agreed,
            "begins_at": one.begins,
            "ends_at": one.ends,
            "test_at": one.test,
            "zone_here": one.zone_here,
            "zone_there": one.zone_there,
            "records": [_record(each) for each in records if each.letter == one.letter.pk],
        }
        for one in meetings.of_case(case)
        if one.is_hearing
    ]


@router.post(_CASE + "/hearings/{letter}/records", response={201: HearingRecordOut, FAILURES: Failure})
def new_record(
    request: HttpRequest, reference: str, letter: UUID, new: NewHearingRecord
) -> Status[dict[str, Any]]:
    """Put on record what became of the hearing that a letter agreed to."""
    official = official_of(request)
    case = find_case(official, reference)
    made = record_hearing(official, case, letter, **new.model_dump(), now=timezone.now())
    return Status(201, _record(made))


def _record(row: HearingRecord) -> dict[str, Any]:
    kept = set(HearingRecordOut.model_fields) - {"by"}
    return {name: getattr(row, name) for name in kept} | {"by": row.by.username}
