"""Amendments of an instrument, and whom they bind on a day: by the treaty's clause, who consented."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from comity.terms import Citation
from comity.treaties.acts import Act
from comity.treaties.calendar import reached
from comity.treaties.participation import Participation
from comity.treaties.sources import Source, source_of
from comity.treaties.toml import Table


@dataclass(frozen=True, slots=True)
class Amendment:
    """An amendment (or amending protocol) that was adopted."""

    id: str
    adopted: date | None
    text: Mapping[str, str]
    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class AmendmentStatus:
    """What an amendment is for a Party: ``bound`` since a day, or not (yet: with the day it will be)."""

    amendment: Amendment
    bound: bool
    since: date | None
    citations: tuple[Citation, ...]


def read_amendment(table: Table, sources: Mapping[str, Source]) -> Amendment:
    """One ``[[amendment]]`` of ``status.toml``."""
    table.only("id", "adopted", "text", "source", "mark")
    return Amendment(
        table.need("id", str),
        table.take("adopted", date),
        table.texts("text"),
        source_of(table, sources).key,
        table.need("mark", str),
    )


def amendments_for(
    state: str, amendments: Iterable[Amendment], acts: Iterable[Act], rules: Participation, as_of: date
) -> Iterator[AmendmentStatus]:
    """How the amendments adopted by a day stand for a Party; ``acts`` are those of all States."""
    rule, all_acts = rules.amendment, tuple(acts)
    for amendment in amendments:
        if rule is None or (amendment.adopted is not None and amendment.adopted > as_of):
            continue
        days = {act.state: act.on for act in all_acts if act.amendment == amendment.id and act.on is not None}
        since = _since(days.get(state), days.values(), rules)
        consented = state in days and days[state] <= as_of
        bound = consented and since is not None and since <= as_of
        cited = (rule.consent, rule.citation, rule.binds) if consented else (rule.consent, rule.binds)
        yield AmendmentStatus(amendment, bound, since if consented else None, tuple(dict.fromkeys(cited)))


def _since(consented: date | None, all_days: Iterable[date], rules: Participation) -> date | None:
    """The day from which an amendment binds a State that consented to it."""
    if consented is None or rules.amendment is None:
        return None
    if rules.amendment.after is not None:
        return reached(consented, rules.amendment.after)
    in_force = rules.entry.general(all_days)
    return rules.entry.for_state(consented, in_force) if in_force is not None else None
