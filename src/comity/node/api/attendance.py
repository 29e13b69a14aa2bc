"""Service of documents, persons asked to come, and safe conduct, over the API, as the pages have them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from comity.letters.bodies.attendance import AttemptOutcome, ServiceWay
from comity.node.api.entering import find_case, find_readable, official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.casework import safe_conducts, serving
from comity.node.casework.acts.answer_safe_conduct import answer_safe_conduct
from comity.node.casework.acts.record_invitation import record_invitation
from comity.node.casework.acts.record_safe_conduct import record_arrival, record_course, record_release
from comity.node.casework.acts.record_service import record_service
from comity.node.casework.attending import Attempt, Invitation, SafeConduct
from comity.shapes import Line, Remark

router = Router()
_CASE = "/cases/{reference}"
Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
Moment = Annotated[AwareDatetime, Field(strict=False)]  # JSON has no instants, only their text


class NewAttempt(Strict):
    """One attempt to serve the document of an item."""

    item: Number
    happened_at: Moment
    place: Line
    server: Line
    way: ServiceWay
    outcome: AttemptOutcome
    served: bool
    handed_to: Remark = ""
    note: Remark = ""


class AttemptOut(Schema):
    """An attempt on record."""

    item: int
    happened_at: datetime
    place: str
    server: str
    way: str
    outcome: str
    served: bool
    handed_to: str
    note: str
    by: str
    at: datetime


class NewInvitation(Strict):
    """That a person was told that the other side asks them to come, and what they answered freely."""

    item: Number
    informed_at: Moment
    informed_by: Line
    freely: bool
    answer: Literal["", "consents", "declines"] = ""
    answered_at: Moment | None = None
    note: Remark = ""


class InvitationOut(Schema):
    """An answer on record."""

    item: int
    informed_at: datetime
    informed_by: str
    answer: str
    answered_at: datetime | None
    note: str
    by: str
    at: datetime


class Arrival(Strict):
    """A person came."""

    item: Number
    arrived_at: Moment
    note: Remark = ""


class Release(Strict):
    """A person was officially told that they are no longer needed; ``days`` only as a letter agreed."""

    released_at: Moment
    released_by: Line
    days: Annotated[int, Field(ge=1, le=3650)] | None = None
    agreement: Annotated[UUID, Field(strict=False)] | None = None


class Course(Strict):
    """How it went on, and what that rests on."""

    course: Literal["did_not_come", "left", "returned", "could_leave", "could_not_leave"]
    at: Moment
    note: Annotated[str, Field(min_length=1, max_length=4000)]


class Reasons(Strict):
    """Why a measure is for nothing that lies before the person came."""

    reasons: Annotated[str, Field(min_length=1, max_length=4000)]


class SafeConductOut(Schema):
    """A safe conduct, and how it stands now."""

    case: str
    item: int
    cite: str
    standing: str
    arrived_at: datetime | None
    released_at: datetime | None
    released_by: str
    period: str
    agreement: UUID | None
    ends_at: datetime | None
    could_leave: bool | None
    left_at: datetime | None
    returned_at: datetime | None
    note: str


class WarningOut(Schema):
    """A safe conduct that a measure of the case would touch; ``number`` answers it.

    ``case`` is null for whoever may not see the case in which the person came.
    """

    number: int
    case: str | None
    cite: str


class CertificateOut(Schema):
    """What a result of the other side certifies of an item."""

    letter: UUID
    item: int
    service: dict[str, Any] | None
    appearance: dict[str, Any] | None


@router.get(_CASE + "/service-attempts", response={200: list[AttemptOut], FAILURES: Failure})
def attempts_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """Every attempt to serve a document of the case, the earliest first."""
    case = find_readable(official_of(request), reference)
    return [_attempt(each) for each in Attempt.objects.filter(item__case=case).select_related("item", "by")]


@router.post(_CASE + "/service-attempts", response={201: AttemptOut, FAILURES: Failure})
def new_attempt(request: HttpRequest, reference: str, new: NewAttempt) -> Status[dict[str, Any]]:
    """Record an attempt to serve."""
    official = official_of(request)
    said = new.model_dump(exclude={"item"})
    made = record_service(official, find_case(official, reference), new.item, **said, now=timezone.now())
    return Status(201, _attempt(made))


@router.get(_CASE + "/invitations", response={200: list[InvitationOut], FAILURES: Failure})
def invitations_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """What the persons of the case were told and answered, the earliest first."""
    case = find_readable(official_of(request), reference)
    found = Invitation.objects.filter(item__case=case).select_related("item", "by")
    return [_invitation(each) for each in found]


@router.post(_CASE + "/invitations", response={201: InvitationOut, FAILURES: Failure})
def new_invitation(request: HttpRequest, reference: str, new: NewInvitation) -> Status[dict[str, Any]]:
    """Record that a person was told, and the answer."""
    official = official_of(request)
    said = new.model_dump(exclude={"item"})
    made = record_invitation(official, find_case(official, reference), new.item, **said, now=timezone.now())
    return Status(201, _invitation(made))


@router.get(_CASE + "/certificates", response={200: list[CertificateOut], FAILURES: Failure})
def certificates_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """What the other side certified of service and appearance, the newest first."""
    case = find_readable(official_of(request), reference)
    return [
        {
            "letter": letter.pk,
            "item": told["number"],
            "service": told.get("service"),
            "appearance": told.get("appearance"),
        }
        for letter, told in serving.results(case)
    ]


@router.get("/safe-conducts", response={200: list[SafeConductOut], FAILURES: Failure})
def standing_ones(request: HttpRequest) -> list[dict[str, Any]]:
    """Every safe conduct that stands, in the cases whose contents the official may read."""
    official, now = official_of(request), timezone.now()
    return [_conduct(each, now) for each in safe_conducts.standing_for(official, now)]


@router.get(_CASE + "/safe-conducts", response={200: list[SafeConductOut], FAILURES: Failure})
def conducts_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """The safe conducts of a case."""
    case = find_readable(official_of(request), reference)
    found = SafeConduct.objects.filter(item__case=case).select_related("item__case")
    return [_conduct(each, timezone.now()) for each in found]


@router.post(_CASE + "/safe-conducts", response={201: SafeConductOut, FAILURES: Failure})
def arrive(request: HttpRequest, reference: str, new: Arrival) -> Status[dict[str, Any]]:
    """Record that a person came: safe conduct stands."""
    official, now = official_of(request), timezone.now()
    said = new.model_dump(exclude={"item"})
    made = record_arrival(official, find_case(official, reference), new.item, **said, now=now)
    return Status(201, _conduct(made, now))


@router.post(_CASE + "/safe-conducts/{number}/release", response={200: SafeConductOut, FAILURES: Failure})
def release(request: HttpRequest, reference: str, number: Number, new: Release) -> dict[str, Any]:
    """Record the official notice to the person of an item that they may go."""
    official, now = official_of(request), timezone.now()
    case = find_case(official, reference)
    return _conduct(record_release(official, case, number, **new.model_dump(), now=now), now)


@router.post(_CASE + "/safe-conducts/{number}/course", response={200: SafeConductOut, FAILURES: Failure})
def course(request: HttpRequest, reference: str, number: Number, new: Course) -> dict[str, Any]:
    """Record how it went on for the person of an item."""
    official, now = official_of(request), timezone.now()
    case = find_case(official, reference)
    return _conduct(record_course(official, case, number, **new.model_dump(), now=now), now)


@router.get(_CASE + "/safe-conduct-warnings", response={200: list[WarningOut], FAILURES: Failure})
def warnings_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """The safe conducts that a measure of the case would touch and that nobody has answered."""
    official = official_of(request)
    case = find_readable(official, reference)
    return [
        {"number": each.pk, "case": safe_conducts.named_to(official, each), "cite": each.cite}
        for each in safe_conducts.warnings(case, timezone.now())
    ]


@router.post(_CASE + "/safe-conduct-warnings/{number}", response={200: list[WarningOut], FAILURES: Failure})
def answer(request: HttpRequest, reference: str, number: Number, given: Reasons) -> list[dict[str, Any]]:
    """Answer a warning; answers those that still wait."""
    official = official_of(request)
    case = find_case(official, reference)
    answer_safe_conduct(official, case, number, reasons=given.reasons, now=timezone.now())
    return warnings_of(request, reference)


def _attempt(row: Attempt) -> dict[str, Any]:
    kept = ("happened_at", "place", "server", "way", "outcome", "served", "handed_to", "note", "at")
    return {name: getattr(row, name) for name in kept} | {"item": row.item.number, "by": row.by.username}


def _invitation(row: Invitation) -> dict[str, Any]:
    kept = ("informed_at", "informed_by", "answer", "answered_at", "note", "at")
    return {name: getattr(row, name) for name in kept} | {"item": row.item.number, "by": row.by.username}


def _conduct(row: SafeConduct, now: datetime) -> dict[str, Any]:
    kept = set(SafeConductOut.model_fields) - {"case", "item", "standing"}
    told = {name: getattr(row, name) for name in kept}
    return told | {
        "case": row.item.case.reference,
        "item": row.item.number,
        "standing": safe_conducts.standing(row, now).value,
    }
