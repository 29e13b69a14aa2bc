"""Translate the draft of a request into a language of the other side."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from comity import canonical
from comity.letters.bodies import texts_of
from comity.node.accounts.models import Official
from comity.node.casework import drafts, languages, versions
from comity.node.casework.acts.comment_on_draft import FieldNotAskedError
from comity.node.casework.acts.save_draft import take
from comity.node.casework.models import Case, Preparation, Side
from comity.node.casework.standing import begin, demand_preparation
from comity.node.pages.wording import Spoken
from comity.terms import ComityError, gettext_noop

MOST = 10
"""Translations that one letter may have."""


class NoSuchTranslationError(ComityError):
    """The draft is not, or cannot be, translated into that language."""

    code = "no_such_translation"
    message = gettext_noop("The draft cannot be translated into “{language}”.")
    next_step = gettext_noop(
        "Choose another language than that of the original; a letter holds ten translations."
    )


@transaction.atomic
def translate_draft(
    official: Official,
    case: Case,
    language: str,
    texts: Mapping[str, Mapping[str, str]],
    *,
    translator: Mapping[str, str] | None = None,
    statement: str | None = None,
    now: datetime,
) -> Case:
    """Keep translations of the draft's texts: by field or item the ``text`` and the ``original`` it is of.

    ``original`` is the digest of the words that the translator saw, so that a later change of them shows. An
    empty text takes the translation of that field away; texts that are not named stay. ``translator`` (kind,
    name, post) and ``statement`` are kept as they were where they are None.
    """
    case = begin(official, "save_draft", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.DRAFT})
    draft = drafts.of(case)
    _demand_translatable(draft, language, texts)
    before = languages.translation(draft, language)
    made = before or {"language": language, "texts": {}, "translator": None, "at": "", "statement": None}
    after = {
        **made,
        "texts": {
            id: dict(said) for id, said in ({**made["texts"], **texts}).items() if said["text"].strip()
        },
        "translator": dict(translator) if translator else made["translator"],
        "statement": made["statement"] if statement is None else statement or None,
    }
    if after != before:
        after["at"] = canonical.instant_text(now)
        _put(official, case, draft, language, after, now)
    return case


@transaction.atomic
def drop_translation(official: Official, case: Case, language: str, *, now: datetime) -> Case:
    """Take a translation out of the draft; its versions keep it."""
    case = begin(official, "save_draft", case, Side.REQUESTING)
    demand_preparation(case, {Preparation.DRAFT})
    draft = drafts.of(case)
    if languages.translation(draft, language) is None:
        raise NoSuchTranslationError(language=Spoken(language))
    _put(official, case, draft, language, None, now)
    return case


def _demand_translatable(draft: dict[str, Any], language: str, texts: Mapping[str, Any]) -> None:
    others = [each["language"] for each in draft.get("translations", []) if each["language"] != language]
    known = re.fullmatch(r"[a-z]{2,3}", language)
    if not known or language == draft.get("language") or len(others) >= MOST:
        raise NoSuchTranslationError(language=Spoken(language) if known else language[:20])
    unknown = sorted(texts.keys() - texts_of(draft).keys())
    if unknown:
        raise FieldNotAskedError(field=", ".join(unknown))


def _put(
    official: Official,
    case: Case,
    draft: dict[str, Any],
    language: str,
    made: dict[str, Any] | None,
    now: datetime,
) -> None:
    """The draft with this translation in its place, or at the end, or without it."""
    kept = {each["language"]: each for each in draft.get("translations", [])}
    kept[language] = made
    changed = {"translations": [each for each in kept.values() if each]}
    take(official, case, drafts.merge(draft, changed), now=now)
    versions.keep(case, official, now=now)
