"""The clocks of the cases that an official may see: by urgency and filters, with case and provision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet

from comity.node import config
from comity.node.casework import opinions, statuses
from comity.node.casework.models import UNLISTED, Case
from comity.node.clocks.models import Clock, ClockState, Reminder
from comity.treaties.rules import Rule
from comity.treaties.working_days import WEEKENDS

DATED, EVENT, ENDED = "dated", "event", "ended"
LISTS = (DATED, EVENT, ENDED)
"""Open clocks with a day (those that ran out in an open case too), those until an event, ended ones."""
OURS, THEIRS = "ours", "theirs"
WITHIN = {"24h": timedelta(hours=24), "3d": timedelta(days=3), "7d": timedelta(days=7)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which clocks are looked for; what is empty does not matter.

    ``side`` is ours in the case, ``whose`` (ours or theirs) says who owes, ``within`` a key of WITHIN.
    """

    list: str = DATED
    side: str = ""
    kind: str = ""
    within: str = ""
    whose: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock with its case, as a line shows it."""

    clock: Clock
    case: Case

    @property
    def ours(self) -> bool:
        """Whether this side owes what the clock measures."""
        return self.clock.of == self.case.side

    @property
    def state(self) -> str:
        """The State that owes it."""
        return config.current().state if self.ours else self.case.peer.state

    @property
    def day_off(self) -> date | None:
        """The last working day before, where the State that owes it does not work on the day it ends."""
        if self.clock.due_at is None:
            return None
        due = self.clock.due_at.astimezone(ZoneInfo(self.clock.zone)).date()
        last = opinions.library().calendar(self.state).last_before(due)
        return None if last == due else last

    @property
    def weekends_alone(self) -> bool:
        """Whether of that State's calendar only the weekend is taken as given."""
        return opinions.library().calendar(self.state).state == WEEKENDS

    @property
    def unknown_years(self) -> str:
        """The years of a running clock for which the owing State's calendar on record has no moved days.

        Its whole time where working days are counted, else the year in which it ends; empty where all are on
        record, and of a State of which only weekends are known, which is said of it anyway.
        """
        calendar = opinions.library().calendar(self.state)
        if self.clock.due_at is None or self.clock.state != ClockState.RUNNING or calendar.state == WEEKENDS:
            return ""
        zone = ZoneInfo(self.clock.zone)
        due = self.clock.due_at.astimezone(zone).date()
        begin = self.clock.starts_at.astimezone(zone).date() if self.clock.working_days else due
        return ", ".join(map(str, calendar.unknown_years(begin, due)))

    @property
    def rule(self) -> Rule | None:
        """The rule of the law on which it rests, with its words: the clock's own, or the duty's."""
        library = opinions.library()
        if not library.cite_exists(self.clock.cite):
            return None
        rules = library.rules_on(self.clock.cite)
        own = [rule for rule in rules if rule.id == self.clock.kind]
        return next(iter([*own, *(rule for rule in rules if str(rule.citation) == self.clock.cite)]), None)


def clocks(seen: QuerySet[Case], asked: Asked, now: datetime) -> QuerySet[Clock]:
    """The clocks asked for, most urgent first: overdue ones, then by their day; ended ones latest first."""
    cases = seen.filter(reference=OuterRef("case_reference"))
    if asked.side:
        cases = cases.filter(side=asked.side)
    if asked.whose == OURS:
        cases = cases.filter(side=OuterRef("of"))
    elif asked.whose == THEIRS:
        cases = cases.exclude(side=OuterRef("of"))
    found = Clock.objects.filter(Exists(cases)).select_related("entry")
    if asked.kind:
        found = found.filter(kind=asked.kind)
    if asked.list == EVENT:
        return found.filter(state=ClockState.RUNNING, due_at=None).order_by("starts_at", "id")
    if asked.list == ENDED:
        return found.exclude(state=ClockState.RUNNING).order_by("-ended_at", "-id")
    if asked.within in WITHIN:
        found = found.filter(due_at__lte=now + WITHIN[asked.within])
    unfinished = seen.exclude(actual__in=statuses.FINISHED).filter(reference=OuterRef("case_reference"))
    open_ones = Q(state=ClockState.RUNNING) | Q(Exists(unfinished), state=ClockState.RAN_OUT)
    return found.filter(open_ones, due_at__isnull=False).order_by("due_at", "id")


def with_cases(seen: QuerySet[Case], listed: list[Clock]) -> list[Deadline]:
    """Clocks with their cases, in one query, without what no list shows of a case."""
    rows = seen.select_related("peer").defer(*UNLISTED)
    cases = rows.in_bulk({clock.case_reference for clock in listed}, field_name="reference")
    return [Deadline(clock, cases[clock.case_reference]) for clock in listed if clock.case_reference in cases]


def reminded(seen: QuerySet[Case], now: datetime) -> QuerySet[Reminder]:
    """Reminders that nobody has seen, of clocks that still run in these cases, the most urgent first."""
    found = Reminder.objects.filter(
        Exists(seen.filter(reference=OuterRef("clock__case_reference"))),
        seen_at=None,
        clock__state=ClockState.RUNNING,
        clock__due_at__gt=now,
    )
    return found.select_related("clock").order_by("clock__due_at", "id")
