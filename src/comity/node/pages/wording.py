"""Words inside an error's sentence, in the language of whoever reads it.

An act raises an error once and does not know its readers; what it names is put into words only when the
sentence is filled (``str``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from comity.node.pages import labels
from comity.node.pages.law import short_label


@dataclass(frozen=True, slots=True)
class Word:
    """An identifier of a closed list, by its label."""

    id: str
    of: str

    def __str__(self) -> str:
        return labels.label(self.id, self.of)


@dataclass(frozen=True, slots=True)
class Asked:
    """Something of a closed list that a provision asks for, with the provision."""

    what: Word
    cite: str

    def __str__(self) -> str:
        return f"{self.what} ({short_label(self.cite)})"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A language, by its ISO 639 code."""

    code: str

    def __str__(self) -> str:
        return labels.language_name(self.code)


class Series:
    """Several of them, one after the other."""

    def __init__(self, parts: Iterable[object]) -> None:
        self.parts = tuple(parts)

    def __str__(self) -> str:
        return ", ".join(str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a letter (``body.contents.facts``, ``body.items.0.description``), as its form calls it."""

    path: str

    def __str__(self) -> str:
        match self.path.split("."):
            case ["body", "contents", field, *_]:
                return labels.label(field, "field")
            case ["body", "items", n, *_] if n.isdigit():
                return gettext("Item %(n)d") % {"n": int(n) + 1}
        return self.path
