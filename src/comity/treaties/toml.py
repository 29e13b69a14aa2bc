"""Reading one TOML file of law data, and taking values of the right type out of it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn, TypeVar

from comity.treaties.errors import LawDataUnreadableError, WordUnknownError

T = TypeVar("T")
LANGUAGES = ("en", "kk", "ru")
# The closed lists of a library: the name of each to its ids.
Words = Mapping[str, tuple[str, ...]]


def read_toml(path: Path) -> Table:
    """The file as a table; raise LawDataUnreadableError naming the file."""
    try:
        return Table(path, tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LawDataUnreadableError(file=path, reason=str(error)) from error


class Table:
    """A table of a file; every refusal names the file and the key."""

    def __init__(self, path: Path, values: Mapping[str, Any], place: str = "") -> None:
        self.path = path
        self.place = place
        self._values = values

    def keys(self) -> frozenset[str]:
        """The keys that are there."""
        return frozenset(self._values)

    def refuse(self, reason: str) -> NoReturn:
        """Raise the error for this place."""
        raise LawDataUnreadableError(file=self.path, reason=f"{self.place} {reason}".strip())

    def need(self, key: str, kind: type[T]) -> T:
        """The value of a key that must be there."""
        value = self.take(key, kind)
        if value is None:
            self.refuse(f"has no “{key}”")
        return value

    def take(self, key: str, kind: type[T]) -> T | None:
        """The value of a key, or None where it is absent."""
        value = self._values.get(key)
        exact = type(value) is kind if kind is date else isinstance(value, kind)
        if value is not None and (not exact or (kind is int and isinstance(value, bool))):
            self.refuse(f"“{key}” should be {kind.__name__}")
        return value

    def number(self, key: str) -> float | None:
        """A whole or broken number, or None where it is absent."""
        value = self._values.get(key)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            self.refuse(f"“{key}” should be a number")
        return None if value is None else float(value)

    def words(self, key: str) -> tuple[str, ...]:
        """A list of strings; empty where it is absent."""
        values = self.take(key, list) or []
        if not all(isinstance(value, str) for value in values):
            self.refuse(f"“{key}” should hold only texts")
        return tuple(values)

    def texts(self, key: str) -> Mapping[str, str]:
        """A table of languages to texts; empty where it is absent."""
        values = self.take(key, dict) or {}
        for language, text in values.items():
            if language not in LANGUAGES or not isinstance(text, str):
                self.refuse(f"“{key}” should be texts by {', '.join(LANGUAGES)}")
        return MappingProxyType(dict(values))

    def word(self, key: str, name: str, words: Words) -> str:
        """The value of a key that must be there and stand in the closed list ``name``."""
        return self.known(self.need(key, str), name, words)

    def known(self, word: str, name: str, words: Words) -> str:
        """The word, if the closed list ``name`` has it; else raise WordUnknownError."""
        if word not in words.get(name, ()):
            reason = f"{self.place}: “{word}” is not in vocabulary/{name}.toml"
            raise WordUnknownError(file=self.path, reason=reason)
        return word

    def sentence(self, key: str) -> Mapping[str, str]:
        """A text that must be there in every language."""
        found = self.texts(key)
        if set(found) != set(LANGUAGES):
            self.refuse(f"needs its {key} in {', '.join(LANGUAGES)}")
        return found

    def table(self, key: str) -> Table | None:
        """A table inside this one."""
        values = self.take(key, dict)
        return None if values is None else Table(self.path, values, f"{self.place} [{key}]".strip())

    def tables(self, key: str) -> list[Table]:
        """A list of tables; empty where it is absent."""
        values = self.take(key, list) or []
        if not all(isinstance(value, dict) for value in values):
            self.refuse(f"“{key}” should hold only tables")
        return [
            Table(self.path, one, f"{self.place} [[{key}]] {n}".strip()) for n, one in enumerate(values, 1)
        ]

    def only(self, *allowed: str) -> None:
        """Refuse keys that nobody reads."""
        for key in sorted(self.keys() - set(allowed)):
            self.refuse(f"has the unknown key “{key}”")
