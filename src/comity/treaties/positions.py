"""On which line of a TOML text each key and each element stands.

``tomllib`` gives values without their lines. This reads the structure once more, of a text that
``tomllib`` has already accepted, and only when a mistake is to be shown: it need not judge, only count.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

Path = tuple[str | int, ...]
"""Keys and, inside lists, places from 0: ``("rule", 2, "reading", "kk")``."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r'[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'')
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\r\n]+")


def positions(text: str) -> Mapping[Path, int]:
    """The line (from 1) of every table, key and element of a TOML text that is valid."""
    return _Reader(text).document()


def nearest(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a path; where it is absent, that of the nearest table around it; 1 for the whole file."""
    while path and path not in lines:
        path = path[:-1]
    return lines[path] if path else 1


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}

    def document(self) -> Mapping[Path, int]:
        table: Path = ()
        while self._skip(_BLANK) < len(self._text):
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)
        return self._lines

    def _header(self) -> Path:
        """``[table]`` or ``[[element of a list]]``; the parts above an element mean the last one."""
        line, double = self._line(), self._text.startswith("[[", self._at)
        self._at += 2 if double else 1
        *above, last = self._keys()
        self._at += 2 if double else 1
        path: Path = ()
        for key in above:
            self._lines.setdefault((*path, key), line)
            path = self._last_of((*path, key))
        path = (*path, last)
        if double:
            self._lines.setdefault(path, line)
            self._counts[path] = self._counts.get(path, -1) + 1
            path = (*path, self._counts[path])
        self._lines[path] = line
        return path

    def _last_of(self, path: Path) -> Path:
        return (*path, self._counts[path]) if path in self._counts else path

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = table
        for key in self._keys():
            path = (*path, key)
            self._lines.setdefault(path, line)
        self._at += 1  # the sign =
        self._skip(_SPACE)
        self._value(path)

    def _keys(self) -> list[str]:
        """A key, dotted or not."""
        keys = []
        while True:
            self._skip(_SPACE)
            match = _KEY.match(self._text, self._at)
            assert match, "the text is valid TOML"
            keys.append(_unquoted(match[0]))
            self._at = match.end()
            self._skip(_SPACE)
            if not self._text.startswith(".", self._at):
                return keys
            self._at += 1

    def _value(self, path: Path) -> None:
        sign = self._text[self._at]
        if sign == "[":
            self._list(path)
        elif sign == "{":
            self._inline(path)
        else:
            match = (_STRING if sign in "\"'" else _SCALAR).match(self._text, self._at)
            assert match, "the text is valid TOML"
            self._at = match.end()

    def _list(self, path: Path) -> None:
        self._at += 1
        number = 0
        while self._text[self._skip(_BLANK)] != "]":
            self._lines[(*path, number)] = self._line()
            self._value((*path, number))
            number += 1
            if self._text[self._skip(_BLANK)] == ",":
                self._at += 1
        self._at += 1

    def _inline(self, path: Path) -> None:
        self._at += 1
        while self._text[self._skip(_BLANK)] != "}":
            self._pair(path)
            if self._text[self._skip(_BLANK)] == ",":
                self._at += 1
        self._at += 1

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return self._at

    def _line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1


def _unquoted(key: str) -> str:
    if key[0] not in "\"'":
        return key
    return str(tomllib.loads(f"key = {key}")["key"])
