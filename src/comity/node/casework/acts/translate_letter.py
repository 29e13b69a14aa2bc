"""Translate a letter for oneself: the translation stays with the case and is no part of the letter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.accounts.models import Official
from comity.node.casework import events, identities
from comity.node.casework.acts.comment_on_draft import FieldNotAskedError
from comity.node.casework.acts.translate_draft import NoSuchTranslationError
from comity.node.casework.entitlement import letter_case, may_read_letter
from comity.node.casework.letters import is_unread, texts_in
from comity.node.casework.models import LetterTranslation
from comity.node.exchange.models import Letter
from comity.node.pages import labels


@transaction.atomic
def translate_letter(
    official: Official, letter: Letter, language: str, texts: Mapping[str, str], *, now: datetime
) -> LetterTranslation:
    """Keep this authority's own translation of texts of a letter; an empty one takes it away again.

    Raises NothingThereError for a letter that the official may not read or that nobody has opened yet,
    FieldNotAskedError for a text that the letter does not have.
    """
    authorise(official, "translate_letter")
    case = letter_case(official, letter)
    if case is None or not may_read_letter(official, case) or is_unread(letter):
        raise NothingThereError(name=str(letter.pk))
    if not labels.is_language(language):
        raise NoSuchTranslationError(language=language[:20])
    unknown = sorted(texts.keys() - texts_in(letter).keys())
    if unknown:
        raise FieldNotAskedError(field=", ".join(unknown))
    identities.demand_absent(case, list(texts.values()))
    made, _ = LetterTranslation.objects.select_for_update().get_or_create(
        case=case, letter=letter.pk, language=language, defaults={"by": official, "at": now}
    )
    made.texts = {id: text for id, text in {**made.texts, **texts}.items() if text.strip()}
    made.by, made.at = official, now
    made.save()
    events.note(case, "letter_translated", now=now, by=official, letter=letter.pk, language=language)
    return made
