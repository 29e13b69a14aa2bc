"""Edited texts that come back in a document, beside what the draft says now. Nothing is changed here."""

from __future__ import annotations

from dataclasses import dataclass

from comity.letters.word_reading import read_texts
from comity.node.casework import contents, drafts, versions
from comity.node.casework.models import Case
from comity.node.pages.fields import prose


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the document would change, what it leaves alone, and what of it no field can take."""

    compared_with: str
    changes: list[versions.Difference]
    unchanged: list[str]
    absent: list[str]
    unrecognised: tuple[str, ...]
    lost: tuple[str, ...]


def compare(case: Case, document: bytes) -> Comparison:
    """Compare a document with the draft; raise the errors of ``word_reading`` for one that is refused."""
    said, asked = drafts.of(case)["contents"], [field.id for field in contents.fields(case)]
    edited = read_texts(document, asked)
    texts = {field: prose(text) for field, text in edited.texts.items()}
    changes = versions.differences(
        {"contents": {field: said.get(field, "") for field in texts}}, {"contents": texts}
    )
    changed = {each.place for each in changes}
    return Comparison(
        compared_with=versions.fingerprint(drafts.of(case)),
        changes=changes,
        unchanged=[field for field in asked if field in texts and field not in changed],
        absent=[field for field in asked if field not in texts],
        unrecognised=edited.unrecognised,
        lost=edited.lost,
    )
