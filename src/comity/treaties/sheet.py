"""Everything that is known of a provision, gathered: what rests on it, where it acts, what it has to do with.

Receives a library and a provision; returns it as plain values for machines, and what rests on it for pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from comity.terms import Citation
from comity.treaties import catalogue
from comity.treaties.corpus import Provision
from comity.treaties.coverage import Place, coverage
from comity.treaties.homes import Question
from comity.treaties.library import Library
from comity.treaties.references import find, references
from comity.treaties.rules import Article, Rule
from comity.treaties.search import Found
from comity.treaties.topics import Topic, topics_of


@dataclass(frozen=True, slots=True)
class Resting:
    """What rests on a provision and on everything below it."""

    rules: tuple[Rule, ...]
    questions: tuple[Question, ...]
    lives: tuple[Place, ...]
    """Where the provision and each of its parts live in the software, those that count."""


def article_of(library: Library, provision: Provision) -> Article | None:
    """The file of headings, summary and rules that a provision belongs to, where there is one."""
    names = {one.eid for one in (provision.citation, *provision.also)}
    for article in library.instrument(provision.citation.instrument).articles:
        own = article.citation.eid
        if any(name == own or name.startswith(f"{own}__") for name in names):
            return article
    return None


def with_all_below(library: Library, provision: Provision) -> Iterator[Provision]:
    """A provision and everything it is divided into, in the order of the text."""
    yield provision
    for child in provision.children:
        yield from with_all_below(library, library.provision(child))


def resting_on(library: Library, provision: Provision) -> Resting:
    """Rules, questions and homes of a provision and of everything below it."""
    below = {one.citation: None for one in with_all_below(library, provision)}
    article = article_of(library, provision)

    def here(places: tuple[Citation, ...]) -> bool:
        return any(library.cite_exists(one) and library.provision(one).citation in below for one in places)

    return Resting(
        rules=tuple(rule for place in below for rule in library.rules_on(place)),
        questions=tuple(one for one in article.questions if here(one.places)) if article else (),
        lives=tuple(home for place in below if (home := _homes(library).get(place))),
    )


def referring_to(library: Library, provision: Provision) -> tuple[Citation, ...]:
    """The provisions of other articles whose words name this one, something in it or what holds it."""
    known = references(library)
    places = [*with_all_below(library, provision), *_above(library, provision)]
    citing = dict.fromkeys(place for one in places for place in known.to(one))
    article = provision.citation.eid.partition("__")[0]
    return tuple(one for one in citing if one.eid.partition("__")[0] != article)


def as_dict(library: Library, provision: Provision) -> dict[str, Any]:
    """The provision for machines, with all below it and all that has to do with it."""
    resting = resting_on(library, provision)
    shown = _text(library, provision)
    article = article_of(library, provision)
    if article:
        shown["article"] = {"heading": dict(article.heading), "summary": dict(article.summary)}
    return shown | {
        "offences": [catalogue.as_dict(one) for one in catalogue.catalogued(library, provision)],
        "questions": [_question(one) for one in resting.questions],
        "lives": [_home(one) for one in resting.lives],
        "referred_from": _places(referring_to(library, provision)),
        "topics": [topic_as_dict(one) for one in topics_of(library, provision)],
    }


def topic_as_dict(topic: Topic) -> dict[str, Any]:
    """A topic for machines."""
    return {
        "id": topic.id,
        "name": dict(topic.name),
        "places": {instrument: _places(places) for instrument, places in topic.places.items()},
    }


def found_as_dict(found: Found, citations: Iterable[Citation]) -> dict[str, Any]:
    """What a search found, for machines; ``citations`` are the places that its words name by number."""
    return {
        "citations": [str(place) for place in citations],
        "total": found.total,
        "hits": [
            {
                "cite": str(hit.place),
                "label": hit.place.label,
                "grade": hit.grade.name.lower(),
                "field": hit.field,
                "language": hit.language,
                "pieces": [{"text": piece.text, "hit": piece.hit} for piece in hit.pieces],
            }
            for hit in found.hits
        ],
    }


def _text(library: Library, provision: Provision) -> dict[str, Any]:
    named = (
        place
        for text in (provision.text, provision.closing)
        for one in find(text, provision.citation, library)
        for place in one.places
    )
    return {
        "cite": str(provision.citation),
        "label": provision.citation.label,
        "also": _places(provision.also),
        "number": provision.number,
        "heading": provision.heading,
        "chapter": provision.chapter,
        "text_language": library.instrument(provision.citation.instrument).language,
        "text": provision.text,
        "children": [_text(library, library.provision(child)) for child in provision.children],
        "closing": provision.closing,
        "refers_to": _places(tuple(dict.fromkeys(named))),
        "rules": [_rule(rule) for rule in library.rules_on(provision.citation)],
        "flaws": list(provision.flaws),
        "repairs": [
            {"kind": repair.kind, "line": repair.at, "was": repair.was, "now": repair.now}
            for repair in provision.repairs
        ],
        "source_lines": list(provision.lines),
    }


def _rule(rule: Rule) -> dict[str, Any]:
    """A rule without the keys that its kind does not use."""
    particulars = {
        "id": rule.id,
        "need": rule.need,
        "force": rule.force,
        "duration": rule.duration,
        "from": rule.start,
        "on": rule.on,
        "before": rule.before,
        "of": rule.of,
        "to": rule.to,
        "bars": rule.bars,
        "languages": list(rule.languages) or None,
        "measures": list(rule.measures) or None,
    }
    shape: dict[str, Any] = {"cite": str(rule.citation), "kind": rule.kind}
    shape |= {key: value for key, value in particulars.items() if value is not None}
    return shape | {
        "when": list(rule.when),
        "unless": list(rule.unless),
        "quote": rule.quote,
        "reading": dict(rule.reading),
    }


def _question(question: Question) -> dict[str, Any]:
    return {
        "id": question.id,
        "places": _places(question.places),
        "force": question.force,
        "text": dict(question.text),
    }


def _home(place: Place) -> dict[str, Any]:
    shape: dict[str, Any] = {"cite": str(place.citation), "kind": place.kind, "at": list(place.at)}
    if place.awaited:
        shape["awaited"] = {"room": place.awaited.room, "what": place.awaited.what}
    return shape


def _places(places: tuple[Citation, ...]) -> list[str]:
    return [str(place) for place in places]


def _above(library: Library, provision: Provision) -> Iterator[Provision]:
    while provision.parent is not None:
        provision = library.provision(provision.parent)
        yield provision


@cache
def _homes(library: Library) -> Mapping[Citation, Place]:
    """Where every counted provision lives."""
    return MappingProxyType(
        {place.citation: place for name in library.instruments for place in coverage(library, name).places}
    )
