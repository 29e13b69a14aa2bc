"""The readable form of what a result says in words: advice, legal information, a person's whereabouts."""

from __future__ import annotations

from collections.abc import Iterator

from comity.letters import bodies
from comity.letters.document import Fields, Paragraphs, Section
from comity.letters.labels import Labels


def told_in_words(body: bodies.ResultBody, labels: Labels) -> Iterator[Section]:
    """For each item the answer in words, or where the person is."""
    for item in body.items:
        if item.answer:
            yield Section(f"{labels.word('answer_in_words')} ({item.number})", [Paragraphs(item.answer)])
        if item.whereabouts:
            yield Section(f"{labels.word('whereabouts')} ({item.number})", [_fields(item, labels)])


def _fields(item: bodies.ResultItem, labels: Labels) -> Fields:
    told = item.whereabouts
    if told is None:
        return Fields([])
    rows = [
        ("person_found", labels.word("found" if told.found else "not_located")),
        ("place", told.place or ""),
        ("as_of", labels.instant(told.as_of)),
        ("source", told.source),
    ]
    return Fields([(labels.word(word), value) for word, value in rows if value])
