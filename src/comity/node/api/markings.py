"""Markings and protected persons over the API: set, decided, opened on record, as the pages do."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from comity.node.accounts.authority import NothingThereError
from comity.node.accounts.models import Official
from comity.node.api.entering import find_case, official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.casework.acts.mark import clear_privileged, lift_marking, mark, withhold_privileged
from comity.node.casework.acts.protect_person import name_reader, open_identity, protect_person
from comity.node.casework.entitlement import may_read
from comity.node.casework.marked import Marking, ProtectedPerson
from comity.shapes import Line, Remark, Uuid

router = Router()
_MARKINGS = "/cases/{reference}/markings"
_PERSONS = "/cases/{reference}/protected-persons"
Row = Annotated[int, Field(ge=0, le=2**63 - 1)]
Number = Annotated[int, Field(ge=0, le=2**31 - 1)]
_DECISIONS = {"lift": lift_marking, "clear": clear_privileged, "withhold": withhold_privileged}


class NewMarking(Strict):
    """A marking of an exhibit (by id), or with none of what is being prepared in the case."""

    kind: Literal["state_secret", "privileged", "personal_data", "child_abuse"]
    exhibit: Uuid | None = None
    reason: Line = Field(max_length=400)


class Decision(Strict):
    """Lifting a marking; or a filter reviewer's decision on privileged material."""

    decision: Literal["lift", "clear", "withhold"]
    reason: Line = Field(max_length=400)


class MarkingOut(Schema):
    """A marking; without words for whoever only oversees the case."""

    id: int
    kind: str
    exhibit: UUID | None
    reason: str
    by: str
    at: datetime
    state: str
    decision: str
    decided_by: str | None
    decided_at: datetime | None


class NewPerson(Strict):
    """An identity to keep apart: the name with its other spellings, and its readers by user name."""

    names: list[Line] = Field(min_length=1, max_length=20)
    details: Remark = ""
    readers: list[str] = Field(default=[], max_length=50)
    reason: Line = Field(max_length=400)


class PersonOut(Schema):
    """A protected person, as everybody who sees the case knows them."""

    number: int
    pseudonym: str
    at: datetime


class Opening(Strict):
    """For what an identity is opened."""

    purpose: Line = Field(max_length=200)


class IdentityOut(Schema):
    """Who a protected person is."""

    names: list[str]
    details: str


class NewReader(Strict):
    """A further reader, by user name."""

    official: str = Field(max_length=150)


@router.get(_MARKINGS, response={200: list[MarkingOut], FAILURES: Failure})
def markings_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """The markings of a case, oldest first."""
    official = official_of(request)
    case = find_case(official, reference)
    readable = may_read(official, case)
    return [_marking(each, readable=readable) for each in case.markings.select_related("by", "decided_by")]


@router.post(_MARKINGS, response={201: MarkingOut, FAILURES: Failure})
def new_marking(request: HttpRequest, reference: str, new: NewMarking) -> Status[dict[str, Any]]:
    """Mark an exhibit or what is being prepared."""
    official = official_of(request)
    made = mark(official, find_case(official, reference), **new.model_dump(), now=timezone.now())
    return Status(201, _marking(made, readable=True))


@router.post(_MARKINGS + "/{marking}/decision", response={200: MarkingOut, FAILURES: Failure})
def decide(request: HttpRequest, reference: str, marking: Row, said: Decision) -> dict[str, Any]:
    """Lift a marking, or clear or withhold what is privileged."""
    official = official_of(request)
    act = _DECISIONS[said.decision]
    found = act(official, find_case(official, reference), marking, reason=said.reason, now=timezone.now())
    return _marking(found, readable=True)


@router.get(_PERSONS, response={200: list[PersonOut], FAILURES: Failure})
def persons_of(request: HttpRequest, reference: str) -> list[ProtectedPerson]:
    """The pseudonyms of a case; never who they stand for."""
    return list(find_case(official_of(request), reference).protected_persons.all())


@router.post(_PERSONS, response={201: PersonOut, FAILURES: Failure})
def new_person(request: HttpRequest, reference: str, new: NewPerson) -> Status[ProtectedPerson]:
    """Keep an identity apart; the case has the pseudonym in its place."""
    official = official_of(request)
    said = new.model_dump() | {"readers": [_official(name) for name in new.readers]}
    return Status(201, protect_person(official, find_case(official, reference), **said, now=timezone.now()))


@router.post(_PERSONS + "/{number}/identity", response={200: IdentityOut, FAILURES: Failure})
def identity(request: HttpRequest, reference: str, number: Number, why: Opening) -> dict[str, Any]:
    """Who a pseudonym stands for, for a reader of it; each time on record."""
    official = official_of(request)
    person = _person(official, reference, number)
    opened = open_identity(official, person, purpose=why.purpose, now=timezone.now())
    return {"names": opened.names, "details": opened.details}


@router.post(_PERSONS + "/{number}/readers", response={200: PersonOut, FAILURES: Failure})
def new_reader(request: HttpRequest, reference: str, number: Number, new: NewReader) -> ProtectedPerson:
    """Name a further reader; only a reader may."""
    official = official_of(request)
    person = _person(official, reference, number)
    name_reader(official, person, _official(new.official), now=timezone.now())
    return person


def _person(official: Official, reference: str, number: int) -> ProtectedPerson:
    found = find_case(official, reference).protected_persons.filter(number=number).first()
    if found is None:
        raise NothingThereError(name=f"P-{number}")
    return found


def _official(username: str) -> Official:
    found = Official.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise NothingThereError(name=username)
    return found


def _marking(each: Marking, *, readable: bool) -> dict[str, Any]:
    return {
        "id": each.pk,
        "kind": each.kind,
        "exhibit": each.exhibit,
        "reason": each.reason if readable else "",
        "by": each.by.username,
        "at": each.at,
        "state": each.state,
        "decision": each.decision if readable else "",
        "decided_by": each.decided_by.username if each.decided_by else None,
        "decided_at": each.decided_at,
    }
