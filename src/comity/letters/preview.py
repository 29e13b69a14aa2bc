"""A request that is not signed yet, as its letter will look.

Receives the letter as it would be frozen, however much is missing in it; returns PDF bytes or pictures of the
pages, marked as a draft and without the digest of anything, because nothing is signed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from comity.letters.bodies import Identifier, OralConfirmationBody, RequestBody, RequestItem, Translation
from comity.letters.bodies.translation import MOST_TEXTS, TranslatedText, Translator
from comity.letters.document import Document, typeset, typeset_pages
from comity.letters.labels import Labels, Language
from comity.letters.rendering import Names, compose
from comity.letters.schema import Letter, understood


class TranslationDraft(Translation):
    """A translation in preparation: nobody may answer for it yet."""

    texts: dict[Identifier, TranslatedText] = Field(max_length=MOST_TEXTS)
    translator: Translator | None  # type: ignore[assignment]  # a draft lacks what a letter must have


class RequestDraft(RequestBody):
    """A request in preparation: it may name no item yet."""

    items: list[RequestItem] = Field(max_length=1000)
    translations: list[TranslationDraft] = Field(default=[], max_length=10)  # type: ignore[assignment]


class ConfirmationDraft(RequestDraft, OralConfirmationBody):
    """A request in preparation that will confirm an oral one."""


class DraftLetter(Letter):
    """The letter of a request in preparation."""

    kind: Literal["request"]
    body: RequestDraft


class DraftConfirmation(Letter):
    """The letter of a request in preparation that will confirm an oral one."""

    kind: Literal["oral_confirmation"]
    body: ConfirmationDraft


def compose_draft(value: dict[str, Any], language: str, names: Names) -> Document:
    """The blocks of a draft's readable form; raise LetterNotUnderstoodError for what no letter can hold."""
    shape = DraftConfirmation if value["kind"] == "oral_confirmation" else DraftLetter
    letter: Letter = understood(shape, value)
    labels = Labels(Language(language))
    document = compose(letter, labels.language, names)
    marks = [labels.word("draft_mark"), *document.marks]
    return replace(document, marks=marks, footer=labels.word("draft_footer"))


def draft_pdf(value: dict[str, Any], language: str, names: Names) -> bytes:
    """A draft as PDF/A-2a."""
    return typeset(compose_draft(value, language, names))


def draft_pages(value: dict[str, Any], language: str, names: Names) -> list[bytes]:
    """A draft as pictures (PNG), one a page."""
    return typeset_pages(compose_draft(value, language, names))
