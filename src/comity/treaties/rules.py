"""Rules as data: what a provision means, in which kind, under which conditions.

Reads ``law/<instrument>/articles/art_NN.toml``. Kinds and their keys are known here; treaties are not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from comity.terms import Citation, CitationUnreadableError
from comity.treaties.homes import Awaited, Home, Question, read_awaited, read_home, read_question
from comity.treaties.mistakes import (
    ConditionUnknownError,
    EidMalformedError,
    KeyMissingError,
    RuleKeyUnknownError,
    RuleKindUnknownError,
    RulePlaceElsewhereError,
)
from comity.treaties.toml import UNREADABLE, Places, Table, Words, nearest, read_all

# Among a rule's measures: all that the instrument provides for.
EVERY = "every"
_COMMON = frozenset({"eid", "suffix", "kind", "id", "quote", "when", "unless", "reading", "measures"})
# What a rule of each kind may say beyond the common keys.
KEYS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "scope": frozenset(),
        "content": frozenset({"need"}),
        "channel": frozenset({"force", "to"}),
        "language": frozenset({"languages", "of"}),
        "form": frozenset({"force"}),
        "clock": frozenset({"duration", "from", "of", "working_days"}),
        "duty": frozenset({"force", "on", "before", "of"}),
        "ground": frozenset({"force", "on"}),
        "no_ground": frozenset({"bars"}),
        "limit": frozenset({"force", "of"}),
        "right": frozenset({"force", "of"}),
        "power": frozenset({"force", "on", "of"}),
        "record": frozenset({"of", "to", "duration"}),
        "status": frozenset(),
    }
)
# Which closed list a key's value comes from; for ``id`` it depends on the kind.
_LIST_OF_ID = {
    "content": "contents",
    "channel": "channels",
    "form": "forms",
    "clock": "clocks",
    "duty": "duties",
    "limit": "limits",
}
_LIST_OF_KEY = {
    "need": "needs",
    "force": "forces",
    "of": "sides",
    "to": "roles",
    "from": "clock_starts",
    "bars": "barred_grounds",
}
_NEEDED = {
    "content": ("id", "need"),
    "channel": ("id",),
    "clock": ("id",),
    "limit": ("id",),
    "no_ground": ("bars",),
}
_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One rule and the place it stands on.

    ``when`` and ``unless`` are names of predicates: all of the first and none of the second
    must hold. ``quote`` is verbatim from the provision, ``reading`` is our one sentence
    by language. The rest depends on the kind and is None or empty where it does not apply;
    ``start`` is the key ``from``. Durations are ISO 8601; ``working_days`` says that their days are those on
    which the State that owes works.
    """

    citation: Citation
    place: Citation
    kind: str
    id: str | None
    quote: str
    when: tuple[str, ...]
    unless: tuple[str, ...]
    reading: Mapping[str, str]
    measures: tuple[str, ...] = ()
    need: str | None = None
    force: str | None = None
    duration: str | None = None
    start: str | None = None
    on: str | None = None
    before: bool | None = None
    of: str | None = None
    to: str | None = None
    bars: str | None = None
    languages: tuple[str, ...] = ()
    working_days: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """A file on one article: headings and our own summary by language, rules in the file's order,
    questions to the State, and where those provisions live on which no rule stands.
    """

    citation: Citation
    heading: Mapping[str, str]
    summary: Mapping[str, str]
    rules: tuple[Rule, ...]
    questions: tuple[Question, ...] = ()
    homes: tuple[Home, ...] = ()
    awaited: tuple[Awaited, ...] = ()


def read_articles(folder: Path, instrument: str, words: Words, places: Places = None) -> tuple[Article, ...]:
    """Every article that has a file, in the order of the text; ``places`` are those of the text."""
    return tuple(_article(table, instrument, words) for table in read_all(folder, places=places))


def _article(table: Table, instrument: str, words: Words) -> Article:
    table.only("instrument", "article", "heading", "summary", "rule", "question", "home", "awaited")
    table.belongs_to("instrument", instrument)
    article = table.part("article", instrument)
    rules = tuple(_rule(one, article, words) for one in table.tables("rule"))
    return Article(
        article,
        table.texts("heading"),
        table.texts("summary"),
        rules,
        tuple(read_question(one, instrument, words) for one in table.tables("question")),
        tuple(read_home(one, instrument, words) for one in table.tables("home")),
        tuple(read_awaited(one, instrument, words) for one in table.tables("awaited")),
    )


def _rule(table: Table, article: Citation, words: Words) -> Rule:
    kind = table.need("kind", str)
    if kind in KEYS:
        _check_keys(table, kind)
    elif kind:
        table.wrong(RuleKindUnknownError, "kind", word=kind, choices=nearest(kind, KEYS))
    _check_words(table, kind, words)
    place = table.cite("eid", article.instrument)
    if UNREADABLE not in (place.eid, article.eid) and not f"{place.eid}__".startswith(f"{article.eid}__"):
        table.wrong(RulePlaceElsewhereError, "eid", place=place.eid, article=article.eid)
    return Rule(
        citation=_cited(table, place),
        place=place,
        kind=kind,
        id=table.take("id", str),
        quote=table.need("quote", str),
        when=_identifiers(table, "when"),
        unless=_identifiers(table, "unless"),
        reading=table.sentence("reading"),
        measures=table.words("measures"),
        **_particulars(table),
    )


def _cited(table: Table, place: Citation) -> Citation:
    """The rule's own citation: its place, and the suffix that tells it apart."""
    suffix = table.take("suffix", str)
    if suffix is None:
        return place
    try:
        return Citation(place.instrument, f"{place.eid}__{suffix}")
    except CitationUnreadableError:
        table.wrong(EidMalformedError, "suffix", eid=suffix)
        return place


def _check_keys(table: Table, kind: str) -> None:
    """Every key belongs to the kind, and what the kind needs is there."""
    allowed = _COMMON | KEYS[kind]
    for key in sorted(table.keys() - allowed):
        table.wrong(RuleKeyUnknownError, key, kind=kind, key=key, choices=nearest(key, allowed))
    for key in _NEEDED.get(kind, ()):
        if key not in table:
            table.wrong(KeyMissingError, key=key)


def _particulars(table: Table) -> dict[str, Any]:
    return {
        "need": table.take("need", str),
        "force": table.take("force", str),
        "duration": table.duration("duration"),
        "start": table.take("from", str),
        "on": table.take("on", str),
        "before": table.take("before", bool),
        "of": table.take("of", str),
        "to": table.take("to", str),
        "bars": table.take("bars", str),
        "languages": table.words("languages"),
        "working_days": bool(table.take("working_days", bool)),
    }


def _check_words(table: Table, kind: str, words: Words) -> None:
    """What comes from a closed list is in it."""
    lists = dict(_LIST_OF_KEY)
    if kind in _LIST_OF_ID:
        lists["id"] = _LIST_OF_ID[kind]
    for key, name in lists.items():
        value = table.peek(key, str)
        if value is not None:
            table.known(value, name, words, key)
    for number, measure in enumerate(table.peek("measures", list) or ()):
        if isinstance(measure, str) and measure != EVERY:
            table.known(measure, "measures", words, "measures", number)


def _identifiers(table: Table, key: str) -> tuple[str, ...]:
    names = table.words(key)
    for number, name in enumerate(names):
        if not _IDENTIFIER.fullmatch(name):
            table.wrong(ConditionUnknownError, key, number, word=name, choices="words of small letters and _")
    return names
