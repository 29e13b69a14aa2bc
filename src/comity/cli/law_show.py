"""`comity law show`: a provision as published, our reading, and all that has to do with it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from babel import Locale

from comity.cli.lines import wrapped
from comity.terms import Citation
from comity.treaties import Library, Provision, Rule, load
from comity.treaties.catalogue import Catalogued, catalogued
from comity.treaties.coverage import Place
from comity.treaties.library import Instrument
from comity.treaties.references import references
from comity.treaties.sheet import Resting, article_of, as_dict, referring_to, resting_on, with_all_below
from comity.treaties.topics import topics_of
from comity.treaties.written import read_citation


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `show`."""
    show = commands.add_parser("show", help="a provision: text as published, reading, what rests on it")
    show.add_argument("citation", nargs="+", help="for example uncc:art_40__para_21, or UNCC 40(21)")
    show.add_argument("--language", choices=("en", "kk", "ru"), default="en", help="of the readings")
    show.add_argument("--json", action="store_true", help="for machines")
    show.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print one provision; ComityError (exit 2) where the citation names none."""
    library = load()
    provision = _provision(" ".join(arguments.citation), library)
    if arguments.json:
        print(json.dumps(as_dict(library, provision), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_sheet(library, provision, arguments.language)))
    return 0


def _provision(written: str, library: Library) -> Provision:
    """The place that was written; where that names none or several, the error of the exact form says so."""
    places = read_citation(written, library)
    return library.provision(places[0] if len(places) == 1 else Citation.parse(written))


def _sheet(library: Library, provision: Provision, language: str) -> Iterator[str]:
    yield f"{provision.citation.label}   {provision.citation}"
    instrument = library.instrument(provision.citation.instrument)
    yield from _heading(library, provision, instrument, language)
    published = Locale("en").languages.get(instrument.language, instrument.language)
    yield from ("", f"Text as published ({published})")
    yield from wrapped(f"{provision.chapter} / {provision.heading}".strip(" /"), "  ")
    yield from _text(library, provision, "  ")
    resting = resting_on(library, provision)
    yield from ("", "Reading and rules" if resting.rules else "No rule rests on this provision yet.")
    for rule in resting.rules:
        yield from wrapped(f"{rule.reading[language]} [{rule.citation}: {_particulars(rule)}]", "  ", "    ")
    for title, notes in _surroundings(library, provision, resting, language):
        if notes:
            yield from ("", title)
        for note in notes:
            yield from wrapped(f"- {note}", "  ", "    ")


def _heading(library: Library, provision: Provision, instrument: Instrument, language: str) -> Iterator[str]:
    yield from wrapped(instrument.name.get(language, instrument.id))
    article = article_of(library, provision)
    if article:
        yield from wrapped(article.heading.get(language, ""))
        yield from wrapped(article.summary.get(language, ""))


def _text(library: Library, provision: Provision, indent: str) -> Iterator[str]:
    yield from wrapped(f"{provision.number} {provision.text}".strip(), indent)
    for child in provision.children:
        yield from _text(library, library.provision(child), indent + "  ")
    yield from wrapped(provision.closing, indent)


def _particulars(rule: Rule) -> str:
    """Kind, id and conditions in one line."""
    said = [rule.kind, rule.id, rule.need, rule.force, rule.duration]
    words = [word for word in said if word] + [f"when {name}" for name in rule.when]
    return ", ".join(words + [f"unless {name}" for name in rule.unless])


def _surroundings(
    library: Library, provision: Provision, resting: Resting, language: str
) -> Iterator[tuple[str, list[str]]]:
    """Titles and the lines below them; a title without lines is not printed."""
    below = list(with_all_below(library, provision))
    questions = [
        f"{one.text[language]} [{one.id}, {one.force}: {_cited(one.places)}]" for one in resting.questions
    ]
    for one in catalogued(library, provision):
        yield f"The offence: {one.offence.names[language]}", list(_offence(one, language))
    yield "Questions to the State", questions
    yield "Where it lives in the software", [_home(place) for place in resting.lives]
    named = dict.fromkeys(place for one in below for place in references(library).of(one))
    yield "Refers to", [_cited(tuple(named))] if named else []
    citing = referring_to(library, provision)
    yield "Referred to by", [_cited(citing)] if citing else []
    yield "Topics", [f"{one.name[language]} [{one.id}]" for one in topics_of(library, provision)]
    yield (
        "Flaws of the published text (kept as it is; rules follow the sense)",
        [f"{one.citation.label}: {note}" for one in below for note in one.flaws],
    )
    yield (
        "Repairs made when the source was parsed",
        [
            f"{one.citation.label}, line {repair.at}, {repair.kind}: {repair.was!r} → {repair.now!r}"
            for one in below
            for repair in one.repairs
        ],
    )


def _offence(found: Catalogued, language: str) -> Iterator[str]:
    offence = found.offence
    if offence.conduct:
        yield f"Conduct: {offence.conduct[language]}"
    if offence.mental:
        yield f"Mental element: {offence.mental[language]}"
    if offence.establish:
        yield f"To be made an offence: {offence.establish}"
    for option in offence.options:
        effect = option.effect.replace("_", " ")
        yield f"{effect} [{option.id}, {option.citation.label}]: {option.text[language]}"
    for place, what in ((offence.participation, "Participation"), (offence.attempt, "Attempt, preparation")):
        if place:
            yield f"{what}: {_cited(place)}"
    for enactment, implements in found.enactments:
        law = f"{enactment.law}, {enactment.article}, {enactment.subject[language]}"
        yield f"{enactment.state}: {law} (covers: {implements.covers})"


def _home(place: Place) -> str:
    if place.awaited:
        return f"{place.citation.label}: not built yet; {place.awaited.room} owes it: {place.awaited.what}"
    at = ", ".join(dict.fromkeys(place.at))
    return f"{place.citation.label}: {place.kind.replace('_', ' ')} {at}".rstrip()


def _cited(places: tuple[Citation, ...]) -> str:
    return ", ".join(str(place) for place in places)
