"""What a State's own law punishes, as far as a source tells: ``law/states/<STATE>/offences.toml``.

That a provision of national law covers a treaty's conduct is our reading of it; of a State that is not here
nothing is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from comity.terms import Citation
from comity.treaties.sources import Source, read_sources, source_of
from comity.treaties.toml import Table, Words, read_all

WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a provision with its longest penalty: years of deprivation of liberty, or days of arrest."""

    part: str
    max_years: float | None
    arrest_days: int | None


@dataclass(frozen=True, slots=True)
class Implementation:
    """A treaty's offence that a provision answers: its whole conduct or a part of it.

    ``requires``: elements that the State really requires on top (``law/vocabulary/elements``).
    """

    offence: Citation
    covers: str
    requires: tuple[str, ...]
    note: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Enactment:
    """A provision of a State's criminal law; ``edition`` is the day of the text read, if established."""

    state: str
    law: str
    article: str
    subject: Mapping[str, str]
    source: Source
    edition: date | None
    mark: str
    parts: tuple[Part, ...]
    implements: tuple[Implementation, ...]


Answering = tuple[Enactment, Implementation]
"""A provision of national law, and what it answers of one treaty's offence."""


def read_states(folder: Path, words: Words) -> Mapping[str, tuple[Enactment, ...]]:
    """State to its provisions, in the order of the file; a missing folder is an empty mapping."""
    found: dict[str, tuple[Enactment, ...]] = {}
    for table in read_all(folder, "*/offences.toml"):
        table.only("state", "source", "provision")
        state = table.belongs_to("state", table.path.parent.name)
        sources = read_sources(table)
        found[state] = tuple(_enactment(one, state, sources, words) for one in table.tables("provision"))
    return MappingProxyType(found)


def _enactment(table: Table, state: str, sources: Mapping[str, Source], words: Words) -> Enactment:
    table.only("law", "article", "subject", "source", "edition", "mark", "parts", "implements")
    return Enactment(
        state=state,
        law=table.need("law", str),
        article=table.need("article", str),
        subject=table.sentence("subject"),
        source=source_of(table, sources),
        edition=table.take("edition", date),
        mark=table.need("mark", str),
        parts=tuple(_part(one) for one in table.tables("parts")),
        implements=tuple(_implementation(one, words) for one in table.tables("implements")),
    )


def _part(table: Table) -> Part:
    table.only("part", "max_years", "arrest_days")
    years = table.number("max_years")
    return Part(table.need("part", str), years, table.take("arrest_days", int))


def _implementation(table: Table, words: Words) -> Implementation:
    table.only("offence", "covers", "requires", "note")
    return Implementation(
        offence=table.citation("offence"),
        covers=table.word("covers", "covers", words),
        requires=table.known_words("requires", "elements", words),
        note=table.texts("note"),
    )
