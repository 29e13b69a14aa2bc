"""A translation of what a letter says in words, beside its original."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import Field

from comity.letters.bodies.shared import Identifier
from comity.shapes import Instant, Line, Prose, Sha256Hex, Shape

LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
"""A language by its ISO 639 code: ``kk``."""
MOST_TEXTS = 1100
"""Texts that one translation may have: fields and descriptions of items."""


class TranslatedText(Shape):
    """One text in the other language; ``original`` is the SHA-256 of the words it translates (UTF-8).

    So a letter whose original was changed after its translation is found to contradict itself.
    """

    text: Prose
    original: Sha256Hex


class Translator(Shape):
    """Who answers for a translation: an official of the authority, or a sworn translator."""

    kind: Literal["official", "sworn"]
    name: Line
    post: Line


class Translation(Shape):
    """A translation by field (``facts``) and by item (``item_1``: its description), whole or in part.

    ``statement`` is the translator's statement of accuracy, where one was made.
    """

    language: LanguageCode
    texts: dict[Identifier, TranslatedText] = Field(min_length=1, max_length=MOST_TEXTS)
    translator: Translator
    at: Instant
    statement: Prose | None


def digest(text: str) -> str:
    """What ties a translation to the words it was made from."""
    return sha256(text.encode()).hexdigest()


def texts_of(body: Mapping[str, Any]) -> dict[str, str]:
    """What the body of a letter says in a person's own words, by field and by item, in its order."""
    found = {name: body[name] for name in ("text", "authenticity") if isinstance(body.get(name), str)}
    found |= body.get("contents", {})
    for item in body.get("items", ()):
        besides = (item.get("service") or {}) | (item.get("appearance") or {})
        parts = [item.get(part) for part in ("description", "reasons", "note")]
        said = "\n".join(filter(None, [*parts, besides.get("procedure"), besides.get("expenses")]))
        if said:
            found[f"item_{item['number']}"] = said
    return found
