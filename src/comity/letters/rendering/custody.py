"""The readable form of what a receiving side tells of its custody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from comity.letters import bodies
from comity.letters.document import Section, Table
from comity.letters.labels import Labels
from comity.letters.rendering.parts import table
from comity.proofs.custody import CustodyRecord


def custody_table(chain: Iterable[CustodyRecord], labels: Labels) -> Table:
    """One exhibit's custody, a record a line."""
    rows = [
        [
            str(record.n),
            labels("act", record.act),
            labels.instant(record.at),
            f"{record.by.name}, {record.by.post} ({record.by.authority})",
            record.note,
        ]
        for record in chain
    ]
    return table(labels, "number act time by note", (1, 4, 5, 6, 4), rows)


def custody_update(body: object, labels: Labels) -> Iterator[Section]:
    """The chains of a letter that tells custody, by exhibit; nothing for a letter about anything else."""
    if isinstance(body, bodies.CustodyUpdateBody):
        for exhibit, chain in groupby(body.custody, lambda record: record.exhibit):
            heading = f"{labels.word('custody')}: {labels.word('exhibit')} {exhibit}"
            yield Section(heading, [custody_table(chain, labels)])
