"""Regional organisations and their members by day: ``law/organisations/<CODE>.toml``, each with a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from comity.treaties.sources import Source, read_sources, source_of
from comity.treaties.toml import Table, read_all


@dataclass(frozen=True, slots=True)
class Membership:
    """A State's membership: from a day, and until the day after which it was none; None where still so."""

    state: str
    since: date
    until: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation of States, to which they gave competence."""

    code: str
    memberships: tuple[Membership, ...]
    sources: Mapping[str, Source]

    def members(self, day: date) -> frozenset[str]:
        """Its member States on a day."""
        return frozenset(
            one.state
            for one in self.memberships
            if one.since <= day and (one.until is None or day <= one.until)
        )


def read_organisations(folder: Path) -> Mapping[str, Organisation]:
    """Code to organisation; a missing folder is an empty mapping."""
    found = map(_organisation, read_all(folder))
    return MappingProxyType({one.code: one for one in found})


def _organisation(table: Table) -> Organisation:
    table.only("code", "source", "member")
    code = table.belongs_to("code", table.path.stem)
    sources = read_sources(table)
    return Organisation(code, tuple(_membership(one, sources) for one in table.tables("member")), sources)


def _membership(table: Table, sources: Mapping[str, Source]) -> Membership:
    table.only("state", "since", "until", "source")
    source = source_of(table, sources).key
    since, until = table.need("since", date), table.take("until", date)
    return Membership(table.need("state", str), since, until, source)
