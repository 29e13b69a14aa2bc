"""The text of an instrument as addressable provisions, from ``law/<instrument>/text/<language>``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from comity.terms import Citation
from comity.treaties.mistakes import EidRepeatedError, TypeWrongError
from comity.treaties.toml import UNREADABLE, Places, Table, read_toml


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


def read_corpus(folder: Path, instrument: str) -> tuple[Mapping[str, Provision], Places]:
    """All provisions of an instrument by eId, in the order of the text (articles by number).

    With them all names that places have; None if a file could not be read and some may be missing.
    """
    provisions: dict[str, Provision] = {}
    parts = [read_toml(path) for path in sorted(folder.glob("*.toml"))]
    for part in parts:
        if part.silent:
            continue
        part.only("instrument", "part", "number", "heading", "chapter", "provision")
        part.belongs_to("instrument", instrument)
        for table, provision in _provisions(part, instrument):
            eid = provision.citation.eid
            if eid in provisions:
                table.wrong(EidRepeatedError, "eid", eid=eid)
            elif eid != UNREADABLE:
                provisions[eid] = provision
    names = (cited.eid for one in provisions.values() for cited in (one.citation, *one.also))
    whole = bool(provisions) and not any(part.silent for part in parts)
    return MappingProxyType(provisions), frozenset(names) if whole else None


def _provisions(part: Table, instrument: str) -> Iterator[tuple[Table, Provision]]:
    heading, chapter = part.need("heading", str), part.need("chapter", str)
    tables = [(table, table.cite("eid", instrument)) for table in part.tables("provision")]
    eids = [citation.eid for _, citation in tables]
    for table, citation in tables:
        table.only("eid", "also", "number", "lines", "text", "closing", "flaws", "repairs")
        above = citation.eid.rpartition("__")[0]
        below = [other for other in eids if other.rpartition("__")[0] == citation.eid]
        yield (
            table,
            Provision(
                citation=citation,
                number=table.need("number", str),
                heading=heading,
                chapter=chapter,
                text=table.need("text", str),
                closing=table.take("closing", str) or "",
                parent=Citation(instrument, above) if above in eids else None,
                children=tuple(Citation(instrument, other) for other in below),
                also=table.cites("also", instrument),
                flaws=table.words("flaws"),
                repairs=tuple(_repair(one) for one in table.tables("repairs")),
                lines=_lines(table),
            ),
        )


def _lines(table: Table) -> tuple[int, int]:
    """The first and the last line of the source."""
    match table.need("lines", list):
        case [int(first), int(last)]:
            return first, last
        case [_, *_]:
            table.wrong(TypeWrongError, "lines", key="lines", expected="two numbers of lines")
    return 0, 0


def _repair(table: Table) -> Repair:
    table.only("kind", "at", "was", "now")
    return Repair(
        table.need("kind", str), table.need("at", int), table.need("was", str), table.need("now", str)
    )
