"""Acknowledging what came in and passing cases on within this State, over the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema, Status
from pydantic import AwareDatetime, Field

from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.accounts.models import Organisation
from comity.node.api.entering import find_case, official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.desk import referrals
from comity.node.desk.acts.acknowledge import acknowledge
from comity.node.desk.acts.pass_on import pass_on, take_referral
from comity.node.desk.models import Referral
from comity.node.exchange.models import Letter
from comity.shapes import Prose

router = Router()
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
As = Literal["central_authority", "extradition_authority", "competent_body"]


class NewReferral(Strict):
    """A body of this State by its id (none: the authority that keeps this node), as what, with which words.

    With ``execute_until`` the items that can be assigned are assigned to the body.
    """

    organisation: str | None = Field(default=None, max_length=50)
    capacity: As
    note: Prose = Field(max_length=4000)
    execute_until: Annotated[AwareDatetime, Field(strict=False)] | None = None


class ReferralOut(Schema):
    """A case passed on, and after how many seconds the receiving body took it."""

    id: int
    organisation: str | None
    capacity: str
    note: str
    by: str
    at: datetime
    taken_by: str | None
    taken_at: datetime | None
    seconds: int | None


class AcknowledgedOut(Schema):
    """Who took on which letter, when."""

    letter: UUID
    by: str
    at: datetime


@router.post("/letters/{letter}/acknowledge", response={201: AcknowledgedOut, FAILURES: Failure})
def acknowledged(request: HttpRequest, letter: UUID) -> Status[dict[str, Any]]:
    """Acknowledge a letter that came in: seen, and taken on."""
    official = official_of(request)
    authorise(official, "acknowledge")
    found = Letter.objects.filter(pk=letter).first()
    if found is None:
        raise NothingThereError(name=str(letter))
    made = acknowledge(official, found, now=timezone.now())
    return Status(201, {"letter": made.letter, "by": official.username, "at": made.at})


@router.get("/cases/{reference}/referrals", response={200: list[ReferralOut], FAILURES: Failure})
def referrals_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """To whom a case was passed on, the earliest first."""
    case = find_case(official_of(request), reference)
    return [_referral(each) for each in referrals.of_case(case)]


@router.post("/cases/{reference}/referrals", response={201: ReferralOut, FAILURES: Failure})
def refer(request: HttpRequest, reference: str, new: NewReferral) -> Status[dict[str, Any]]:
    """Pass a case on to an authority of this State, which sees it from then on."""
    official = official_of(request)
    case = find_case(official, reference)
    authorise(official, "pass_on")
    said = new.model_dump(exclude={"organisation"})
    made = pass_on(official, case, _body(new.organisation), **said, now=timezone.now())
    return Status(201, _referral(made))


@router.post("/referrals/{referral}/take", response={200: ReferralOut, FAILURES: Failure})
def take(request: HttpRequest, referral: Number) -> dict[str, Any]:
    """Confirm for one's body that it took the case."""
    return _referral(take_referral(official_of(request), referral, now=timezone.now()))


def _body(identifier: str | None) -> Organisation | None:
    if identifier is None:
        return None
    found = Organisation.objects.filter(pk=identifier).first()
    if found is None:
        raise NothingThereError(name=identifier)
    return found


def _referral(row: Referral) -> dict[str, Any]:
    seconds = int(referrals.lasted(row, row.taken_at).total_seconds()) if row.taken_at else None
    return {
        "id": row.pk,
        "organisation": row.organisation_id,
        "capacity": row.capacity,
        "note": row.note,
        "by": row.by.username,
        "at": row.at,
        "taken_by": row.taken_by.username if row.taken_by else None,
        "taken_at": row.taken_at,
        "seconds": seconds,
    }
