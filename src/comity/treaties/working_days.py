"""Which days a State works: its days off and public holidays, ``law/states/<STATE>/calendar.toml``.

No State's calendar is complete: feasts that follow the moon and days that a government moves are known only
when it names them, for the years under ``known``. Of a State that has no file only the weekend is taken as
given. Pages say both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, timedelta
from pathlib import Path
from types import MappingProxyType

from comity.treaties.sources import Source, read_sources, source_of
from comity.treaties.toml import Table, read_all

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKEND = frozenset({5, 6})
WEEKENDS = "weekends"
"""Stands for the calendar of a State that is not on record: Saturdays and Sundays alone are days off."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """A public holiday of a fixed date, from the year ``first`` to the year ``last``."""

    month: int
    day: int
    first: int
    last: int
    name: Mapping[str, str]

    def falls_on(self, day: date) -> bool:
        """Whether it is kept on that day of that year."""
        return (day.month, day.day) == (self.month, self.day) and self.first <= day.year <= self.last


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """A State's days off: those of each year and single ones; ``worked`` are moved working days.

    ``known`` are the years whose moved days and feasts are on record.
    """

    state: str
    weekend: frozenset[int] = _WEEKEND
    holidays: tuple[Holiday, ...] = ()
    known: frozenset[int] = frozenset()
    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    sources: Mapping[str, Source] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        """Whether the State's bodies work on a day, as far as its calendar is on record."""
        if day in self.worked:
            return True
        off = day.weekday() in self.weekend or day in self.off
        return not (off or any(each.falls_on(day) for each in self.holidays))

    def unknown_years(self, begin: date, end: date) -> tuple[int, ...]:
        """The years between two days whose moved days and feasts are not on record."""
        return tuple(year for year in range(begin.year, end.year + 1) if year not in self.known)

    def after(self, day: date, count: int) -> date:
        """The ``count``-th working day after ``day``; the day itself is not counted."""
        while count:
            day += timedelta(days=1)
            count -= self.is_working(day)
        return day

    def last_before(self, day: date) -> date:
        """The last working day not after ``day``."""
        while not self.is_working(day):
            day -= timedelta(days=1)
        return day


UNKNOWN = WorkingCalendar(WEEKENDS)
"""The weekend alone, for a State whose calendar is not on record."""


def read_calendars(folder: Path) -> Mapping[str, WorkingCalendar]:
    """State to its calendar; a missing folder is an empty mapping."""
    found = {}
    for table in read_all(folder, "*/calendar.toml"):
        table.only("state", "source", "weekend", "holiday", "known", "off", "worked")
        state = table.belongs_to("state", table.path.parent.name)
        sources = read_sources(table)
        found[state] = WorkingCalendar(
            state,
            weekend=frozenset(_WEEKDAYS.index(day) for day in table.words("weekend") if day in _WEEKDAYS),
            holidays=tuple(_holiday(one, sources) for one in table.tables("holiday")),
            known=frozenset(year for year in table.take("known", list) or () if isinstance(year, int)),
            off=_days(table, "off"),
            worked=_days(table, "worked"),
            sources=sources,
        )
    return MappingProxyType(found)


def _holiday(table: Table, sources: Mapping[str, Source]) -> Holiday:
    table.only("month", "day", "first", "last", "name", "source")
    source_of(table, sources)
    return Holiday(
        table.need("month", int),
        table.need("day", int),
        first=table.take("first", int) or MINYEAR,
        last=table.take("last", int) or MAXYEAR,
        name=table.texts("name"),
    )


def _days(table: Table, key: str) -> frozenset[date]:
    return frozenset(day for day in table.take(key, list) or () if isinstance(day, date))
