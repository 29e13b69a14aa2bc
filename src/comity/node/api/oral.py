"""Oral requests over the API: recorded on either side, given up, tied to the letter that confirms them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import AwareDatetime, Field

from comity.letters.bodies import Means
from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.api.entering import find_case, find_readable, official_of
from comity.node.api.shapes import FAILURES, CaseLine, DraftItem, Failure, Strict, Tie
from comity.node.casework import correspondence, oral
from comity.node.casework.acts.end_oral_request import end_oral_request
from comity.node.casework.acts.note_oral_request import note_oral_request
from comity.node.casework.acts.record_oral_request import record_oral_request
from comity.node.casework.acts.tie_confirmation import tie_confirmation
from comity.node.casework.letters import read_body
from comity.node.casework.models import Case, OralRequest
from comity.node.directory.models import Authority
from comity.shapes import Line, Prose

router = Router()
_CASE = "/cases/{reference}"
Words = Annotated[Line, Field(max_length=300)]
Moment = Annotated[AwareDatetime, Field(strict=False)]  # JSON has no instants, only their text


class Spoken(Strict):
    """What was said: when, by which means, with whom of the other side, what, why so, and the agreement."""

    made_at: Moment
    means: Means
    person_name: Words
    person_post: Words
    number: Words | None = None
    asked: Prose
    urgency: Prose
    agreed: Prose | None = None

    def said(self, **known: Any) -> oral.Said:
        """As the acts take it."""
        told = {name: getattr(self, name) for name in Spoken.model_fields}
        return oral.Said(**{name: value for name, value in told.items() if value is not None}, **known)


class Minute(Spoken):
    """An oral request of another State; which State asks which follows from the authority."""

    peer: str = Field(min_length=1, max_length=50, description="the authority's id in the directory")
    heading: Line = Field(max_length=200)
    facts: dict[str, Any]
    called_back: bool = False
    items: list[DraftItem] = Field(min_length=1, max_length=100)


class GivenUp(Strict):
    """Why no confirmation is awaited any more."""

    reason: Annotated[str, Field(min_length=1, max_length=400)]


class OralRequestOut(Schema):
    """An oral request on record; ``letter`` confirms it."""

    case: str
    made_at: datetime
    means: str
    person_name: str
    person_post: str
    number: str
    called_back: bool
    asked: str
    urgency: str
    agreed: str
    items: list[dict[str, Any]]
    form: str
    cite: str
    by: str
    at: datetime
    letter: UUID | None
    confirmed_at: datetime | None
    ended_at: datetime | None
    reason: str


class CandidateOut(Schema):
    """A minute that the letter may confirm, and how far they agree."""

    case: str
    made_at: datetime
    same_time: bool
    common: list[str]
    only_said: list[str]
    only_written: list[str]
    measures: tuple[str, str] | None


@router.post("/oral-requests", response={201: OralRequestOut, FAILURES: Failure})
def note(request: HttpRequest, new: Minute) -> Status[dict[str, Any]]:
    """Write down an oral request of another State: a case of its own."""
    official = official_of(request)
    authorise(official, "note_oral_request")
    peer = Authority.objects.filter(pk=new.peer, own=False).first()
    if peer is None:
        raise NothingThereError(name=new.peer)
    items = [each.model_dump(mode="json") for each in new.items]
    noted = note_oral_request(
        official,
        peer=peer,
        heading=new.heading,
        facts=new.facts,
        said=new.said(called_back=new.called_back, items=items),
        now=timezone.now(),
    )
    return Status(201, _oral(noted))


@router.get(_CASE + "/oral-requests", response={200: list[OralRequestOut], FAILURES: Failure})
def listed(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """What was asked orally in a case, the earliest first."""
    case = find_readable(official_of(request), reference)
    return [_oral(each) for each in case.oral_requests.select_related("case", "by")]


@router.post(_CASE + "/oral-requests", response={201: OralRequestOut, FAILURES: Failure})
def record(request: HttpRequest, reference: str, new: Spoken) -> Status[dict[str, Any]]:
    """Record that the request that is drafted was made orally."""
    official = official_of(request)
    case = find_case(official, reference)
    return Status(201, _oral(record_oral_request(official, case, new.said(), now=timezone.now())))


@router.post(_CASE + "/oral-requests/end", response={200: OralRequestOut, FAILURES: Failure})
def give_up(request: HttpRequest, reference: str, given: GivenUp) -> dict[str, Any]:
    """Put on record that no confirmation is awaited any more."""
    official = official_of(request)
    case = find_case(official, reference)
    return _oral(end_oral_request(official, case, reason=given.reason, now=timezone.now()))


@router.get(_CASE + "/confirmation", response={200: list[CandidateOut], FAILURES: Failure})
def candidates(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """The minutes that the letter of a case may confirm, the likeliest first; none for another letter."""
    official = official_of(request)
    case = find_readable(official, reference)
    letter = correspondence.last_received(case, "oral_confirmation")
    found = oral.candidates(official, case, read_body(letter)) if letter else []
    return [
        {
            "case": each.noted.case.reference,
            "made_at": each.noted.made_at,
            "same_time": each.same_time,
            "common": each.common,
            "only_said": each.only_said,
            "only_written": each.only_written,
            "measures": each.measures,
        }
        for each in found
    ]


@router.post(_CASE + "/confirmation", response={200: CaseLine, FAILURES: Failure})
def tie(request: HttpRequest, reference: str, to: Tie) -> Case:
    """Tie the letter of a case to a minute; answers the minute's case, in which it now stands."""
    official = official_of(request)
    case, minute = find_case(official, reference), find_case(official, to.reference)
    return tie_confirmation(official, case, minute, now=timezone.now())


def _oral(row: OralRequest) -> dict[str, Any]:
    kept = set(OralRequestOut.model_fields) - {"case", "by"}
    told = {name: getattr(row, name) for name in kept}
    return told | {"case": row.case.reference, "by": row.by.username}
