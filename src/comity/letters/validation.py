"""What must hold between the parts of a letter, beyond the form of each (LETTER-5).

Receives a parsed letter; returns every problem; never decides what the law asks of a request
(``comity.reasoning`` does).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from comity.letters.bodies import KINDS, InformationBody, RequestBody, Writer, writer_of
from comity.letters.consistency import LetterProblem, dialogue, repeated, requests, results
from comity.letters.schema import Letter, Part
from comity.terms import ComityError, gettext_noop

RESERVED = (
    "mimetype",
    "letter.json",
    "letter.en.pdf",
    "letter.kk.pdf",
    "letter.ru.pdf",
    "stepup.json",
    "signatory.p7s",
    "signatory.pdf",
)
"""Entries of a letter's container that no attachment may be called."""
RESERVED_FOLDERS = ("META-INF", "_comity")


class LetterUnsoundError(ComityError):
    """A letter of the right form contradicts itself."""

    code = "letter_unsound"
    message = gettext_noop("The letter contradicts itself ({problem}, at {where}): {text}")
    next_step = gettext_noop("Correct the letter before it is signed; as recipient, ask for a corrected one.")


def find_problems(letter: Letter) -> list[LetterProblem]:
    """Everything that contradicts itself in the letter; an empty list when nothing does."""
    return [problem for check in _CHECKS for problem in check(letter)]


def require_sound(letter: Letter) -> None:
    """Raise LetterUnsoundError with the first problem, if there is one."""
    for problem in find_problems(letter):
        raise LetterUnsoundError(problem=problem.code, where=problem.where, text=problem.text)


def _check_head(letter: Letter) -> Iterator[LetterProblem]:
    if letter.source == letter.target:
        yield LetterProblem("own_recipient", "to", gettext_noop("A letter goes to another authority."))
    if letter.expires_at <= letter.written_at:
        text = gettext_noop("The letter expires before it was written.")
        yield LetterProblem("expiry_before_writing", "expires_at", text)
    if letter.id in letter.answers or repeated(letter.answers):
        text = gettext_noop("A letter answers other letters, each once.")
        yield LetterProblem("answers_wrong", "answers", text)
    if repeated((limit.id, limit.cite) for limit in letter.limits):
        yield LetterProblem("limit_repeated", "limits", gettext_noop("The same limit stands twice."))


def _check_people(letter: Letter) -> Iterator[LetterProblem]:
    names: dict[Part, set[str]] = {part: set() for part in Part}
    for person in letter.people:
        names[person.part].add(_same(person.name))
    if len(names[Part.SIGNATORY]) != 1:
        yield LetterProblem("signatory_missing", "people", gettext_noop("One person signs a letter."))
    if any(person.at > letter.written_at for person in letter.people):
        text = gettext_noop("A person acted after the letter was written.")
        yield LetterProblem("people_after_writing", "people", text)
    if isinstance(letter.body, RequestBody):
        if not names[Part.DRAFTER]:
            yield LetterProblem("drafter_missing", "people", gettext_noop("A request names its drafter."))
        if names[Part.DRAFTER] & names[Part.SIGNATORY]:
            text = gettext_noop("Who drafts a request does not sign it: four eyes are needed.")
            yield LetterProblem("four_eyes_missing", "people", text)


def _check_attachments(letter: Letter) -> Iterator[LetterProblem]:
    if repeated(_same(attachment.name) for attachment in letter.attachments):
        text = gettext_noop("Two attachments have the same name.")
        yield LetterProblem("attachment_repeated", "attachments", text)
    for number, attachment in enumerate(letter.attachments):
        if not _is_safe(attachment.name):
            text = gettext_noop("An attachment has a name that cannot be used.")
            yield LetterProblem("attachment_name_unsafe", f"attachments.{number}.name", text)


def _check_items(letter: Letter) -> Iterator[LetterProblem]:
    if isinstance(letter.body, InformationBody):
        return
    numbers = [item.number for item in letter.body.items]
    if isinstance(letter.body, RequestBody):
        if numbers != list(range(1, len(numbers) + 1)):
            text = gettext_noop("Items are numbered 1, 2, 3 without a gap.")
            yield LetterProblem("items_misnumbered", "body.items", text)
    elif numbers != sorted(set(numbers)):
        text = gettext_noop("Each item is answered once, in the order of the request.")
        yield LetterProblem("items_misnumbered", "body.items", text)


def _check_case(letter: Letter) -> Iterator[LetterProblem]:
    if isinstance(letter.body, RequestBody):
        if letter.case.requesting is None:
            text = gettext_noop("A request carries the number of the requesting side.")
            yield LetterProblem("case_number_missing", "case.requesting", text)
        return
    writer, answers = writer_of(letter.kind, letter.body), KINDS[letter.kind].answers
    if writer == Writer.AUTHORITY and (letter.case.requesting or letter.case.requested or letter.answers):
        text = gettext_noop("A letter about the authority itself belongs to no case and answers none.")
        yield LetterProblem("case_number_unasked", "case", text)
    if writer == Writer.REQUESTING and letter.case.requesting is None:
        text = gettext_noop("A letter of the requesting side carries its number of the case.")
        yield LetterProblem("case_number_missing", "case.requesting", text)
    if writer == Writer.REQUESTED:
        reference = getattr(letter.body, "reference", letter.case.requested)
        if letter.case.requested is None or letter.case.requested != reference:
            text = gettext_noop("The case number of the requested side is not the reference in the letter.")
            yield LetterProblem("case_number_differs", "case.requested", text)
    if answers and not letter.answers:
        text = gettext_noop("The letter does not say which letter it answers.")
        yield LetterProblem("answers_missing", "answers", text)


_CHECKS: tuple[Callable[[Letter], Iterator[LetterProblem]], ...] = (
    _check_head,
    _check_people,
    _check_case,
    _check_items,
    requests.check_times,
    dialogue.check_dialogue,
    dialogue.check_consultation,
    dialogue.check_uses,
    dialogue.check_meetings,
    requests.check_translations,
    _check_attachments,
    results.check_outcomes,
    results.check_attendance,
    results.check_safe_conduct,
    results.check_evidence,
)


def _same(text: str) -> str:
    """The form under which two names that a person or a file system confuses are equal."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _is_safe(name: str) -> bool:
    parts = name.split("/")
    return (
        not PurePosixPath(name).is_absolute()
        and all(part and part not in {".", ".."} and part == part.strip() for part in parts)
        and _same(name) not in RESERVED
        and _same(parts[0]) not in {_same(folder) for folder in RESERVED_FOLDERS}
        and unicodedata.is_normalized("NFC", name)
    )
