"""Delegation and absence over the API: one's own, and those that an administrator keeps for another."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema, Status
from pydantic import AwareDatetime, Field

from comity.node.accounts.authority import NothingThereError, authorise, may
from comity.node.accounts.models import Absence, Delegation, Official, Role
from comity.node.administration import deputies
from comity.node.api.entering import official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.shapes import Line, Remark

router = Router()
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
Moment = Annotated[AwareDatetime, Field(strict=False)]  # JSON has no instants, only their text
User = Annotated[str, Field(min_length=1, max_length=150)]


class NewDelegation(Strict):
    """Which role goes to whom, when and why; without ``of`` one's own role (user names)."""

    role: Annotated[Role, Field(strict=False)]
    of: User | None = None
    to: User
    starts_at: Moment
    ends_at: Moment
    reason: Line = Field(max_length=400)


class NewAbsence(Strict):
    """When somebody is away; without ``official`` oneself."""

    official: User | None = None
    starts_at: Moment
    ends_at: Moment
    note: Remark = Field(default="", max_length=400)


class DelegationOut(Schema):
    """A role of one official that another holds too, for a time (user names)."""

    id: int
    role: str
    of: str
    to: str
    starts_at: datetime
    ends_at: datetime
    reason: str


class AbsenceOut(Schema):
    """A time in which an official is away."""

    official: str
    starts_at: datetime
    ends_at: datetime
    note: str


@router.get("/delegations", response={200: list[DelegationOut], FAILURES: Failure})
def delegations(request: HttpRequest) -> list[dict[str, Any]]:
    """The delegations to and from the token's owner that have not ended."""
    standing = deputies.standing(official_of(request), timezone.now())
    return [_delegation(each) for each in standing["delegations"]]


@router.post("/delegations", response={201: DelegationOut, FAILURES: Failure})
def delegate(request: HttpRequest, new: NewDelegation) -> Status[dict[str, Any]]:
    """Delegate a role for a time: as head or deputy one's own that the token carries, as administrator
    another's.
    """
    by = official_of(request)
    said = new.model_dump(exclude={"of", "to"})
    made = deputies.delegate_role(by, _of(by, new.of), _named(new.to), **said, now=timezone.now())
    return Status(201, _delegation(made))


@router.post("/delegations/{delegation}/end", response={200: DelegationOut, FAILURES: Failure})
def end(request: HttpRequest, delegation: Number) -> dict[str, Any]:
    """End a delegation before its time."""
    by, known = official_of(request), Delegation.objects.select_related("of", "to")
    if not may(by, "manage_accounts"):
        known = known.filter(Q(of=by) | Q(to=by))
    found = known.filter(pk=delegation).first()
    if found is None:
        raise NothingThereError(name=str(delegation))
    return _delegation(deputies.end_delegation(by, found, now=timezone.now()))


@router.get("/absences", response={200: list[AbsenceOut], FAILURES: Failure})
def absences(request: HttpRequest) -> list[dict[str, Any]]:
    """The absences of the token's owner that have not ended."""
    standing = deputies.standing(official_of(request), timezone.now())
    return [_absence(each) for each in standing["absences"]]


@router.post("/absences", response={201: AbsenceOut, FAILURES: Failure})
def record(request: HttpRequest, new: NewAbsence) -> Status[dict[str, Any]]:
    """Record when one is away; as administrator another's."""
    said = new.model_dump(exclude={"official"})
    away = _of(official_of(request), new.official)
    return Status(201, _absence(deputies.record_absence(away, **said, now=timezone.now())))


def _of(by: Official, username: str | None) -> Official:
    """Whom it is about: the token's owner, with the roles it carries, or another for an administrator."""
    if username is None or username == by.username:
        return by
    authorise(by, "manage_accounts")
    return _named(username)


def _named(username: str) -> Official:
    found = Official.objects.filter(username=username).first()
    if found is None:
        raise NothingThereError(name=username)
    return found


def _delegation(row: Delegation) -> dict[str, Any]:
    kept = ("role", "starts_at", "ends_at", "reason")
    told = {name: getattr(row, name) for name in kept}
    return told | {"id": row.pk, "of": row.of.username, "to": row.to.username}


def _absence(row: Absence) -> dict[str, Any]:
    kept = ("starts_at", "ends_at", "note")
    return {name: getattr(row, name) for name in kept} | {"official": row.official.username}
