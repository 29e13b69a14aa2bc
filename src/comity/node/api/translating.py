"""Translations by the API: of a draft, which travel along, and of a letter, for this authority alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from comity.node.accounts.authority import NothingThereError
from comity.node.api import drafting_shapes as shapes
from comity.node.api.entering import find_readable, official_of
from comity.node.api.shapes import FAILURES, CaseOut, Failure
from comity.node.casework import drafts, languages
from comity.node.casework.acts.translate_draft import drop_translation, translate_draft
from comity.node.casework.acts.translate_letter import translate_letter
from comity.node.casework.models import Case, LetterTranslation, Side
from comity.node.casework.standing import demand_side
from comity.node.exchange.models import Letter

router = Router()


@router.get(
    "/cases/{reference}/draft/translations/{language}",
    response={200: shapes.TranslationOut, FAILURES: Failure},
)
def one_translation(request: HttpRequest, reference: str, language: shapes.AnyLanguage) -> dict[str, Any]:
    """The draft's texts beside their translation, the languages accepted, and what is missing."""
    case = find_readable(official_of(request), reference)
    demand_side(case, Side.REQUESTING)
    draft, asked = drafts.of(case), languages.accepted(case)
    made = languages.translation(draft, language) or {}
    return {
        "language": language,
        "accepted": list(asked.codes),
        "cite": asked.cite,
        "ruled_out": list(asked.ruled_out),
        "translator": made.get("translator"),
        "statement": made.get("statement"),
        "texts": languages.beside(draft, language),
        "lacking": [str(lack) for lack in languages.lacking(case)],
    }


@router.put("/cases/{reference}/draft/translations/{language}", response={200: CaseOut, FAILURES: Failure})
def translate(
    request: HttpRequest, reference: str, language: shapes.AnyLanguage, new: shapes.TranslationIn
) -> Case:
    """Keep translated texts, and who answers for them."""
    official = official_of(request)
    return translate_draft(
        official,
        find_readable(official, reference),
        language,
        {id: said.model_dump() for id, said in new.texts.items()},
        translator=new.translator.model_dump() if new.translator else None,
        statement=new.statement,
        now=timezone.now(),
    )


@router.delete("/cases/{reference}/draft/translations/{language}", response={200: CaseOut, FAILURES: Failure})
def take_out(request: HttpRequest, reference: str, language: shapes.AnyLanguage) -> Case:
    """Take a translation out of the draft."""
    official = official_of(request)
    return drop_translation(official, find_readable(official, reference), language, now=timezone.now())


@router.post(
    "/letters/{letter}/translations/{language}",
    response={201: shapes.OwnTranslationOut, FAILURES: Failure},
)
def translate_for_ourselves(
    request: HttpRequest, letter: UUID, language: shapes.AnyLanguage, new: shapes.OwnTranslationIn
) -> Status[LetterTranslation]:
    """Keep this authority's own translation of a letter's texts; the letter stays as it was signed."""
    official = official_of(request)
    found = Letter.objects.filter(pk=letter).first()
    if found is None:
        raise NothingThereError(name=str(letter))
    return Status(201, translate_letter(official, found, language, new.texts, now=timezone.now()))
