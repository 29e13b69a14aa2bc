"""Reminders before a clock ends: when one is due, and that each is noted once.

A reminder comes a tenth of the clock's time before its end, but never less than an hour nor more than seven
days before it; of a clock shorter than two hours, at its half. What the law wants forthwith has no end: its
reminder comes after the hours of this node's practice, which are no provision's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from comity.node import config
from comity.node.accounts.models import Official
from comity.node.clocks.models import Clock, ClockState, Reminder

SHARE = 10
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=7)
_A_ROUND = 1000
Listener = Callable[[Reminder, datetime], None]
"""What a higher room does when a reminder is noted, in the transaction that notes it."""
_listeners: list[Listener] = []


def moment(starts_at: datetime, due_at: datetime | None, *, forthwith: bool = False) -> datetime | None:
    """When whoever owes it is reminded: before its end, or once what is owed forthwith has waited."""
    if due_at is None:
        return starts_at + timedelta(hours=config.current().forthwith_hours) if forthwith else None
    length = due_at - starts_at
    return due_at - min(max(length / SHARE, SHORTEST), LONGEST, length / 2)


def listen(function: Listener) -> None:
    """Register what is told of each reminder."""
    if function not in _listeners:
        _listeners.append(function)


def note(now: datetime) -> int:
    """Note the reminders that are due, each in a transaction of its own; return how many.

    A clock whose time has passed (the node was off) is overdue and is not reminded of any more.
    """
    due = Clock.objects.filter(_ahead(now), state=ClockState.RUNNING, remind_at__lte=now, reminder=None)
    return sum(_note(pk, now) for pk in due.order_by("due_at", "id").values_list("pk", flat=True)[:_A_ROUND])


def unseen(now: datetime) -> QuerySet[Reminder]:
    """Reminders nobody has seen yet of clocks that still run, the most urgent first."""
    running = Clock.objects.filter(_ahead(now), state=ClockState.RUNNING)
    found = Reminder.objects.filter(seen_at=None, clock__in=running).select_related("clock")
    return found.order_by(F("clock__due_at").asc(nulls_first=True), "id")


def _ahead(now: datetime) -> Q:
    """Clocks that are not past: what is owed forthwith never is."""
    return Q(due_at__gt=now) | Q(due_at=None)


def see(reminder: int, official: Official, now: datetime) -> None:
    """Note who saw a reminder; whoever saw it first stays named."""
    Reminder.objects.filter(pk=reminder, seen_at=None).update(seen_at=now, seen_by=official)


@transaction.atomic
def _note(clock_id: int, now: datetime) -> int:
    clock = Clock.objects.select_for_update().get(pk=clock_id)
    if clock.state != ClockState.RUNNING:
        return 0
    reminder, fresh = Reminder.objects.get_or_create(clock=clock, defaults={"noted_at": now})
    if fresh:
        for tell in _listeners:
            tell(reminder, now)
    return int(fresh)
