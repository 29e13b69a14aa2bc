"""Sources that data about States cite: a title, an address, the source's own day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from comity.treaties.toml import Table


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact comes from; ``dated`` is the source's own day, None where it gives none."""

    key: str
    title: str
    address: str
    dated: date | None


def read_sources(table: Table) -> Mapping[str, Source]:
    """The ``[[source]]`` tables of a file by their key."""
    return MappingProxyType({one.need("key", str): _source(one) for one in table.tables("source")})


def _source(table: Table) -> Source:
    table.only("key", "title", "address", "date")
    key, title, address = (table.need(name, str) for name in ("key", "title", "address"))
    return Source(key, title, address, table.take("date", date))
