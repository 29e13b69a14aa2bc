"""`comity law show`: a provision as published, our reading of it, and the rules that rest on it."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterator
from typing import Any

from babel import Locale

from comity.terms import Citation
from comity.treaties import Article, Library, Provision, Rule, load

_WIDTH = 100


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `show`."""
    show = commands.add_parser("show", help="a provision: text as published, reading, rules")
    show.add_argument("citation", help="for example uncc:art_40__para_21")
    show.add_argument("--language", choices=("en", "kk", "ru"), default="en", help="of the readings")
    show.add_argument("--json", action="store_true", help="for machines")
    show.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print one provision; ComityError (exit 2) where the citation names none."""
    library = load()
    provision = library.provision(Citation.parse(arguments.citation))
    if arguments.json:
        shown = as_dict(library, provision)
        article = _article(library, provision)
        if article:
            shown |= {"article": {"heading": dict(article.heading), "summary": dict(article.summary)}}
        print(json.dumps(shown, ensure_ascii=False, indent=2))
    else:
        print("\n".join(_sheet(library, provision, arguments.language)))
    return 0


def as_dict(library: Library, provision: Provision) -> dict[str, Any]:
    """The provision with everything below it, its rules, flaws and repairs."""
    return {
        "cite": str(provision.citation),
        "label": provision.citation.label,
        "also": [str(citation) for citation in provision.also],
        "number": provision.number,
        "heading": provision.heading,
        "chapter": provision.chapter,
        "text_language": library.instrument(provision.citation.instrument).language,
        "text": provision.text,
        "children": [as_dict(library, library.provision(child)) for child in provision.children],
        "closing": provision.closing,
        "rules": [_rule_as_dict(rule) for rule in library.rules_on(provision.citation)],
        "flaws": list(provision.flaws),
        "repairs": [
            {"kind": repair.kind, "line": repair.at, "was": repair.was, "now": repair.now}
            for repair in provision.repairs
        ],
        "source_lines": list(provision.lines),
    }


def _article(library: Library, provision: Provision) -> Article | None:
    """The file of rules that the provision belongs to, where there is one."""
    eid = provision.citation.eid
    articles = library.instrument(provision.citation.instrument).articles
    holds = (a for a in articles if eid == a.citation.eid or eid.startswith(a.citation.eid + "__"))
    return next(holds, None)


def _rule_as_dict(rule: Rule) -> dict[str, Any]:
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


def _sheet(library: Library, provision: Provision, language: str) -> Iterator[str]:
    yield f"{provision.citation.label}   {provision.citation}"
    instrument = library.instrument(provision.citation.instrument)
    yield from _wrapped(instrument.name.get(language, instrument.id))
    article = _article(library, provision)
    if article:
        yield from _wrapped(article.heading.get(language, ""))
        yield from _wrapped(article.summary.get(language, ""))
    yield ""
    yield f"Text as published ({Locale('en').languages.get(instrument.language, instrument.language)})"
    yield from _wrapped(f"{provision.chapter} / {provision.heading}".strip(" /"), "  ")
    yield from _text(library, provision, "  ")
    rules = [
        rule for place in _with_all_below(library, provision) for rule in library.rules_on(place.citation)
    ]
    yield ""
    yield "Reading and rules" if rules else "No rule rests on this provision yet."
    for rule in rules:
        yield from _wrapped(f"{rule.reading[language]} [{rule.citation}: {_particulars(rule)}]", "  ", "    ")
    yield from _notes(list(_with_all_below(library, provision)))


def _text(library: Library, provision: Provision, indent: str) -> Iterator[str]:
    yield from _wrapped(f"{provision.number} {provision.text}".strip(), indent)
    for child in provision.children:
        yield from _text(library, library.provision(child), indent + "  ")
    yield from _wrapped(provision.closing, indent)


def _with_all_below(library: Library, provision: Provision) -> Iterator[Provision]:
    yield provision
    for child in provision.children:
        yield from _with_all_below(library, library.provision(child))


def _particulars(rule: Rule) -> str:
    """Kind, id and conditions in one line."""
    said = [rule.kind, rule.id, rule.need, rule.force, rule.duration]
    words = [word for word in said if word] + [f"when {name}" for name in rule.when]
    return ", ".join(words + [f"unless {name}" for name in rule.unless])


def _notes(provisions: list[Provision]) -> Iterator[str]:
    """Where the published text is flawed, and what was repaired when it was parsed."""
    flaws = [f"- {p.citation.label}: {note}" for p in provisions for note in p.flaws]
    repairs = [
        f"- {p.citation.label}, line {repair.at}, {repair.kind}: {repair.was!r} → {repair.now!r}"
        for p in provisions
        for repair in p.repairs
    ]
    titles = {
        "Flaws of the published text (kept as it is; rules follow the sense)": flaws,
        "Repairs made when the source was parsed": repairs,
    }
    for title, notes in titles.items():
        if notes:
            yield from ("", title)
        for note in notes:
            yield from _wrapped(note, "  ", "    ")


def _wrapped(text: str, indent: str = "", further: str | None = None) -> list[str]:
    """The text in lines of a fixed width, its own line breaks kept, no word cut."""
    wrapper = textwrap.TextWrapper(
        width=_WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if further is None else further,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [row for line in text.split("\n") for row in wrapper.wrap(line)]
