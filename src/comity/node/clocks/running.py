"""Start, replace, meet and run out the clocks of a case. Values and citations come from the law's data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from comity.node.clocks import reminders
from comity.node.clocks.durations import after
from comity.node.clocks.models import Clock, ClockState
from comity.treaties.working_days import WorkingCalendar

Handler = Callable[[Clock, datetime], None]
"""What a higher room does when a clock of its kind runs out, in the transaction that marks it."""

_moments: set[str] = set()
_handlers: dict[str, list[Handler]] = {}
_EVERY = "*"


def start(
    case_reference: str,
    kind: str,
    cite: str,
    of: str,
    *,
    starts_at: datetime,
    duration: str | None = None,
    due_at: datetime | None = None,
    until: str = "",
    zone: str = "UTC",
    working: WorkingCalendar | None = None,
    certain: bool = True,
    forthwith: bool = False,
) -> Clock:
    """Start a clock that ends after an ISO 8601 duration, at an instant, or on the event ``until``.

    ``forthwith``: the law wants it soon and names no day, so that it never runs out; a reminder comes after
    the time that is usual here (``forthwith_hours``). ``of`` says whose duty it measures: ``requesting`` or
    ``requested``; ``zone`` and ``working`` by which calendar its days are counted. Starting the same clock
    again (same case, kind and start) returns the first one.
    """
    if duration:
        due_at = after(starts_at, duration, zone=zone, working=working)
    clock, _ = Clock.objects.get_or_create(
        case_reference=case_reference,
        kind=kind,
        starts_at=starts_at,
        defaults={
            "cite": cite,
            "of": of,
            "due_at": due_at,
            "until": until,
            "zone": zone,
            "working_days": working.state if working else "",
            "certain": certain,
            "remind_at": reminders.moment(starts_at, due_at, forthwith=forthwith),
        },
    )
    return clock


def replace(
    clock: Clock,
    *,
    kind: str,
    cite: str,
    starts_at: datetime,
    of: str = "",
    duration: str | None = None,
    due_at: datetime | None = None,
    until: str = "",
) -> Clock:
    """End a running clock because another takes its place (60 days become "until the decision")."""
    with transaction.atomic():
        new = start(
            clock.case_reference,
            kind,
            cite,
            of or clock.of,
            starts_at=starts_at,
            duration=duration,
            due_at=due_at,
            until=until,
            zone=clock.zone,
        )
        _running(clock.case_reference).filter(id=clock.id).update(
            state=ClockState.REPLACED, ended_at=starts_at, replaced_by=new
        )
    return new


def meet(case_reference: str, kind: str, now: datetime, *, of: str = "") -> int:
    """Mark the case's running clocks of a kind as met, of one side's duty if named; return how many."""
    found = _running(case_reference).filter(kind=kind, **({"of": of} if of else {}))
    return found.update(state=ClockState.MET, ended_at=now)


def cease(case_reference: str, kind: str, now: datetime) -> int:
    """End the case's running clocks of a kind because what they measured fell away; return how many."""
    return _running(case_reference).filter(kind=kind).update(state=ClockState.CEASED, ended_at=now)


def due(now: datetime, within: timedelta) -> QuerySet[Clock]:
    """The running clocks that end within a time, the most urgent first (overdue ones included)."""
    running = Clock.objects.filter(state=ClockState.RUNNING, due_at__lte=now + within)
    return running.order_by("due_at", "id")


def handler(kind: str, function: Handler) -> None:
    """Register what happens when a clock of this kind, or of every kind (``*``), runs out."""
    registered = _handlers.setdefault(kind, [])
    if function not in registered:
        registered.append(function)


def moment(kind: str) -> None:
    """Register a kind of clock that measures the way to a moment: when it comes nothing was missed."""
    _moments.add(kind)


def run_out(now: datetime) -> int:
    """Mark every clock whose time has passed, each in a transaction of its own; return how many.

    The clock's handlers run in the same transaction: the fact and its consequence are one. A clock on the way
    to a moment is met then, and only the handlers of its own kind hear of it.
    """
    past = Clock.objects.filter(state=ClockState.RUNNING, due_at__lte=now).order_by("due_at", "id")
    return sum(_run_out(clock_id, now) for clock_id in past.values_list("id", flat=True)[:1000])


def _run_out(clock_id: int, now: datetime) -> int:
    with transaction.atomic():
        clock = Clock.objects.select_for_update().get(id=clock_id)
        if clock.state != ClockState.RUNNING:
            return 0
        came = clock.kind in _moments
        clock.state, clock.ended_at = ClockState.MET if came else ClockState.RAN_OUT, now
        clock.save(update_fields=["state", "ended_at"])
        everyone = () if came else _handlers.get(_EVERY, ())
        for react in (*everyone, *_handlers.get(clock.kind, ())):
            react(clock, now)
    return 1


def _running(case_reference: str) -> QuerySet[Clock]:
    return Clock.objects.filter(case_reference=case_reference, state=ClockState.RUNNING)
