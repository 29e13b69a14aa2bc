"""The node's clock over the API: how it stands, and taking a stepped one for right."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from comity.node.accounts.authority import authorise
from comity.node.api.entering import official_of
from comity.node.api.shapes import FAILURES, Failure, Why
from comity.node.ledger import clock_steps, wall_clock
from comity.node.ledger.wall_clock import Step

router = Router()


class WallClockOut(Schema):
    """``stepped``: nothing is signed or accepted; the clock shows ``shown`` where ``expected`` was due."""

    stepped: bool
    shown: datetime | None
    expected: datetime | None


@router.get("/ledger/clock", response={200: WallClockOut, FAILURES: Failure})
def clock(request: HttpRequest) -> dict[str, object]:
    """How the node's clock stands."""
    authorise(official_of(request), "view_ledger")
    return _clock(wall_clock.step())


@router.post("/ledger/clock/accept", response={200: WallClockOut, FAILURES: Failure})
def accept(request: HttpRequest, why: Why) -> dict[str, object]:
    """Take the clock for right as it stands; the reason stands in the ledger."""
    clock_steps.accept(official_of(request), why.reason, timezone.now())
    return _clock(wall_clock.step())


def _clock(found: Step | None) -> dict[str, object]:
    return {
        "stepped": found is not None,
        "shown": found.shown if found else None,
        "expected": found.expected if found else None,
    }
