"""A translation of what a letter says in words, beside its original (LETTER-6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import Field

from comity.letters.bodies.shared import Identifier, is_absent
from comity.shapes import Instant, Line, Prose, Sha256Hex, Shape

LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
"""A language by its ISO 639 code: ``kk``."""
MOST_TEXTS = 1100
"""Texts that one translation may have: fields and descriptions of items."""
MOST_TRANSLATIONS = 10
"""Translations that one letter may have."""


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


class Translatable(Shape):
    """What every letter has that says something in words.

    ``language`` is that of the original; a letter that does not say it, or has no translation, lacks the key.
    """

    language: LanguageCode | None = Field(default=None, exclude_if=is_absent)
    translations: list[Translation] = Field(default=[], max_length=MOST_TRANSLATIONS, exclude_if=is_absent)


def digest(text: str) -> str:
    """What ties a translation to the words it was made from."""
    return sha256(text.encode()).hexdigest()


_WORDS = (
    *("text", "authenticity", "subject", "use", "reason", "standing"),
    *("interpretation", "place", "means", "amount", "competent"),
)
"""The fields of a letter's body that hold words of a person, whatever its kind."""
_OF_EMERGENCY = ("risk", "imminence", "judged_on")
"""Those that a request has of an emergency."""


def texts_of(body: Mapping[str, Any], limits: Iterable[Mapping[str, Any]] = ()) -> dict[str, str]:
    """What a letter says in a person's own words, in its order.

    By field (``emergency_risk`` of an emergency), by item (``item_1``), by condition (``condition_1``) and by
    limit of its head (``limit_1``).
    """
    found = {name: body[name] for name in _WORDS if isinstance(body.get(name), str) and body[name]}
    found |= body.get("contents", {})
    risked = body.get("emergency") or {}
    found |= {f"emergency_{part}": risked[part] for part in _OF_EMERGENCY if risked.get(part)}
    for item in body.get("items", ()):
        said = "\n".join(_said_of(item))
        if said:
            found[f"item_{item['number']}"] = said
    conditions = enumerate(body.get("conditions", ()), start=1)
    found |= {f"condition_{number}": condition["text"] for number, condition in conditions}
    told = enumerate(limits, start=1)
    return found | {f"limit_{number}": limit["text"] for number, limit in told if limit["text"]}


def _said_of(item: Mapping[str, Any]) -> Iterable[str]:
    """The words of an item: description, reasons or remark, and what is asked or told with it."""
    service, appearance = item.get("service") or {}, item.get("appearance") or {}
    besides, whereabouts = service | appearance, item.get("whereabouts") or {}
    parts = [item.get(part) for part in ("description", "reasons", "note", "answer")]
    parts += [besides.get("procedure"), besides.get("expenses"), appearance.get("note")]
    parts += [whereabouts.get("place"), whereabouts.get("source")]
    parts += [attempt["note"] for attempt in service.get("attempts", ())]
    return filter(None, parts)
