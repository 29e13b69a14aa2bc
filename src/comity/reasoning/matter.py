"""What an opinion is asked of: facts, law, day, language; the cases under each instrument are seen once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from comity.reasoning.facts import Facts
from comity.reasoning.rules import Cases, cases
from comity.treaties import Library


@dataclass(frozen=True, slots=True, eq=False)
class Matter:
    """One question to the law; it keeps what was found of each condition."""

    facts: Facts
    library: Library
    day: date
    language: str
    _seen: dict[str, Cases] = field(default_factory=dict)

    def seen(self, instrument: str) -> Cases:
        """The facts through each offence and this instrument."""
        found = self._seen.get(instrument)
        if found is None:
            reach = self.library.reach[instrument]
            found = self._seen[instrument] = cases(self.facts, self.library, reach, self.day)
        return found
