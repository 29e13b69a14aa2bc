"""How exhibits are kept and ended over the API: period, holds, a disposal that two officials decide."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field, model_validator

from comity.node.accounts.authority import NothingThereError
from comity.node.accounts.models import Official
from comity.node.api.entering import official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.exhibits import access, keeping, viewing
from comity.node.exhibits.models import Exhibit, Viewing
from comity.shapes import Line

router = Router()
_EXHIBIT = "/exhibits/{number}"
Reason = Annotated[Line, Field(max_length=400)]
Row = Annotated[int, Field(ge=0, le=2**63 - 1)]


class Why(Strict):
    """The reason of a step."""

    reason: Reason


class NewPeriod(Strict):
    """The last day on which the exhibit is to be kept; null for no period."""

    until: Annotated[date, Field(strict=False)] | None
    reason: Reason


class NewDisposal(Strict):
    """What is to become of the exhibit; a return names who gets it."""

    kind: Literal["destroy", "return"]
    to: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    reason: Reason

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.kind == "return" and not self.to:
            message = "a return names who gets it"
            raise ValueError(message)
        return self


class Decision(Strict):
    """Whether a proposed end is agreed to."""

    agreed: bool
    reason: Reason


class Purpose(Strict):
    """For what an exhibit is opened."""

    purpose: Annotated[Line, Field(max_length=200)]


class ViewingOut(Schema):
    """Who asked to open an exhibit that nobody opens alone, and who agreed (user names)."""

    id: int
    purpose: str
    asked_by: str
    agreed_by: str | None


class HoldOut(Schema):
    """A legal hold (user names)."""

    id: int
    reason: str
    placed_by: str
    placed_at: datetime
    lifting: str
    lifted_by: str | None
    lifted_at: datetime | None


class DisposalOut(Schema):
    """A proposed end and its decision (user names)."""

    kind: str
    to: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    state: str
    decision: str
    decided_by: str | None
    decided_at: datetime | None


class KeepingOut(Schema):
    """How an exhibit is kept; ``damage`` is what the last integrity check found wrong, if anything."""

    there: bool
    keep_until: date | None
    checked_at: datetime | None
    damage: str
    holds: list[HoldOut]
    disposals: list[DisposalOut]


@router.get(_EXHIBIT + "/keeping", response={200: KeepingOut, FAILURES: Failure})
def keeping_of(request: HttpRequest, number: str) -> dict[str, Any]:
    """The period, the holds, the ends proposed, the last check."""
    return _kept(find_exhibit(official_of(request), number))


@router.post(_EXHIBIT + "/holds", response={201: KeepingOut, FAILURES: Failure})
def new_hold(request: HttpRequest, number: str, why: Why) -> Status[dict[str, Any]]:
    """Put the exhibit under a legal hold."""
    official = official_of(request)
    found = find_exhibit(official, number)
    keeping.place_hold(official, found, reason=why.reason, now=timezone.now())
    return Status(201, _kept(found))


@router.post(_EXHIBIT + "/holds/{hold}/lift", response={200: KeepingOut, FAILURES: Failure})
def lift(request: HttpRequest, number: str, hold: Row, why: Why) -> dict[str, Any]:
    """Lift a hold that another official placed."""
    official = official_of(request)
    found = find_exhibit(official, number)
    keeping.lift_hold(official, found, hold, reason=why.reason, now=timezone.now())
    return _kept(found)


@router.post(_EXHIBIT + "/period", response={200: KeepingOut, FAILURES: Failure})
def period(request: HttpRequest, number: str, said: NewPeriod) -> dict[str, Any]:
    """Set the retention period."""
    official = official_of(request)
    found = find_exhibit(official, number)
    return _kept(keeping.set_period(official, found, **said.model_dump(), now=timezone.now()))


@router.post(_EXHIBIT + "/disposal", response={201: KeepingOut, FAILURES: Failure})
def propose(request: HttpRequest, number: str, said: NewDisposal) -> Status[dict[str, Any]]:
    """Propose that the exhibit is destroyed or returned."""
    official = official_of(request)
    found = find_exhibit(official, number)
    keeping.propose_disposal(official, found, **said.model_dump(), now=timezone.now())
    return Status(201, _kept(found))


@router.post(_EXHIBIT + "/disposal/decision", response={200: KeepingOut, FAILURES: Failure})
def decide(request: HttpRequest, number: str, said: Decision) -> dict[str, Any]:
    """Agree to the end that another official proposed, or decline it."""
    official = official_of(request)
    found = find_exhibit(official, number)
    keeping.decide_disposal(official, found, **said.model_dump(), now=timezone.now())
    found.refresh_from_db()
    return _kept(found)


@router.post(_EXHIBIT + "/viewings", response={201: ViewingOut, FAILURES: Failure})
def ask_to_view(request: HttpRequest, number: str, why: Purpose) -> Status[dict[str, Any]]:
    """Ask to open an exhibit that nobody opens alone."""
    official = official_of(request)
    made = viewing.ask(official, find_exhibit(official, number), purpose=why.purpose, now=timezone.now())
    return Status(201, _viewing(made))


@router.post(_EXHIBIT + "/viewings/{asked}/agree", response={200: ViewingOut, FAILURES: Failure})
def agree_to_view(request: HttpRequest, number: str, asked: Row) -> dict[str, Any]:
    """Agree that another official opens it."""
    official = official_of(request)
    return _viewing(viewing.agree(official, find_exhibit(official, number), asked, now=timezone.now()))


def _viewing(made: Viewing) -> dict[str, Any]:
    return {
        "id": made.pk,
        "purpose": made.purpose,
        "asked_by": made.asked_by.username,
        "agreed_by": made.agreed_by.username if made.agreed_by else None,
    }


def find_exhibit(official: Official, number: str) -> Exhibit:
    """An exhibit that the official may see, by its number; NothingThereError for every other."""
    found = access.visible(official).filter(number=number).first()
    if found is None:
        raise NothingThereError(name=number)
    return found


def _kept(exhibit: Exhibit) -> dict[str, Any]:
    holds = exhibit.holds.select_related("placed_by", "lifted_by")
    disposals = exhibit.disposals.select_related("proposed_by", "decided_by")
    return {
        "there": exhibit.is_there,
        "keep_until": exhibit.keep_until,
        "checked_at": exhibit.checked_at,
        "damage": exhibit.damage,
        "holds": [_with_names(each, HoldOut) for each in holds],
        "disposals": [_with_names(each, DisposalOut) for each in disposals],
    }


def _with_names(row: Any, shape: type[Schema]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in shape.model_fields}
    return {name: each.username if isinstance(each, Official) else each for name, each in values.items()}
