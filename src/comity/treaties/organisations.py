"""Regional organisations and their members by day: ``law/organisations/<CODE>.toml``, each with a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from comity.treaties.sources import Source, read_sources
from comity.treaties.toml import Table, read_toml


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
    found = (_organisation(path) for path in sorted(folder.glob("*.toml")))
    return MappingProxyType({one.code: one for one in found})


def _organisation(path: Path) -> Organisation:
    table = read_toml(path)
    table.only("code", "source", "member")
    code = table.need("code", str)
    if code != path.stem:
        table.refuse(f"stands in the file of {path.stem}")
    sources = read_sources(table)
    return Organisation(code, tuple(_membership(one, sources) for one in table.tables("member")), sources)


def _membership(table: Table, sources: Mapping[str, Source]) -> Membership:
    table.only("state", "since", "until", "source")
    source = table.need("source", str)
    if source not in sources:
        table.refuse(f"names the source “{source}”, which is not listed")
    since, until = table.need("since", date), table.take("until", date)
    return Membership(table.need("state", str), since, until, source)
