"""Alerts over the API: what waits, and reacting to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema

from comity.node.alerts import listing, raising
from comity.node.alerts.models import Alert
from comity.node.api.entering import official_of
from comity.node.api.shapes import FAILURES, Failure

router = Router()
Row = Annotated[int, Path(ge=1, le=2**63 - 1)]


class AlertOut(Schema):
    """``count``: how often it happened since ``at``. ``next_at``: when others are told.

    ``case`` is null where it is about none, or none that the official sees.
    """

    id: int
    kind: str
    urgency: str
    case: str | None
    count: int
    at: datetime
    last_at: datetime
    group: str
    next_at: datetime | None
    ended_at: datetime | None
    ended_by: str | None


class AlertsOut(Schema):
    """What waits for the token's owner, and for others whom they oversee; the fifty most pressing of each."""

    own: list[AlertOut]
    others: list[AlertOut]


@router.get("/alerts", response={200: AlertsOut, FAILURES: Failure})
def list_alerts(request: HttpRequest) -> dict[str, Any]:
    """What nobody reacted to yet."""
    official = official_of(request)
    own, others = listing.own(official), listing.of_others(official)
    cases = listing.shown_cases(official, [*own, *others])
    return {"own": [_alert(each, cases) for each in own], "others": [_alert(each, cases) for each in others]}


@router.post("/alerts/{alert}/acknowledge", response={200: AlertOut, FAILURES: Failure})
def acknowledge_alert(request: HttpRequest, alert: Row) -> dict[str, Any]:
    """React to one: nobody further is told."""
    official = official_of(request)
    found = raising.acknowledge(official, alert, now=timezone.now())
    return _alert(found, listing.shown_cases(official, [found]))


def _alert(alert: Alert, cases: set[str]) -> dict[str, Any]:
    names = ("id", "kind", "urgency", "count", "at", "last_at", "group", "next_at", "ended_at")
    return {name: getattr(alert, name) for name in names} | {
        "case": alert.case_reference if alert.case_reference in cases else None,
        "ended_by": alert.ended_by.username if alert.ended_by else None,
    }
