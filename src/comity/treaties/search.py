"""Finds provisions by words of their text, our summaries, readings and headings; any ending will do.

Receives a library and what a person typed; returns provisions that have every word, best first, with the
words marked in the text that shows them best.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from comity.terms import Citation
from comity.treaties import folding
from comity.treaties.fitting import Grade, Vocabulary
from comity.treaties.library import Instrument, Library
from comity.treaties.rules import Article

LONGEST = 200
"""Characters of a query that are read; the rest is dropped."""
MOST_WORDS = 12
PAGE = 20
_SNIPPET, _BEFORE = 260, 80
_FIELDS = {"heading": 3, "text": 2, "summary": 1, "reading": 0, "question": 0}


@dataclass(frozen=True, slots=True)
class Words:
    """One text that is searched: whose, which field of it, in which language."""

    place: Citation
    field: str
    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a found text; ``hit`` where it is a word that was found."""

    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A provision that has all the words: its grade, and a few lines of the text that shows them best."""

    place: Citation
    grade: Grade
    field: str
    language: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found, and how many there are in all."""

    total: int
    hits: tuple[Hit, ...]


# For each word asked for: the numbers of the texts that hold it, each with the best grade.
_Held = list[dict[int, Grade]]


class Index:
    """The words of one library; built once, never changed."""

    def __init__(self, library: Library) -> None:
        self._texts = tuple(
            text for name in library.by_priority for text in _texts(library.instrument(name), library)
        )
        self._order = {text.place: n for n, text in reversed(list(enumerate(self._texts)))}
        postings: defaultdict[str, set[int]] = defaultdict(set)
        folded: list[str] = []
        for n, text in enumerate(self._texts):
            read = list(folding.tokens(text.text))
            folded.append(f" {' '.join(part for token in read for part in token.parts)} ")
            for token in read:
                for form in token.forms:
                    postings[form].add(n)
        self._folded = tuple(folded)
        self._postings: Mapping[str, set[int]] = dict(postings)
        self._vocabulary = Vocabulary(postings)

    def search(self, query: str, instrument: str | None = None, start: int = 0, limit: int = PAGE) -> Found:
        """The provisions that have every word of the query, best first; of one instrument if it is named."""
        asked = list(folding.tokens(folding.seen(query[:LONGEST])))[:MOST_WORDS]
        fitting = [forms for token in asked for forms in self._fitting(token)]
        if not fitting:
            return Found(0, ())
        phrase = " ".join(part for token in asked for part in token.parts)
        held = self._held(fitting, instrument)
        ranked = sorted(held, key=lambda place: self._rank(place, held[place], phrase))
        marks = frozenset(form for forms in fitting for form in forms)
        hits = (self._hit(place, held[place], marks) for place in ranked[start : start + limit])
        return Found(len(ranked), tuple(hits))

    def _fitting(self, token: folding.Token) -> Iterator[dict[str, Grade]]:
        """For each part of a word asked for what fits it; a compound's whole fits each of its parts."""
        whole = self._vocabulary.fitting(token.whole) if len(token.parts) > 1 else {}
        sure = {form: grade for form, grade in whole.items() if grade > Grade.NEAR}
        for part in token.parts:
            yield sure | self._vocabulary.fitting(part)

    def _held(self, fitting: list[dict[str, Grade]], instrument: str | None) -> dict[Citation, _Held]:
        """The places that hold every word, with the texts that hold each."""
        places: defaultdict[Citation, _Held] = defaultdict(lambda: [{} for _ in fitting])
        for number, forms in enumerate(fitting):
            for form, grade in forms.items():
                for n in self._postings[form]:
                    place = self._texts[n].place
                    if instrument in (None, place.instrument):
                        held = places[place][number]
                        held[n] = max(grade, held.get(n, grade))
        return {place: held for place, held in places.items() if all(held)}

    def _rank(self, place: Citation, held: _Held, phrase: str) -> tuple[int, bool, int, int, int]:
        """The word that fits worst decides; then words in the order asked; then headings before texts."""
        grades = [max(one.values()) for one in held]
        apart = len(held) > 1 and not any(f" {phrase} " in self._folded[n] for one in held for n in one)
        field = _FIELDS[self._texts[self._best(held)].field]
        return (-min(grades), apart, -sum(grades), -field, self._order[place])

    def _best(self, held: _Held) -> int:
        """The text that shows the words best: most of them, fitting best, and a heading before a text."""
        sums: defaultdict[int, int] = defaultdict(int)
        for one in held:
            for n, grade in one.items():
                sums[n] += 10 + grade
        return max(sums, key=lambda n: (sums[n], _FIELDS[self._texts[n].field], -n))

    def _hit(self, place: Citation, held: _Held, marks: frozenset[str]) -> Hit:
        text = self._texts[self._best(held)]
        grade = Grade(min(max(one.values()) for one in held))
        pieces = tuple(_cut(list(marked(text.text, marks))))
        return Hit(place, grade, text.field, text.language, pieces)


@cache
def index(library: Library) -> Index:
    """The index of a library, built once."""
    return Index(library)


def marked(text: str, forms: frozenset[str]) -> Iterator[Piece]:
    """A text in pieces, those words apart whose folded form is among ``forms``."""
    done = 0
    for token in folding.tokens(text):
        if forms.intersection(token.forms):
            if token.start > done:
                yield Piece(text[done : token.start], hit=False)
            yield Piece(text[token.start : token.end], hit=True)
            done = token.end
    if done < len(text):
        yield Piece(text[done:], hit=False)


def _cut(pieces: list[Piece]) -> Iterator[Piece]:
    """A few lines, from a little before the first word found."""
    room = _SNIPPET
    if not pieces[0].hit:
        lead = pieces.pop(0).text
        short = lead if len(lead) <= _BEFORE or not pieces else "… " + lead[-_BEFORE:].split(" ", 1)[-1]
        yield Piece(short, hit=False)
        room -= len(short)
    for piece in pieces:
        if len(piece.text) > room:
            yield Piece(piece.text[: max(room, 0)].rpartition(" ")[0] + " …", hit=False)
            return
        room -= len(piece.text)
        yield piece


def _texts(instrument: Instrument, library: Library) -> Iterator[Words]:
    for provision in instrument.provisions.values():
        own = " ".join(f"{provision.text} {provision.closing}".split())
        if own:
            yield Words(provision.citation, "text", "kk", own)
        if provision.parent is None and provision.heading:
            yield Words(provision.citation, "heading", "kk", provision.heading)
    for article in instrument.articles:
        top = _top(article, instrument, library)
        for field, texts in (("heading", article.heading), ("summary", article.summary)):
            for language, text in texts.items():
                yield Words(top, field, language, text)
        for cited, field, texts in _resting(article):
            place = library.provision(cited).citation
            for language, text in texts.items():
                yield Words(place, field, language, text)


def _top(article: Article, instrument: Instrument, library: Library) -> Citation:
    """Where an article's heading is found; of what is no place itself (a resolution) at its first part."""
    if library.cite_exists(article.citation):
        return library.provision(article.citation).citation
    parts = (eid for eid in instrument.provisions if eid.startswith(f"{article.citation.eid}__"))
    return Citation(instrument.id, next(parts))


def _resting(article: Article) -> Iterator[tuple[Citation, str, Mapping[str, str]]]:
    """Our readings and questions, and on which place."""
    for rule in article.rules:
        yield rule.place, "reading", rule.reading
    for question in article.questions:
        yield question.places[0], "question", question.text
