"""The parts of which the sections of every kind of letter are put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from comity.letters.bodies import Condition
from comity.letters.document import Block, Fields, Section, Table
from comity.letters.labels import Labels


def section(labels: Labels, word: str, *blocks: Block) -> Section:
    """A section under the given word as its heading."""
    return Section(labels.word(word), blocks)


def table(labels: Labels, words: str, widths: Sequence[int], rows: Iterable[Sequence[str]]) -> Table:
    """A table whose headings are the given words, the column ``sha256`` set for hashes."""
    ids = words.split()
    mono = [place for place, word in enumerate(ids) if word == "sha256"]
    return Table([labels.word(word) for word in ids], widths, list(rows), mono)


def conditions(offered: Iterable[Condition], labels: Labels) -> Table:
    """Conditions, each with the provision that lets it bind."""
    rows = [[f"{labels('limit', one.id)}\n{one.text}", labels.citation(one.cite)] for one in offered]
    return table(labels, "conditions provision", (7, 4), rows)


def day(labels: Labels, word: str, instant: str) -> Section:
    """A section that holds one instant."""
    return section(labels, word, Fields([(labels.word(word), labels.instant(instant))]))
