"""The terms of the law in English, Kazakh and Russian: ``law/glossary.csv``.

Receives a library; returns its terms. A term with a place is the words of the published text there (endings
aside); one without is ours, and its note says on what it rests.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from comity.terms import Citation, ComityError, gettext_noop
from comity.treaties.folding import tokens
from comity.treaties.library import Library

COLUMNS = ("id", "en", "kk", "ru", "place", "not_kk", "not_ru", "note")


class GlossaryUnreadableError(ComityError):
    """The file of terms does not have its form."""

    code = "glossary_unreadable"
    message = gettext_noop("law/glossary.csv, line {line}: {reason}.")
    next_step = gettext_noop(
        "Correct the line: id, three languages, a place or none, words to avoid, a note."
    )


@dataclass(frozen=True, slots=True)
class Term:
    """One term by language; ``avoided`` are beginnings of words that are not used for it, by language."""

    id: str
    words: Mapping[str, str]
    place: Citation | None
    avoided: Mapping[str, tuple[str, ...]]
    note: str


@cache
def glossary(library: Library) -> tuple[Term, ...]:
    """The terms in the order of the file; none where a library has no such file."""
    path = library.root / "glossary.csv"
    return read_terms(path, library) if path.exists() else ()


def read_terms(path: Path, library: Library) -> tuple[Term, ...]:
    """The terms of one file, whose places are those of a library; raise GlossaryUnreadableError."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise GlossaryUnreadableError(line=1, reason=f"the columns are {', '.join(COLUMNS)}")
        found: dict[str, Term] = {}
        for row in rows:
            term = _term(row, rows.line_num, library)
            if term.id in found:
                raise GlossaryUnreadableError(line=rows.line_num, reason=f"“{term.id}” stands twice")
            found[term.id] = term
    return tuple(found.values())


def _term(row: Mapping[str, str | None], line: int, library: Library) -> Term:
    if None in row or any(row[column] is None for column in COLUMNS):
        raise GlossaryUnreadableError(line=line, reason=f"{len(COLUMNS)} columns are needed")
    cells = {column: str(row[column]).strip() for column in COLUMNS}
    names = {language: cells[language] for language in ("en", "kk", "ru")}
    if not cells["id"] or not all(names.values()):
        raise GlossaryUnreadableError(line=line, reason="a term has an id and words in three languages")
    if cells["place"] and not library.cite_exists(cells["place"]):
        raise GlossaryUnreadableError(line=line, reason=f"there is no place “{cells['place']}”")
    return Term(
        id=cells["id"],
        words=MappingProxyType(names),
        place=Citation.parse(cells["place"]) if cells["place"] else None,
        avoided=MappingProxyType({language: _several(cells[f"not_{language}"]) for language in ("kk", "ru")}),
        note=cells["note"],
    )


def _several(cell: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def matching(terms: tuple[Term, ...], query: str) -> tuple[Term, ...]:
    """The terms that have every word of a query, or its beginning, in one language; all without a query."""
    wanted = _words(query)
    return tuple(term for term in terms if any(_has(text, wanted) for text in term.words.values()))


def _has(text: str, wanted: tuple[str, ...]) -> bool:
    there = _words(text)
    return all(any(word.startswith(one) for word in there) for one in wanted)


def _words(text: str) -> tuple[str, ...]:
    """The words of a text as search compares them."""
    return tuple(part for token in tokens(text) for part in token.parts)
