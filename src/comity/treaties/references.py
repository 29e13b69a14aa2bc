"""Finds, in the Kazakh wording of a provision, the places it refers to.

The texts say ``40-бабының 21-тармағының (b) және (с) тармақшалары`` and ``осы баптың 3-тармағы``. A reference
is read only where the place exists; what names no place of the text (a chapter, another act) is left alone.
That a provision speaks of its own article or paragraph without a number is no reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from comity.terms import Citation
from comity.treaties.corpus import Provision
from comity.treaties.library import Library

_AND = r"(?:\s*,\s*|\s+(?:және|немесе|мен|не|и)\s+)"
_TO = r"\s*[-–]\s*"
_LETTER = r"\(?(?:[a-zа-яіһ]{1,4}|\d{1,2})\)"
_NUMBER = (
    rf"(?:\d+|[ІI])(?:\s?{_LETTER})?"  # the published text writes both "І-тармағында" and "1(а)-тармағының"
)
_LABEL = re.compile(rf"{_LETTER}|\d+|[ІI]")
_MENTION = re.compile(
    rf"(?P<article>\d+(?:(?:{_AND}|{_TO})\d+)*)-\s?б[аa](?:п|б)\w*"
    rf"|(?P<para>{_NUMBER}(?:(?:{_AND}|{_TO}){_NUMBER})*)-\s?тарма[қғ](?!ша)\w*"
    rf"|(?P<point>{_LETTER}(?:(?:{_AND}|{_TO}|\s){_LETTER})*)\s+тарма(?:қша|ғ)\w*"
    r"|(?P<own_article>\b[Оо]сы б[аa][пб]\w*)"
    r"|(?P<own_para>\b[Оо]сы тарма[қғ](?!ша)\w*)"
)
_NEAR = re.compile(rf"\s*|{_AND}|\s*сондай-ақ\s*")
_OF_AN_ACT = re.compile(r"(\w+(?:[нтд][ыі]ң))\s+$")
_THIS_ACT = re.compile(r"онвенция|аттама|елісім")
_LATIN = str.maketrans("абсеіһ", "abceih")  # the letters of points are mostly Cyrillic in the published texts


@dataclass(frozen=True, slots=True)
class Reference:
    """Characters ``start`` to ``end`` of a text, and the places they name (several for "8 to 31")."""

    start: int
    end: int
    places: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class _Label:
    """One number or letter of a mention, or a run of them (``7-16``), with its place in the text."""

    start: int
    end: int
    values: tuple[str, ...]
    below: tuple[str, ...] = ()
    """Letters that stand right behind: ``2 (а)-тармағы``, ``(b) (іі) тармақшасы``."""


def find(text: str, home: Citation, library: Library) -> tuple[Reference, ...]:
    """The references of a text that stands at ``home``, in its order; none overlaps another."""
    return tuple(_Reader(text, home, library).read())


class References:
    """All references of a library's texts, in both directions."""

    def __init__(self, library: Library) -> None:
        self._forth: dict[str, tuple[Citation, ...]] = {}
        back: dict[str, dict[Citation, None]] = {}
        for instrument in library.instruments.values():
            for provision in instrument.provisions.values():
                named = dict.fromkeys(_named(provision, library))
                self._forth[str(provision.citation)] = tuple(named)
                for place in named:
                    back.setdefault(str(place), {})[provision.citation] = None
        self._back: Mapping[str, tuple[Citation, ...]] = MappingProxyType(
            {place: tuple(citing) for place, citing in back.items()}
        )

    def of(self, provision: Provision) -> tuple[Citation, ...]:
        """The places that a provision itself names."""
        return self._forth.get(str(provision.citation), ())

    def to(self, provision: Provision) -> tuple[Citation, ...]:
        """The provisions whose own words name this one, in the order of the texts."""
        return self._back.get(str(provision.citation), ())


@cache
def references(library: Library) -> References:
    """The references of a library, found once."""
    return References(library)


def _named(provision: Provision, library: Library) -> Iterator[Citation]:
    for text in (provision.text, provision.closing):
        for reference in find(text, provision.citation, library):
            yield from reference.places


class _Reader:
    """Reads one text; ``around`` holds where the last mention ended, deepest place first."""

    def __init__(self, text: str, home: Citation, library: Library) -> None:
        self.text, self.library, self.instrument = text, library, home.instrument
        self.home = _around(home.eid)
        self.around: tuple[str, ...] = ()
        self.end = 0
        self.found: list[Reference] = []
        self.open_from: int | None = None
        """Where the chain begins that the next mention may continue: ``40-бабының`` before ``21-тармағы``."""

    def read(self) -> list[Reference]:
        for mention in _MENTION.finditer(self.text):
            gap = self.text[self.end : mention.start()]
            near = bool(self.around) and _NEAR.fullmatch(gap) is not None
            kind = str(mention.lastgroup)
            if kind.startswith("own"):
                self._own(mention, kind)
            else:
                self._place(mention, kind, near=near, chained=near and not gap.strip())
            self.end = mention.end()
        return self.found

    def _own(self, mention: re.Match[str], kind: str) -> None:
        """``осы баптың``: no reference by itself, but where the next mention starts from."""
        self.around = self.home[-1:] if kind == "own_article" else self.home[-2:]
        self.open_from = mention.start()

    def _place(self, mention: re.Match[str], kind: str, *, near: bool, chained: bool) -> None:
        bases = self._bases(mention, kind, near=near)
        labels = list(_labels(mention, kind))
        above, first = self.around[:1], len(self.found)
        self.around = ("nowhere",)
        for label in labels:
            places = [place for value in label.values if (place := self._resolve(kind, value, label, bases))]
            if places:
                self.around = _around(places[-1])
                end = mention.end() if label is labels[-1] else label.end
                self.found.append(Reference(label.start, end, tuple(self._cited(place) for place in places)))
        if len(self.found) > first and chained:
            self._join(first, above[0])
        alone = len(labels) == 1 and self.around != ("nowhere",)
        self.open_from = self.found[-1].start if alone else None

    def _bases(self, mention: re.Match[str], kind: str, *, near: bool) -> tuple[str, ...]:
        """Below which places a mention's labels are looked for."""
        if kind == "article":
            of = _OF_AN_ACT.search(self.text, 0, mention.start())
            return ("nowhere",) if of and not _THIS_ACT.search(of[1]) else ("",)
        around = self.around if near else self.home
        return around[-1:] if kind == "para" else around

    def _resolve(self, kind: str, value: str, label: _Label, bases: tuple[str, ...]) -> str | None:
        """The eId of the deepest base's part with this number or letter."""
        kinds = {"article": ("art",), "para": ("para",), "point": ("point", "item")}[kind]
        for base in bases:
            for name in kinds:
                place = f"{base}__{name}_{value}" if base else f"{name}_{value}"
                if self._exists(place):
                    return self._lower(place, label.below)
        return None

    def _lower(self, place: str, below: tuple[str, ...]) -> str:
        for value in below:
            place = next(
                (deeper for name in ("point", "item") if self._exists(deeper := f"{place}__{name}_{value}")),
                place,
            )
        return place

    def _exists(self, eid: str) -> bool:
        return self.library.cite_exists(f"{self.instrument}:{eid}")

    def _cited(self, eid: str) -> Citation:
        return self.library.provision(f"{self.instrument}:{eid}").citation

    def _join(self, first: int, above: str) -> None:
        """A chain is one reference to its deepest place, and starts where the chain started."""
        joined, start = self.found[first], self.open_from
        if start is None or not self.around[0].startswith(f"{above}__"):
            return
        self.found[first] = Reference(start, joined.end, joined.places)
        if first and self.found[first - 1].start == start:
            del self.found[first - 1]


def _around(eid: str) -> tuple[str, ...]:
    """A place and all above it, deepest first."""
    parts = eid.split("__")
    return tuple("__".join(parts[:n]) for n in range(len(parts), 0, -1))


def _labels(mention: re.Match[str], kind: str) -> Iterator[_Label]:
    """The numbers or letters of a mention; runs filled up, letters right behind another below it."""
    text, offset = mention[kind], mention.start(kind)
    current: _Label | None = None
    for found in _LABEL.finditer(text):
        value = _value(found[0])
        start, end = offset + found.start(), offset + found.end()
        between = "" if current is None else text[current.end - offset : found.start()]
        if current is None:
            current = _Label(start, end, (value,))
        elif not between.strip():
            current = _Label(current.start, end, current.values, (*current.below, value))
        elif re.fullmatch(_TO, between):
            current = _Label(current.start, end, (*current.values[:-1], *_run(current.values[-1], value)))
        else:
            yield current
            current = _Label(start, end, (value,))
    if current is not None:
        yield current


def _value(written: str) -> str:
    bare = written.strip("()").translate(_LATIN)
    return "1" if bare in ("І", "I") else bare


def _run(first: str, last: str) -> list[str]:
    """Everything from the first to the last number or letter; both alone where they make no run."""
    if first.isdigit() and last.isdigit() and int(first) < int(last):
        return [str(n) for n in range(int(first), int(last) + 1)]
    if len(first) == len(last) == 1 and first < last:
        return [chr(n) for n in range(ord(first), ord(last) + 1)]
    return [first, last]
