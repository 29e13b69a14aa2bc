"""A treaty's catalogue of offences: conduct, mental element, and what a State may require on top."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.terms import Citation
from comity.treaties.toml import Table, Words

MAY_REQUIRE = "may_require"


@dataclass(frozen=True, slots=True)
class Option:
    """What the treaty lets a State do with an offence: require an element on top, exclude or extend.

    ``id`` is an element of ``law/vocabulary/elements``, ``effect`` a word of ``option_effects``.
    """

    id: str
    citation: Citation
    effect: str
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CatalogueOffence:
    """An offence that the instrument knows.

    ``predicates``: the offences that must underlie it, if any. ``establish``: whether a State must make it an
    offence or consider it (None where the treaty only lists kinds). ``participation`` and ``attempt`` cite
    where the treaty speaks of these.
    """

    citation: Citation
    names: Mapping[str, str]
    predicates: frozenset[str] = frozenset()
    establish: str | None = None
    conduct: Mapping[str, str] = field(default_factory=dict)
    mental: Mapping[str, str] = field(default_factory=dict)
    participation: tuple[Citation, ...] = ()
    attempt: tuple[Citation, ...] = ()
    options: tuple[Option, ...] = ()


def read_offences(table: Table, instrument: str, words: Words) -> dict[str, CatalogueOffence]:
    """The ``[[offence]]`` tables of ``offences.toml`` by eId."""
    return {
        offence.citation.eid: offence
        for offence in (_offence(cell, instrument, words) for cell in table.tables("offence"))
    }


def _offence(cell: Table, instrument: str, words: Words) -> CatalogueOffence:
    cell.only(
        "eid", "name", "predicates", "establish", "conduct", "mental", "participation", "attempt", "option"
    )
    establish = cell.take("establish", str)
    return CatalogueOffence(
        citation=Citation(instrument, cell.need("eid", str)),
        names=cell.texts("name"),
        predicates=frozenset(cell.words("predicates")),
        establish=cell.known(establish, "forces", words) if establish else None,
        conduct=cell.texts("conduct"),
        mental=cell.texts("mental"),
        participation=tuple(Citation(instrument, eid) for eid in cell.words("participation")),
        attempt=tuple(Citation(instrument, eid) for eid in cell.words("attempt")),
        options=tuple(_option(one, instrument, words) for one in cell.tables("option")),
    )


def _option(table: Table, instrument: str, words: Words) -> Option:
    table.only("id", "eid", "effect", "text")
    return Option(
        id=table.word("id", "elements", words),
        citation=Citation(instrument, table.need("eid", str)),
        effect=table.word("effect", "option_effects", words),
        text=table.sentence("text"),
    )
