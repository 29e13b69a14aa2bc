"""The text of an instrument as addressable provisions, from ``law/<instrument>/text/kk``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from comity.terms import Citation
from comity.treaties.toml import Table, read_toml


@dataclass(frozen=True, slots=True)
class Repair:
    """A mechanical change made when the source was parsed; ``at`` is the line of the source."""

    kind: str
    at: int
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Provision:
    """One place of a text.

    ``text`` holds the words before what it is divided into, ``closing`` those after it.
    ``parent`` and ``children`` are citations; ``flaws`` say where the published text lost or
    reversed the sense (the text is kept, rules follow the sense).
    """

    citation: Citation
    number: str
    heading: str
    chapter: str
    text: str
    closing: str
    parent: Citation | None
    children: tuple[Citation, ...]
    also: tuple[Citation, ...]
    flaws: tuple[str, ...]
    repairs: tuple[Repair, ...]
    lines: tuple[int, int]


def read_corpus(folder: Path, instrument: str) -> Mapping[str, Provision]:
    """All provisions of an instrument by eId, in the order of the text (articles by number)."""
    provisions: dict[str, Provision] = {}
    for path in sorted(folder.glob("*.toml")):
        part = read_toml(path)
        part.only("instrument", "part", "number", "heading", "chapter", "provision")
        if part.need("instrument", str) != instrument:
            part.refuse(f"belongs to another instrument than {instrument}")
        for provision in _provisions(part, instrument):
            if provision.citation.eid in provisions:
                part.refuse(f"repeats {provision.citation.eid}")
            provisions[provision.citation.eid] = provision
    return MappingProxyType(provisions)


def _provisions(part: Table, instrument: str) -> Iterator[Provision]:
    tables = part.tables("provision")
    eids = [table.need("eid", str) for table in tables]
    for table, eid in zip(tables, eids, strict=True):
        table.only("eid", "also", "number", "lines", "text", "closing", "flaws", "repairs")
        above = eid.rpartition("__")[0]
        below = [other for other in eids if other.rpartition("__")[0] == eid]
        first, last = table.need("lines", list)
        yield Provision(
            citation=Citation(instrument, eid),
            number=table.need("number", str),
            heading=part.need("heading", str),
            chapter=part.need("chapter", str),
            text=table.need("text", str),
            closing=table.take("closing", str) or "",
            parent=Citation(instrument, above) if above in eids else None,
            children=tuple(Citation(instrument, other) for other in below),
            also=tuple(Citation(instrument, other) for other in table.words("also")),
            flaws=table.words("flaws"),
            repairs=tuple(_repair(one) for one in table.tables("repairs")),
            lines=(first, last),
        )


def _repair(table: Table) -> Repair:
    table.only("kind", "at", "was", "now")
    return Repair(
        table.need("kind", str), table.need("at", int), table.need("was", str), table.need("now", str)
    )
