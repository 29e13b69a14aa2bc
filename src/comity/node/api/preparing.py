"""Letters that one official prepares and another signs, over the API; signing takes a person on a page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema, Status
from pydantic import Field

from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.api.entering import find_readable, official_of
from comity.node.api.shapes import FAILURES, CaseOut, Failure, Strict
from comity.node.casework import prepared_acts, preparing
from comity.node.casework.acts.open_information import open_information
from comity.node.casework.acts.prepare_letter import return_prepared
from comity.node.casework.models import Case, Prepared
from comity.node.directory.models import Authority
from comity.shapes import Line, Prose

router = Router()
_PREPARED = "/cases/{reference}/prepared"
_ONE = _PREPARED + "/{prepared}"
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
_ACTS = tuple(preparing.DECIDING)


class NewPrepared(Strict):
    """An act and what the form of its page says, by the names of its fields; several values are a list."""

    act: Literal[_ACTS]  # type: ignore[valid-type]  # a tuple is as good as its members
    entered: dict[str, Prose | list[Line]] = Field(max_length=100)


class NewInformation(Strict):
    """What a case of information without request starts from: facts of contracts.md and whom it goes to."""

    heading: Line = Field(max_length=200)
    peer: str = Field(min_length=1, max_length=50, description="the authority's id in the directory")
    facts: dict[str, Any]


class WhyNot(Strict):
    """Why a prepared letter is not signed."""

    reason: Line = Field(max_length=400)


class PreparedOut(Schema):
    """A prepared letter and how it stands (user names)."""

    id: int
    case: str
    act: str
    kind: str = Field(description="of the letter that it becomes")
    entered: dict[str, list[str]]
    by: str
    at: datetime
    state: Literal["waiting", "stale", "signed", "returned"]
    letter: UUID | None
    returned_by: str | None
    returned_at: datetime | None
    reason: str


@router.get(_PREPARED, response={200: list[PreparedOut], FAILURES: Failure})
def prepared_of(request: HttpRequest, reference: str) -> list[dict[str, Any]]:
    """The prepared letters of a case, the latest first: those that wait, were signed or came back."""
    case = _case(request, reference)
    return [_told(each, case) for each in case.prepared.select_related("by", "returned_by")]


@router.get(_ONE, response={200: PreparedOut, FAILURES: Failure})
def one_prepared(request: HttpRequest, reference: str, prepared: Number) -> dict[str, Any]:
    """One of them."""
    case = _case(request, reference)
    return _told(_found(case, prepared), case)


@router.post(_PREPARED, response={201: PreparedOut, FAILURES: Failure})
def prepare(request: HttpRequest, reference: str, new: NewPrepared) -> Status[dict[str, Any]]:
    """Prepare a letter for another official's signature; the form is that of the act's page."""
    official, case = official_of(request), _case(request, reference)
    entered = [
        [name, value]
        for name, given in new.entered.items()
        for value in (given if isinstance(given, list) else [given])
    ]
    made = prepared_acts.prepare(official, case, new.act, entered, timezone.now())
    return Status(201, _told(made, made.case))


@router.post(_ONE + "/return", response={200: PreparedOut, FAILURES: Failure})
def give_back(request: HttpRequest, reference: str, prepared: Number, why: WhyNot) -> dict[str, Any]:
    """Return a prepared letter unsigned, or withdraw one's own."""
    official, case = official_of(request), _case(request, reference)
    return_prepared(official, case, _found(case, prepared), reason=why.reason, now=timezone.now())
    return _told(_found(case, prepared), case)


@router.post("/information", response={201: CaseOut, FAILURES: Failure})
def inform(request: HttpRequest, new: NewInformation) -> Status[Case]:
    """Open a case for information without request; it is prepared there, and files added as to a draft."""
    official = official_of(request)
    authorise(official, "open_information")
    peer = Authority.objects.filter(pk=new.peer, own=False).first()
    if peer is None:
        raise NothingThereError(name=new.peer)
    said = new.model_dump(exclude={"peer"})
    return Status(201, open_information(official, peer=peer, **said, now=timezone.now()))


def _case(request: HttpRequest, reference: str) -> Case:
    official = official_of(request)
    authorise(official, "prepare_letter")
    return find_readable(official, reference)


def _found(case: Case, prepared: int) -> Prepared:
    found = case.prepared.select_related("by", "returned_by").filter(pk=prepared).first()
    if found is None:
        raise NothingThereError(name=str(prepared))
    return found


def _told(row: Prepared, case: Case) -> dict[str, Any]:
    entered: dict[str, list[str]] = {}
    for name, value in row.entered:
        entered.setdefault(name, []).append(value)
    state = "stale" if preparing.is_stale(row, case) else "waiting"
    return {
        "id": row.pk,
        "case": case.reference,
        "act": row.act,
        "kind": preparing.DECIDING[row.act],
        "entered": entered,
        "by": row.by.username,
        "at": row.at,
        "state": "signed" if row.letter else "returned" if row.returned_at else state,
        "letter": row.letter,
        "returned_by": row.returned_by.username if row.returned_by else None,
        "returned_at": row.returned_at,
        "reason": row.reason,
    }
