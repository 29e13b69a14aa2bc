"""One JSON value to one fact: each function takes the value and its path, and refuses what does not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from comity.reasoning import errors
from comity.reasoning.facts import SUSPECTED_GROUNDS, UNKNOWN, Unknown
from comity.terms import Citation, CitationUnreadableError
from comity.treaties.toml import nearest

T = TypeVar("T")
Convert = Callable[[Any, str], T]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_YEARS_AT_MOST = 1000


class Fields:
    """One JSON object being read: hands out its fields and refuses what nobody asked for."""

    def __init__(self, obj: object, path: str) -> None:
        if not isinstance(obj, dict):
            raise errors.FactWrongTypeError(path=path or "facts", expected="object")
        self._left: dict[str, Any] = dict(obj)
        self._path = path
        self._asked: list[str] = []

    def at(self, key: str) -> str:
        """The path of a field."""
        return f"{self._path}.{key}" if self._path else key

    def given(self, key: str) -> bool:
        """Whether the field is there and not yet read."""
        return key in self._left

    def required(self, key: str, convert: Convert[T]) -> T:
        """A field that cannot be absent."""
        self._asked.append(key)
        if key not in self._left:
            raise errors.FactRequiredError(path=self.at(key))
        return convert(self._left.pop(key), self.at(key))

    def optional(self, key: str, convert: Convert[T]) -> T | None:
        """Absent and ``null`` are the same here: unknown."""
        self._asked.append(key)
        value = self._left.pop(key, None)
        return None if value is None else convert(value, self.at(key))

    def nullable(self, key: str, convert: Convert[T]) -> T | Unknown | None:
        """Absent is unknown; ``null`` is the known absence."""
        self._asked.append(key)
        if key not in self._left:
            return UNKNOWN
        value = self._left.pop(key)
        return None if value is None else convert(value, self.at(key))

    def rest(self) -> list[tuple[str, Any, str]]:
        """What is left, each with its path (for objects keyed by State or treaty)."""
        items = [(key, value, self.at(key)) for key, value in self._left.items()]
        self._left.clear()
        return items

    def done(self) -> None:
        """Refuse what nobody asked for."""
        for key in self._left:
            raise errors.FactKeyUnknownError(path=self.at(key), choices=nearest(key, self._asked))


def language_codes(value: Any, path: str) -> tuple[str, ...]:
    """A list of ISO 639 codes of two or three letters."""
    if not isinstance(value, list) or not value:
        raise errors.FactWrongTypeError(path=path, expected="list")
    for number, code in enumerate(value):
        if not _LANGUAGE.fullmatch(text(code, f"{path}[{number}]")):
            raise errors.FactWordUnknownError(path=f"{path}[{number}]", value=code, choices="ISO 639")
    return tuple(value)


def cited(value: Any, path: str) -> Citation | None:
    """A citation, whether or not it leads anywhere; None for a text that is none."""
    try:
        return Citation.parse(text(value, path))
    except CitationUnreadableError:
        return None


def suspected(value: Any, path: str) -> tuple[str, ...]:
    """Grounds of refusal that the requesting State expects to be raised."""
    return words(value, path, SUSPECTED_GROUNDS)


def truth(value: Any, path: str) -> bool:
    """True or false, nothing that merely looks like it."""
    if not isinstance(value, bool):
        raise errors.FactWrongTypeError(path=path, expected="boolean")
    return value


def truths(value: Any, path: str, names: tuple[str, ...]) -> Mapping[str, bool]:
    """An object of named booleans from a closed list."""
    fields = Fields(value, path)
    found = {name: fields.optional(name, truth) for name in names}
    fields.done()
    return {name: answer for name, answer in found.items() if answer is not None}


def text(value: Any, path: str) -> str:
    """A string."""
    if not isinstance(value, str):
        raise errors.FactWrongTypeError(path=path, expected="string")
    return value


def years(value: Any, path: str) -> float:
    """A number of years, not negative (life imprisonment is written as a large number)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise errors.FactWrongTypeError(path=path, expected="number")
    if not 0 <= value <= _YEARS_AT_MOST:
        raise errors.FactOutOfRangeError(path=path, value=value, least=0, most=_YEARS_AT_MOST)
    return float(value)


def day(value: Any, path: str) -> date:
    """A day of the calendar, YYYY-MM-DD."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise errors.DateImpossibleError(path=path, value=value)
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise errors.DateImpossibleError(path=path, value=value) from error


def word(value: Any, path: str, choices: tuple[str, ...]) -> str:
    """One word of a closed list."""
    if not isinstance(value, str) or value not in choices:
        raise errors.FactWordUnknownError(path=path, value=value, choices=nearest(str(value), choices))
    return value


def words(value: Any, path: str, choices: tuple[str, ...]) -> tuple[str, ...]:
    """A list of words of a closed list; one that is said twice counts once."""
    if not isinstance(value, list):
        raise errors.FactWrongTypeError(path=path, expected="list")
    return tuple(dict.fromkeys(word(one, f"{path}[{number}]", choices) for number, one in enumerate(value)))
