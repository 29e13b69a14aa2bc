"""Reminders before a clock ends: when one is due, and that each is noted once.

A reminder comes a tenth of the clock's time before its end, but never less than an hour nor more than seven
days before it; of a clock shorter than two hours, at its half.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from comity.node.accounts.models import Official
from comity.node.clocks.models import Clock, ClockState, Reminder

SHARE = 10
SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=7)
_A_ROUND = 1000
Listener = Callable[[Reminder, datetime], None]
"""What a higher room does when a reminder is noted, in the transaction that notes it."""
_listeners: list[Listener] = []


def moment(starts_at: datetime, due_at: datetime) -> datetime:
    """When whoever owes it is reminded of a clock of this length."""
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
    due = Clock.objects.filter(state=ClockState.RUNNING, remind_at__lte=now, due_at__gt=now, reminder=None)
    return sum(_note(pk, now) for pk in due.order_by("due_at", "id").values_list("pk", flat=True)[:_A_ROUND])


def unseen(now: datetime) -> QuerySet[Reminder]:
    """Reminders nobody has seen yet of clocks that still run, the most urgent first."""
    found = Reminder.objects.filter(
        seen_at=None, clock__state=ClockState.RUNNING, clock__due_at__gt=now
    ).select_related("clock")
    return found.order_by("clock__due_at", "id")


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
