"""Which days a State works: its days off and public holidays, ``law/states/<STATE>/calendar.toml``.

No State's calendar is complete: feasts that follow the moon and days that a government moves are known only
when it names them. Of a State that has no file only the weekend is taken as given, and pages say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

from comity.treaties.sources import Source, read_sources, source_of
from comity.treaties.toml import Table, read_all

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKEND = frozenset({5, 6})
WEEKENDS = "weekends"
"""Stands for the calendar of a State that is not on record: Saturdays and Sundays alone are days off."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """A State's days off: ``yearly`` (month, day) and single ones; ``worked`` are moved working days."""

    state: str
    weekend: frozenset[int] = _WEEKEND
    yearly: Mapping[tuple[int, int], Mapping[str, str]] = field(default_factory=dict)
    off: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    sources: Mapping[str, Source] = field(default_factory=dict)

    def is_working(self, day: date) -> bool:
        """Whether the State's bodies work on a day, as far as its calendar is on record."""
        if day in self.worked:
            return True
        return not (day.weekday() in self.weekend or (day.month, day.day) in self.yearly or day in self.off)

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
        table.only("state", "source", "weekend", "holiday", "off", "worked")
        state = table.belongs_to("state", table.path.parent.name)
        sources = read_sources(table)
        found[state] = WorkingCalendar(
            state,
            weekend=frozenset(_WEEKDAYS.index(day) for day in table.words("weekend") if day in _WEEKDAYS),
            yearly=MappingProxyType(dict(_holiday(one, sources) for one in table.tables("holiday"))),
            off=_days(table, "off"),
            worked=_days(table, "worked"),
            sources=sources,
        )
    return MappingProxyType(found)


def _holiday(table: Table, sources: Mapping[str, Source]) -> tuple[tuple[int, int], Mapping[str, str]]:
    table.only("month", "day", "name", "source")
    source_of(table, sources)
    return (table.need("month", int), table.need("day", int)), table.texts("name")


def _days(table: Table, key: str) -> frozenset[date]:
    return frozenset(day for day in table.take(key, list) or () if isinstance(day, date))
