"""A draft as its letter will look, in PDF and pictures of its pages; its texts as a Word document."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import lru_cache
from typing import Any

from comity import canonical, treaties
from comity.letters.document import typeset_pages
from comity.letters.labels import Language
from comity.letters.preview import draft_pages, draft_pdf
from comity.letters.rendering import Correspondent, Names, compose
from comity.letters.schema import LetterNotUnderstoodError, parse
from comity.letters.word import EditedField, write_texts
from comity.node.accounts.models import Official
from comity.node.casework import contents, drafts, enclosures, oral, writing
from comity.node.casework.acts.submit_for_review import DraftUnfitError
from comity.node.casework.models import Case
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.pages.wording import Place

LANGUAGES = ("en", "kk", "ru")
MOST_PAGES = 20
"""Pages shown as pictures; the PDF has them all."""
_KEPT = 4
_NO_LETTER = uuid.UUID("00000000-0000-4000-8000-000000000000")
"""Stands where a letter will have its id; it is not shown."""


def pdf(case: Case, reader: Official, language: str) -> bytes:
    """The draft as PDF, marked as one; raise DraftUnfitError for what no letter can hold."""
    try:
        return draft_pdf(_letter(case, reader), language, _names(language, case.peer_id))
    except LetterNotUnderstoodError as error:
        raise DraftUnfitError(place=Place(error.params["where"])) from None


def pages(case: Case, reader: Official, language: str) -> tuple[bytes, ...]:
    """The first pages of the draft as pictures; raise DraftUnfitError for what no letter can hold."""
    try:
        return _pages(canonical.write(_letter(case, reader)), language, case.peer_id)
    except LetterNotUnderstoodError as error:
        raise DraftUnfitError(place=Place(error.params["where"])) from None


def sealed_pages(letter: bytes, language: str) -> list[bytes]:
    """The first pages of a letter that is shown for signing, as they will lie in its container."""
    document = parse(letter)
    chosen = Language(language)
    return typeset_pages(compose(document, chosen, _names(language, document.target)))[:MOST_PAGES]


def texts(case: Case, language: str, *, now: datetime) -> bytes:
    """The fields that are asked for, with their texts, as a Word document."""
    fields = [EditedField(each.id, each.cites, each.text) for each in contents.fields(case)]
    return write_texts(case.reference, fields, language, now=now)


def _letter(case: Case, reader: Official) -> dict[str, Any]:
    """The letter as signing would write it, of the time of the last change, so that it stays the same."""
    kind, body = oral.to_write(case, drafts.of(case))
    people = [writing.person("drafter", case.drafter or reader, case.changed_at)]
    return writing.compose(
        case,
        kind,
        body,
        people,
        now=case.changed_at,
        letter_id=_NO_LETTER,
        attachments=enclosures.announced(case),
    )


def _names(language: str, peer: str) -> Names:
    rows = Authority.objects.filter(id__in=(known.own().id, peer))
    titles = {each.id: each.short for each in treaties.load().instruments.values()}
    return Names({row.id: Correspondent(row.name(language), row.state) for row in rows}, titles)


@lru_cache(maxsize=_KEPT)
def _pages(letter: bytes, language: str, peer: str) -> tuple[bytes, ...]:
    """Typeset once for all the pictures of a page."""
    return tuple(draft_pages(canonical.read(letter), language, _names(language, peer))[:MOST_PAGES])
