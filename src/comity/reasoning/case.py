"""One case as one rule sees it: the facts, one of their offences, one instrument, the day."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from math import ceil

from comity.reasoning.facts import Facts, Offence, Unknown
from comity.reasoning.knowledge import Answer
from comity.terms import Citation
from comity.treaties import Library, Reach, Rule
from comity.treaties.calendar import reached

_HOURS = re.compile(r"PT(\d+)H")


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """The facts seen through one of their offences and one instrument, as of a day."""

    facts: Facts
    offence: Offence
    reach: Reach
    library: Library
    day: date
    answers: dict[str, Answer] = field(default_factory=dict)
    together: dict[tuple[tuple[str, ...], tuple[str, ...]], Answer] = field(default_factory=dict)
    """What was found of each condition, and of conditions together: those of many rules are asked once."""

    @property
    def named(self) -> Citation | Unknown | None:
        """What names the offence in this instrument's catalogue: its ``id`` or its ``kind``."""
        return self.offence.id if self.reach.named_by == "id" else self.offence.kind

    def clock(self, name: str) -> Rule | None:
        """The instrument's clock of that name."""
        return self.library.clocks(self.reach.instrument).get(name)

    def end_of(self, clock: Rule) -> date | None:
        """The last day of a clock; None while the facts do not name its start, or where it has no end."""
        return last_day(self.facts, clock)


def last_day(facts: Facts, clock: Rule) -> date | None:
    """The day with which a clock runs out: its start and the duration; None without one of them.

    The day of the start is not counted; hours are counted as the days that they fill.
    """
    started = facts.events.get(clock.start or "")
    if not started or not clock.duration:
        return None
    hours = _HOURS.fullmatch(clock.duration)
    return reached(started, f"P{ceil(int(hours[1]) / 24)}D" if hours else clock.duration)
