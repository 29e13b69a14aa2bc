"""Drills over the API: desks with their figures, what is arranged with one, the history, a drill asked.

That a person is at the desk no program says: drills are answered on the page alone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema, Status
from pydantic import Field

from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.api.entering import official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.drills import arranging, asking, figures
from comity.node.drills.forms import MOST_DAYS
from comity.node.drills.models import Drill
from comity.proofs import drills

router = Router()
AuthorityPath = Annotated[str, Path(max_length=64)]


class FigureOut(Schema):
    """What the drills of 90 days came to; times in seconds, null where so many were never answered."""

    drills: int
    reached: int
    answered: int
    median: int | None
    p90: int | None


class DeskOut(Schema):
    """A peer's desk: what is arranged with it, how it answered us, and what it signed of itself last."""

    authority: str
    takes_every_days: int | None
    asks_every_days: int | None
    next_at: datetime | None
    figure: FigureOut
    told_at: datetime | None
    told: str


class DrillOut(Schema):
    """One drill; the notes are as they were signed, empty where there is none yet."""

    id: UUID
    authority: str
    ours: bool
    state: str
    code: str
    sent_at: datetime
    answer_by: datetime
    arrived_at: datetime | None
    answered_at: datetime | None
    seconds: int | None
    note: str
    reached: str
    answer: str
    record: str


class DrillsOut(Schema):
    """This desk's own figure, every desk, and the latest hundred drills."""

    own: FigureOut
    desks: list[DeskOut]
    drills: list[DrillOut]


class DrillArrangement(Strict):
    """Days between two drills: of theirs that are taken, of ours by schedule; null: none."""

    takes_every_days: int | None = Field(ge=1, le=MOST_DAYS)
    asks_every_days: int | None = Field(ge=1, le=MOST_DAYS)


@router.get("/drills", response={200: DrillsOut, FAILURES: Failure})
def listed(request: HttpRequest) -> dict[str, Any]:
    """What the page of drills shows."""
    authorise(official_of(request), "view_drills")
    now = timezone.now()
    return {
        "own": _figure(figures.own(now)),
        "desks": [_desk(each) for each in arranging.desks(now)],
        "drills": [_drill(each) for each in Drill.objects.all()[:100]],
    }


@router.put("/drills/desks/{authority}", response={200: DeskOut, FAILURES: Failure})
def arrange(request: HttpRequest, authority: AuthorityPath, body: DrillArrangement) -> dict[str, Any]:
    """Arrange drills with a peer's desk."""
    official, now = official_of(request), timezone.now()
    authorise(official, "arrange_drills")
    peer = _peer(authority)
    row = arranging.arrange(
        official, peer, takes_every=body.takes_every_days, asks_every=body.asks_every_days, now=now
    )
    return _desk(arranging.Desk(peer, row, None, figures.of_peer(peer, now)))


@router.post("/drills/desks/{authority}", response={201: DrillOut, FAILURES: Failure})
def ask(request: HttpRequest, authority: AuthorityPath) -> Status[dict[str, Any]]:
    """Ask a peer's desk now."""
    official = official_of(request)
    authorise(official, "ask_drill")
    peer = _peer(authority)
    return Status(201, _drill(asking.ask_drill(official, peer, now=timezone.now())))


def _peer(authority: str) -> Authority:
    found = known.peers().filter(pk=authority).first()
    if found is None:
        raise NothingThereError(name=authority)
    return found


def _desk(desk: arranging.Desk) -> dict[str, Any]:
    row = desk.arranged
    return {
        "authority": desk.peer.id,
        "takes_every_days": row.takes_every,
        "asks_every_days": row.asks_every,
        "next_at": row.next_at,
        "figure": _figure(desk.figure),
        "told_at": row.told_at,
        "told": row.told,
    }


def _figure(figure: drills.Figure) -> dict[str, Any]:
    return figure.as_json()


def _drill(drill: Drill) -> dict[str, Any]:
    names = ("id", "ours", "state", "code", "sent_at", "answer_by", "arrived_at", "answered_at", "seconds")
    notes = ("note", "reached", "answer", "record")
    return {"authority": drill.peer_id} | {name: getattr(drill, name) for name in (*names, *notes)}
