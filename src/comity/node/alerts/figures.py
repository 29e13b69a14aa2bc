"""Counts for the administrator and for monitoring: never a name, an address or a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from comity.node.alerts.models import Alert, Message, MessageState, Way


@dataclass(frozen=True, slots=True)
class Figures:
    """Open alerts by urgency; waiting and lately failed messages by way; the ``oldest`` waiting."""

    open: dict[str, int]
    waiting: dict[str, int]
    failed: dict[str, int]
    oldest: datetime | None


def figures(since: datetime) -> Figures:
    """How alerts and messages stand; failures are counted since a moment."""
    open_ones = Alert.objects.filter(ended_at=None).order_by("urgency")
    waiting = Message.objects.filter(state=MessageState.WAITING)
    failed = Message.objects.filter(state=MessageState.FAILED, at__gte=since)
    return Figures(
        dict(open_ones.values_list("urgency").annotate(count=Count("pk"))),
        _by_way(waiting),
        _by_way(failed),
        waiting.aggregate(at=Min("due_at"))["at"],
    )


def messages(since: datetime) -> list[tuple[str, dict[str, int]]]:
    """Messages since a moment, by way and state."""
    found = Message.objects.filter(at__gte=since).order_by("way", "state")
    rows = list(found.values_list("way", "state").annotate(count=Count("pk")))
    return [(way, {state: count for of, state, count in rows if of == way}) for way in Way.values]


def _by_way(found: object) -> dict[str, int]:
    counted = dict(found.order_by("way").values_list("way").annotate(count=Count("pk")))  # type: ignore[attr-defined]
    return {way: counted.get(way, 0) for way in Way.values}
