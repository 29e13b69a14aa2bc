"""The roster: who is on duty now, who comes next, where nobody stands or somebody stands twice.

Receives moments and shifts; returns shifts and stretches of time. A shift that was withdrawn counts nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from comity.node.accounts.models import Absence, Official
from comity.node.desk import staff
from comity.node.desk.models import Shift

NEAR = timedelta(hours=12)
"""A planned shift that begins within this time is the one that an officer takes over early."""
Stretch = tuple[datetime, datetime]


@dataclass
class Row:
    """A shift on the roster with what speaks against it."""

    shift: Shift
    untrained: bool
    away: bool
    backup_away: bool


@dataclass
class Day:
    """A day of the reader's calendar: its shifts, and the stretches that nobody or two stand in."""

    day: date
    rows: list[Row] = field(default_factory=list)
    gaps: list[Stretch] = field(default_factory=list)
    overlaps: list[Stretch] = field(default_factory=list)


def standing() -> QuerySet[Shift]:
    """Shifts that were not withdrawn, with their people."""
    return Shift.objects.filter(withdrawn_at=None).select_related("official__organisation", "backup")


def running() -> Shift | None:
    """The shift that somebody has taken over and not yet given to another."""
    return standing().filter(running=True).first()


def planned(now: datetime) -> Shift | None:
    """The shift that should be running by the roster and that nobody took over."""
    due = standing().filter(taken_at=None, starts_at__lte=now, ends_at__gt=now)
    return due.order_by("starts_at", "id").first()


def following(now: datetime) -> Shift | None:
    """The next planned shift that nobody took over yet: the one that should run, or the one after."""
    return standing().filter(taken_at=None, ends_at__gt=now).order_by("starts_at", "id").first()


def on_duty(now: datetime) -> list[Official]:
    """Who is told first and who then: whoever took over, else whom the roster names, and the backup."""
    shift = running() or planned(now)
    people = [shift.official, shift.backup] if shift else []
    return [one for one in people if one is not None and one.is_active]


def beginning(start: datetime, end: datetime) -> Iterator[tuple[str, Official]]:
    """The planned shifts that begin between two moments and that nobody took over, each under its name."""
    for shift in standing().filter(taken_at=None, starts_at__gte=start, starts_at__lt=end):
        yield str(shift.pk), shift.official


def week(first: date) -> list[Day]:
    """Seven days of the reader's calendar from a day on, with what is wrong on each."""
    days = [Day(first + timedelta(days=n)) for n in range(7)]
    begins, ends = _midnight(first), _midnight(first + timedelta(days=7))
    shifts = list(standing().filter(starts_at__lt=ends, ends_at__gt=begins))
    away = list(Absence.objects.filter(starts_at__lt=ends, ends_at__gt=begins))
    for each in days:
        start, end = _midnight(each.day), _midnight(each.day + timedelta(days=1))
        here = [one for one in shifts if one.starts_at < end and one.ends_at > start]
        skilled = staff.trained((one.official_id for one in here), each.day)
        each.rows = [
            Row(
                one,
                untrained=one.official_id not in skilled,
                away=_is_away(one.official_id, one, away),
                backup_away=one.backup_id is not None and _is_away(one.backup_id, one, away),
            )
            for one in here
            if one.starts_at >= start or each.day == first
        ]
        spans = [(max(one.starts_at, start), min(one.ends_at, end)) for one in here]
        each.gaps, each.overlaps = list(gaps(spans, start, end)), list(overlaps(spans))
    return days


def gaps(spans: Iterable[Stretch], start: datetime, end: datetime) -> Iterator[Stretch]:
    """The stretches between two moments that no span covers."""
    reached = start
    for begins, ends in sorted(spans):
        if begins > reached:
            yield reached, begins
        reached = max(reached, ends)
    if reached < end:
        yield reached, end


def overlaps(spans: Iterable[Stretch]) -> Iterator[Stretch]:
    """The stretches that a span shares with one that began before it."""
    reached: datetime | None = None
    for begins, ends in sorted(spans):
        if reached is not None and begins < reached:
            yield begins, min(ends, reached)
        reached = max(reached, ends) if reached else ends


def _is_away(official: int, shift: Shift, absences: Iterable[Absence]) -> bool:
    return any(
        each.official_id == official and each.starts_at < shift.ends_at and each.ends_at > shift.starts_at
        for each in absences
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), timezone.get_current_timezone())
