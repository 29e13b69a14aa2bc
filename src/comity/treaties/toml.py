"""Reading one TOML file of law data, and taking values of the right type out of it.

Every check of a value is written once, here or in the reader that asks for it. ``Table.wrong`` raises
the mistake; inside ``collecting()`` it notes it and the reader goes on with a value of the right type, so
that all mistakes of a folder are found in one pass.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar

import tomli

from comity.terms import Citation, CitationUnreadableError
from comity.treaties import mistakes, positions
from comity.treaties.calendar import later
from comity.treaties.errors import LawDataUnreadableError, Place

T = TypeVar("T")
LANGUAGES = ("en", "kk", "ru")
# The closed lists of a library: the name of each to its ids.
Words = Mapping[str, tuple[str, ...]]
# The eIds of an instrument's text; None where nothing is to be held to them.
Places = frozenset[str] | None
UNREADABLE = "unreadable"
"""The eId that stands for one that could not be read, while mistakes are collected."""

_collected: ContextVar[list[LawDataUnreadableError] | None] = ContextVar("mistakes", default=None)
_KINDS = {str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table"}
_SHORT = 12
_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_LONG_NUMBER = re.compile(r"[0-9_]{4301,}")
_LARGEST = 8 * 1024 * 1024
"""Bytes of one file of law data; the largest that ship have a twentieth of it."""


@contextmanager
def collecting() -> Iterator[list[LawDataUnreadableError]]:
    """Note mistakes in the list that is given instead of raising the first."""
    found: list[LawDataUnreadableError] = []
    token = _collected.set(found)
    try:
        yield found
    finally:
        _collected.reset(token)


def report(mistake: LawDataUnreadableError) -> None:
    """Raise a mistake, or note it where mistakes are collected."""
    found = _collected.get()
    if found is None:
        raise mistake
    found.append(mistake)


def nearest(word: str, choices: Iterable[str]) -> str:
    """The choices that look like the word; where none does, all of a short list, some of a long one."""
    known = sorted(choices)
    close = difflib.get_close_matches(word, known, n=3, cutoff=0.7)
    if not close and len(known) > _SHORT:
        close = difflib.get_close_matches(word, known, n=5, cutoff=0.3) or [*known[:_SHORT], "…"]
    return ", ".join(close or known)


class _File:
    """A file's text, and the line of each of its keys once somebody asks."""

    def __init__(self, path: Path, text: str = "", places: Places = None) -> None:
        self.path = path
        self.places = places
        self._text = text

    @cached_property
    def lines(self) -> Mapping[positions.Path, int]:
        return positions.positions(self._text)


def read_toml(path: Path, places: Places = None) -> Table:
    """The file as a table; what cannot be read is a mistake, and then a table that is silent.

    ``places``: the eIds of the instrument's text, where the table is to be held to them.
    """
    try:
        data = _bytes(path)
    except OSError as error:
        report(mistakes.FileMissingError(Place(path), reason=error.strerror or "it is no file"))
        return Table(_File(path), {}, silent=True)
    if len(data) > _LARGEST:
        report(mistakes.FileTooLargeError(Place(path), limit=_LARGEST))
        return Table(_File(path), {}, silent=True)
    text = ""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
        return Table(_File(path, text, places), tomli.loads(text))
    except UnicodeDecodeError as error:
        report(mistakes.EncodingWrongError(Place(path, data.count(b"\n", 0, error.start) + 1)))
    except tomli.TOMLDecodeError as error:
        line = _LINE.search(str(error))
        reason = _LINE.sub("", str(error)).strip()
        report(mistakes.TomlUnreadableError(Place(path, int(line[1]) if line else _end(text)), reason=reason))
    except RecursionError:
        report(mistakes.TomlUnreadableError(Place(path), reason="lists or tables are nested too deeply"))
    except ValueError:  # the one that is left: a number too long to be read
        number = _LONG_NUMBER.search(text)
        at = text.count("\n", 0, number.start()) + 1 if number else 1
        report(mistakes.TomlUnreadableError(Place(path, at), reason="a number has too many digits"))
    return Table(_File(path), {}, silent=True)


def _bytes(path: Path) -> bytes:
    """What a file holds, no more than shows that it is too large; a pipe or a device is no file."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(None, None)
    with path.open("rb") as file:
        return file.read(_LARGEST + 1)


def read_all(folder: Path, pattern: str = "*.toml", places: Places = None) -> Iterator[Table]:
    """Every readable file of a folder, by name."""
    for path in sorted(folder.glob(pattern)):
        table = read_toml(path, places)
        if not table.silent:
            yield table


def _end(text: str) -> int:
    return text.rstrip().count("\n") + 1


class Table:
    """A table of a file; every mistake names the file, the line and the table.

    ``at`` is the way to it; a ``silent`` one stands for a file that could not be read and has no further
    mistakes.
    """

    def __init__(
        self, file: _File, values: Mapping[str, Any], at: positions.Path = (), *, silent: bool = False
    ) -> None:
        self._file = file
        self._values = values
        self._at = at
        self.silent = silent

    @property
    def path(self) -> Path:
        """The file."""
        return self._file.path

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def keys(self) -> frozenset[str]:
        """The keys that are there."""
        return frozenset(self._values)

    def values(self) -> dict[str, Any]:
        """All values as they stand."""
        return dict(self._values)

    def place(self, *key: str | int) -> Place:
        """Where the table, a key of it or an element of a key's list stands."""
        line = positions.nearest(self._file.lines, (*self._at, *key))
        return Place(self.path, line, _shown(self._at))

    def wrong(self, mistake: type[LawDataUnreadableError], *key: str | int, **params: Any) -> None:
        """Raise or note a mistake at this table, or at a key of it."""
        if not self.silent:
            report(mistake(self.place(*key), **params))

    def refuse(self, reason: str) -> NoReturn:
        """Raise, always: nothing further of the file can be read."""
        raise LawDataUnreadableError(self.place(), reason=reason)

    def peek(self, key: str, kind: type[T]) -> T | None:
        """The value of a key if it is there and of that type; never a mistake."""
        value = self._values.get(key)
        exact = type(value) is kind if kind in (date, int) else isinstance(value, kind)
        return value if exact else None

    def take(self, key: str, kind: type[T]) -> T | None:
        """The value of a key, or None where it is absent."""
        if key not in self._values:
            return None
        value = self.peek(key, kind)
        if value is None:
            expected = _KINDS.get(kind, "a day such as 2027-06-01, without quotes")
            self.wrong(mistakes.TypeWrongError, key, key=key, expected=expected)
        return value

    def need(self, key: str, kind: type[T]) -> T:
        """The value of a key that must be there."""
        if key not in self._values:
            self.wrong(mistakes.KeyMissingError, key=key)
        value = self.take(key, kind)
        if value is None:
            return date.min if kind is date else kind()  # type: ignore[return-value]
        return value

    def duration(self, key: str) -> str | None:
        """An ISO 8601 duration that can be counted."""
        given = self.take(key, str)
        try:
            if given is not None:
                later(date(2000, 1, 1), given)
        except ValueError:
            self.wrong(mistakes.DurationWrongError, key, duration=given)
            return None
        return given

    def number(self, key: str) -> float | None:
        """A whole or broken number, or None where it is absent."""
        value = self._values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(mistakes.TypeWrongError, key, key=key, expected="a number")
            return None
        return float(value)

    def words(self, key: str) -> tuple[str, ...]:
        """A list of strings; empty where it is absent."""
        values = self.take(key, list) or []
        for number, value in enumerate(values):
            if not isinstance(value, str):
                self.wrong(mistakes.TypeWrongError, key, number, key=key, expected="a list of texts alone")
        return tuple(value for value in values if isinstance(value, str))

    def texts(self, key: str) -> Mapping[str, str]:
        """A table of languages to texts; empty where it is absent."""
        found = {}
        for language, text in (self.take(key, dict) or {}).items():
            if language not in LANGUAGES:
                self.wrong(mistakes.LanguageUnknownError, key, language, key=key, language=language)
            elif not isinstance(text, str) or not text.strip():
                self.wrong(mistakes.TypeWrongError, key, language, key=f"{key}.{language}", expected="a text")
            else:
                found[language] = text
        return MappingProxyType(found)

    def sentence(self, key: str) -> Mapping[str, str]:
        """A text that must be there in every language."""
        found = self.texts(key)
        given = self.peek(key, dict) or {}
        lacking = [language for language in LANGUAGES if language not in given]
        if lacking:
            self.wrong(mistakes.LanguagesMissingError, key, key=key, languages=", ".join(lacking))
        return MappingProxyType({language: found.get(language, "") for language in LANGUAGES})

    def word(self, key: str, name: str, words: Words) -> str:
        """The value of a key that must be there and stand in the closed list ``name``."""
        word = self.need(key, str)
        return self.known(word, name, words, key) if self.peek(key, str) is not None else word

    def known(self, word: str, name: str, words: Words, *key: str | int) -> str:
        """The word; a mistake if the closed list ``name`` does not have it."""
        return self.one_of(word, words.get(name, ()), f"vocabulary/{name}.toml", *key)

    def one_of(self, word: str, choices: Iterable[str], name: str, *key: str | int) -> str:
        """The word; a mistake if it is none of the choices."""
        known = tuple(choices)
        if word not in known:
            self.wrong(mistakes.WordUnknownError, *key, word=word, list=name, choices=nearest(word, known))
        return word

    def known_words(self, key: str, name: str, words: Words) -> tuple[str, ...]:
        """A list of words of the closed list ``name``."""
        return tuple(self.known(word, name, words, key, n) for n, word in enumerate(self.words(key)))

    def belongs_to(self, key: str, owner: str) -> str:
        """The owner; a mistake if the key names another."""
        found = self.need(key, str)
        if found and found != owner:
            self.wrong(mistakes.BelongsElsewhereError, key, found=found, wanted=owner)
        return owner

    def cite(self, key: str, instrument: str) -> Citation:
        """The place that a key names, which must be there."""
        eid = self.need(key, str)
        return self._cited(eid, instrument, key) if eid else Citation(instrument, UNREADABLE)

    def cited(self, key: str, instrument: str) -> Citation | None:
        """The place that a key names, or None where it is absent."""
        return self.cite(key, instrument) if key in self._values else None

    def cites(self, key: str, instrument: str) -> tuple[Citation, ...]:
        """The places that a list names."""
        return tuple(self._cited(eid, instrument, key, n) for n, eid in enumerate(self.words(key)))

    def citation(self, key: str) -> Citation:
        """A place of any instrument, written with it: ``uncc:art_7``."""
        return self._whole(self.need(key, str), key)

    def citations(self, key: str) -> tuple[Citation, ...]:
        """A list of places of any instruments."""
        return tuple(self._whole(text, key, number) for number, text in enumerate(self.words(key)))

    def _whole(self, text: str, *key: str | int) -> Citation:
        instrument, _, eid = text.partition(":")
        try:
            return Citation(instrument, eid)
        except CitationUnreadableError:
            if text:
                self.wrong(mistakes.EidMalformedError, *key, eid=text)
            return Citation(UNREADABLE, UNREADABLE)

    def part(self, key: str, instrument: str) -> Citation:
        """An article, or a part outside the articles (a decree), which is no place of its own."""
        eid, places = self.peek(key, str), self._file.places
        if eid and places is not None and any(place.startswith(f"{eid}__") for place in places):
            return Citation(instrument, eid)
        return self.cite(key, instrument)

    def _cited(self, eid: str, instrument: str, *key: str | int) -> Citation:
        try:
            cited = Citation(instrument, eid)
        except CitationUnreadableError:
            self.wrong(mistakes.EidMalformedError, *key, eid=eid)
            return Citation(instrument, UNREADABLE)
        places = self._file.places
        if places is not None and eid not in places:
            above = f"{instrument}:{_above(eid, places)}"
            self.wrong(mistakes.RulePlaceUnknownError, *key, place=cited, nearest=above)
        return cited

    def table(self, key: str) -> Table | None:
        """A table inside this one."""
        values = self.take(key, dict)
        return None if values is None else self._inside(values, key)

    def needed_table(self, key: str) -> Table:
        """A table that must be there; a silent one while mistakes are collected and it is not."""
        found = self.table(key)
        if found is None:
            if key not in self._values:
                self.wrong(mistakes.KeyMissingError, key=f"[{key}]")
            return Table(self._file, {}, (*self._at, key), silent=True)
        return found

    def tables(self, key: str) -> list[Table]:
        """A list of tables; empty where it is absent."""
        values = self.take(key, list) or []
        for number, value in enumerate(values):
            if not isinstance(value, dict):
                self.wrong(mistakes.TypeWrongError, key, number, key=key, expected=f"written as [[{key}]]")
        return [self._inside(one, key, n) for n, one in enumerate(values) if isinstance(one, dict)]

    def _inside(self, values: Mapping[str, Any], *key: str | int) -> Table:
        return Table(self._file, values, (*self._at, *key), silent=self.silent)

    def only(self, *allowed: str) -> None:
        """A key that nobody reads is a mistake."""
        for key in sorted(self.keys() - set(allowed)):
            self.wrong(mistakes.KeyUnknownError, key, key=key, choices=nearest(key, allowed))


def _above(eid: str, places: frozenset[str]) -> str:
    """The nearest place around one that there is not."""
    while "__" in eid and eid not in places:
        eid = eid.rpartition("__")[0]
    return eid if eid in places else "art_1"


def _shown(at: positions.Path) -> str:
    """``("rule", 1, "reading")`` as ``[[rule]] 2 [reading]``."""
    shown = []
    for number, key in enumerate(at):
        after = at[number + 1] if number + 1 < len(at) else None
        if isinstance(key, str):
            shown.append(f"[[{key}]] {after + 1}" if isinstance(after, int) else f"[{key}]")
    return " ".join(shown)
