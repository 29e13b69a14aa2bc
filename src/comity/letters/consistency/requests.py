"""Requests and what is counted in time: periods, translations of the original."""

from __future__ import annotations

from collections.abc import Iterator

from comity.letters.bodies import (
    OralConfirmationBody,
    PathDisclosureBody,
    PreservationDoneBody,
    RequestBody,
    Translatable,
    digest,
    texts_of,
)
from comity.letters.consistency import LetterProblem, repeated
from comity.letters.schema import Letter
from comity.terms import gettext_noop


def check_times(letter: Letter) -> Iterator[LetterProblem]:
    """Every period ends after it begins."""
    body = letter.body
    if isinstance(body, PreservationDoneBody) and body.until <= body.preserved_at:
        text = gettext_noop("Preservation ends before it began.")
        yield LetterProblem("preservation_reversed", "body.until", text)
    if isinstance(body, OralConfirmationBody) and body.oral.made_at > letter.written_at:
        text = gettext_noop("The oral request lies after the letter that confirms it.")
        yield LetterProblem("oral_request_ahead", "body.oral.made_at", text)
    if isinstance(body, RequestBody):
        yield from _check_emergency(body)
        for number, item in enumerate(body.items):
            if item.period and item.period.end < item.period.start:
                text = gettext_noop("The period ends before it begins.")
                yield LetterProblem("period_reversed", f"body.items.{number}.period", text)
    if isinstance(body, PathDisclosureBody):
        for number, part in enumerate(body.path):
            if part.period and part.period.end < part.period.start:
                text = gettext_noop("The period ends before it begins.")
                yield LetterProblem("period_reversed", f"body.path.{number}.period", text)


def _check_emergency(body: RequestBody) -> Iterator[LetterProblem]:
    """A validation that was given has its decision, one that follows its time."""
    said = body.emergency.validation if body.emergency else None
    if said and (said.decision, said.within_hours)[said.state == "later"] is None:
        text = gettext_noop("A validation that was given names its decision; one that follows, its hours.")
        yield LetterProblem("validation_unclear", "body.emergency.validation", text)


def check_translations(letter: Letter) -> Iterator[LetterProblem]:
    """A translation is of a text of the letter, as that text is now."""
    body = letter.body
    if not isinstance(body, Translatable) or not body.translations:
        return
    if body.language is None:
        text = gettext_noop("The letter has a translation and does not say the language of its original.")
        yield LetterProblem("original_language_missing", "body.language", text)
    if repeated((body.language, *(each.language for each in body.translations))):
        text = gettext_noop("The original and each translation are in different languages.")
        yield LetterProblem("translation_repeated", "body.translations", text)
    originals = texts_of(body.as_json(), (limit.as_json() for limit in letter.limits))
    for number, each in enumerate(body.translations):
        if each.at > letter.written_at:
            text = gettext_noop("A translation was made after the letter was written.")
            yield LetterProblem("translation_after_writing", f"body.translations.{number}.at", text)
        for field, translated in each.texts.items():
            where = f"body.translations.{number}.texts.{field}"
            if field not in originals:
                text = gettext_noop("A text is translated that the letter does not have.")
                yield LetterProblem("translation_of_nothing", where, text)
            elif translated.original != digest(originals[field]):
                text = gettext_noop("The original was changed after it was translated.")
                yield LetterProblem("translation_stale", where, text)
