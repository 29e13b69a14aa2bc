"""Parts to TOML files of the corpus, in one determined form."""

from __future__ import annotations

import json
from collections.abc import Iterator

from corpus.reading import Repair
from corpus.structure import Part, Provision


def part_toml(instrument: str, part: Part) -> str:
    """The file of one article or part."""
    return "\n".join(_lines(instrument, part)) + "\n"


def _lines(instrument: str, part: Part) -> Iterator[str]:
    yield f"# Parsed from law/sources/{instrument}.txt by tools/parse_sources.py; correct the plan there."
    yield f"instrument = {_text(instrument)}"
    yield f"part = {_text(part.id)}"
    yield f"number = {_text(part.number)}"
    yield f"heading = {_text(part.heading)}"
    yield f"chapter = {_text(part.chapter)}"
    for provision in part.provisions:
        yield ""
        yield from _provision(provision)


def _provision(provision: Provision) -> Iterator[str]:
    yield "[[provision]]"
    yield f"eid = {_text(provision.eid)}"
    if provision.also:
        yield f"also = [{', '.join(map(_text, provision.also))}]"
    yield f"number = {_text(provision.number)}"
    yield f"lines = [{provision.first}, {provision.last}]"
    yield f"text = {_text(provision.text)}"
    if provision.closing:
        yield f"closing = {_text(provision.closing)}"
    if provision.flaws:
        yield "flaws = ["
        yield from (f"  {_text(note)}," for note in provision.flaws)
        yield "]"
    if provision.repairs:
        yield "repairs = ["
        yield from (f"  {_repair(repair)}," for repair in provision.repairs)
        yield "]"


def _repair(repair: Repair) -> str:
    kind, was, now = map(_text, (repair.kind, repair.was, repair.now))
    return f"{{ kind = {kind}, at = {repair.at}, was = {was}, now = {now} }}"


def _text(value: str) -> str:
    """A basic string of TOML: JSON's escapes are a part of TOML's."""
    return json.dumps(value, ensure_ascii=False)
