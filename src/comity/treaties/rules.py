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

from comity.terms import Citation
from comity.treaties.errors import RuleKeyUnknownError, RuleKindUnknownError
from comity.treaties.homes import Awaited, Home, Question, read_awaited, read_home, read_question
from comity.treaties.toml import Table, Words, read_toml

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
        "clock": frozenset({"duration", "from", "of"}),
        "duty": frozenset({"force", "on", "before", "of"}),
        "ground": frozenset({"force", "on"}),
        "no_ground": frozenset({"bars"}),
        "limit": frozenset({"force", "of"}),
        "right": frozenset({"force", "of"}),
        "power": frozenset({"force", "on", "of"}),
        "record": frozenset({"of", "to"}),
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
_DURATION = re.compile(r"P(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?")


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One rule and the place it stands on.

    ``when`` and ``unless`` are names of predicates: all of the first and none of the second
    must hold. ``quote`` is verbatim from the provision, ``reading`` is our one sentence
    by language. The rest depends on the kind and is None or empty where it does not apply;
    ``start`` is the key ``from``. Durations are ISO 8601.
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


def read_articles(folder: Path, instrument: str, words: Words) -> tuple[Article, ...]:
    """Every article that has a file, in the order of the text."""
    return tuple(_article(read_toml(path), instrument, words) for path in sorted(folder.glob("*.toml")))


def _article(table: Table, instrument: str, words: Words) -> Article:
    table.only("instrument", "article", "heading", "summary", "rule", "question", "home", "awaited")
    if table.need("instrument", str) != instrument:
        table.refuse(f"belongs to another instrument than {instrument}")
    article = table.need("article", str)
    rules = tuple(_rule(one, instrument, words) for one in table.tables("rule"))
    for rule in rules:
        if rule.place.eid != article and not rule.place.eid.startswith(article + "__"):
            table.refuse(f"holds a rule on {rule.place.eid}")
    return Article(
        Citation(instrument, article),
        table.texts("heading"),
        table.texts("summary"),
        rules,
        tuple(read_question(one, instrument, words) for one in table.tables("question")),
        tuple(read_home(one, instrument, words) for one in table.tables("home")),
        tuple(read_awaited(one, instrument, words) for one in table.tables("awaited")),
    )


def _rule(table: Table, instrument: str, words: Words) -> Rule:
    kind = table.need("kind", str)
    if kind not in KEYS:
        raise RuleKindUnknownError(file=table.path, reason=f"{table.place} is of the unknown kind “{kind}”")
    for key in sorted(table.keys() - _COMMON - KEYS[kind]):
        raise RuleKeyUnknownError(
            file=table.path, reason=f"{table.place}: a rule of kind {kind} has no “{key}”"
        )
    for key in _NEEDED.get(kind, ()):
        table.need(key, str)
    _check_words(table, kind, words)
    place = table.need("eid", str)
    suffix = table.take("suffix", str)
    return Rule(
        citation=Citation(instrument, f"{place}__{suffix}" if suffix else place),
        place=Citation(instrument, place),
        kind=kind,
        id=table.take("id", str),
        quote=table.need("quote", str),
        when=_identifiers(table, "when"),
        unless=_identifiers(table, "unless"),
        reading=table.sentence("reading"),
        measures=table.words("measures"),
        **_particulars(table),
    )


def _particulars(table: Table) -> dict[str, Any]:
    duration = table.take("duration", str)
    if duration is not None and (duration[-1:] in "PT" or not _DURATION.fullmatch(duration)):
        table.refuse(f"has the duration “{duration}”, which is not ISO 8601")
    return {
        "need": table.take("need", str),
        "force": table.take("force", str),
        "duration": duration,
        "start": table.take("from", str),
        "on": table.take("on", str),
        "before": table.take("before", bool),
        "of": table.take("of", str),
        "to": table.take("to", str),
        "bars": table.take("bars", str),
        "languages": table.words("languages"),
    }


def _check_words(table: Table, kind: str, words: Words) -> None:
    named = {key: table.take(key, str) for key in _LIST_OF_KEY}
    checks = [(value, _LIST_OF_KEY[key]) for key, value in named.items() if value is not None]
    rule_id = table.take("id", str)
    if rule_id is not None and kind in _LIST_OF_ID:
        checks.append((rule_id, _LIST_OF_ID[kind]))
    checks += [(measure, "measures") for measure in table.words("measures") if measure != EVERY]
    for value, name in checks:
        table.known(value, name, words)


def _identifiers(table: Table, key: str) -> tuple[str, ...]:
    names = table.words(key)
    for name in names:
        if not _IDENTIFIER.fullmatch(name):
            table.refuse(f"“{key}” names “{name}”, which is no name of a predicate")
    return names
