"""The signs that start a paragraph, a point or an item, and which one must follow which."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Point letters stand in mixed scripts: Cyrillic look-alikes are read as the Latin letter of the eId.
_LETTERS = str.maketrans("асеіһ", "aceih")
PARAGRAPH = re.compile(r"(\d+)\.\s*(?=\S)")
NUMBERED_POINT = re.compile(r"(\d+)\)\s*(?=\S)")
_PATTERNS = (
    ("para", PARAGRAPH),
    ("item", re.compile(r"(I{1,3})\.\s*(?=\S)")),
    ("item", re.compile(r"([iі]{1,3}|[iі]v|v)\)\s*(?=\S)")),
    ("point", re.compile(r"([a-zасеіһ])\)\s*(?=\S)")),
    ("point", NUMBERED_POINT),
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi")


@dataclass(frozen=True)
class Marker:
    """A sign as published, as the eId writes it, and where the words after it begin.

    ``kind`` is ``para``, ``point``, ``item``, or ``either`` for ``i)`` and ``v)``: letter or Roman numeral,
    which only the row it stands in can tell.
    """

    kind: str
    shown: str
    sign: str
    end: int


def marker_of(text: str) -> Marker | None:
    """The marker that a text starts with."""
    for kind, pattern in _PATTERNS:
        match = pattern.match(text)
        if match:
            sign = match[1].lower().translate(_LETTERS)
            either = kind == "item" and len(sign) == 1 and match[0].rstrip().endswith(")")
            return Marker("either" if either else kind, match[0].strip(), sign, match.end())
    return None


def next_letter(sign: str) -> str:
    """The letter after a point's letter."""
    return chr(ord(sign) + 1)


def must_follow(last: str | None, kind: str, sign: str) -> str:
    """The sign that must come after ``last``; ``sign`` tells a row of numbers from one of letters."""
    if kind == "item":
        return _ROMAN[0 if last is None else _ROMAN.index(last) + 1]
    if sign.isdigit():
        return "1" if last is None else str(int(last) + 1) if last.isdigit() else next_letter(last)
    return "a" if last is None else next_letter(last[-1])
