"""What must hold between the parts of a letter, beyond the form of each.

Receives a parsed letter; returns every problem; never decides what the law asks of a request
(``comity.reasoning`` does).
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from comity.letters.bodies import (
    KINDS,
    Actual,
    ConsultationBody,
    ExculpatoryNoticeBody,
    ExtensionAskedBody,
    ExtensionGrantedBody,
    Hearing,
    InformationBody,
    OnwardPermissionGrantedBody,
    OralConfirmationBody,
    PathDisclosureBody,
    PostponementBody,
    PresenceGrantedBody,
    PreservationDoneBody,
    RefusalBody,
    RequestBody,
    ResultBody,
    SupplementAskedBody,
    UsePermissionGrantedBody,
    Writer,
    digest,
    texts_of,
    writer_of,
)
from comity.letters.schema import Letter, Part
from comity.proofs.custody import CustodyRecord, check_chain
from comity.terms import ComityError, gettext_noop

RESERVED = (
    "mimetype",
    "letter.json",
    "letter.en.pdf",
    "letter.kk.pdf",
    "letter.ru.pdf",
    "stepup.json",
    "signatory.p7s",
)
"""Entries of a letter's container that no attachment may be called."""
RESERVED_FOLDERS = ("META-INF", "_comity")


_OUTCOMES = frozenset({Actual.EXECUTED, Actual.PARTLY_EXECUTED, Actual.IMPOSSIBLE})
"""What a result may say of an item; a refusal, a postponement and the rest have their own letters."""


class LetterUnsoundError(ComityError):
    """A letter of the right form contradicts itself."""

    code = "letter_unsound"
    message = gettext_noop("The letter contradicts itself ({problem}, at {where}): {text}")
    next_step = gettext_noop("Correct the letter before it is signed; as recipient, ask for a corrected one.")


@dataclass(frozen=True, slots=True)
class LetterProblem:
    """One contradiction: a stable code, the field it was found at, one sentence."""

    code: str
    where: str
    text: str


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
    if letter.id in letter.answers or _repeated(letter.answers):
        text = gettext_noop("A letter answers other letters, each once.")
        yield LetterProblem("answers_wrong", "answers", text)
    if _repeated((limit.id, limit.cite) for limit in letter.limits):
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
    if _repeated(_same(attachment.name) for attachment in letter.attachments):
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


def _check_dialogue(letter: Letter) -> Iterator[LetterProblem]:
    body = letter.body
    if isinstance(body, SupplementAskedBody) and _repeated(gap.field for gap in body.deficiencies):
        text = gettext_noop("The same field is asked for twice.")
        yield LetterProblem("deficiency_repeated", "body.deficiencies", text)
    if isinstance(body, PostponementBody) and body.until and body.until <= letter.written_at:
        text = gettext_noop("The day of review lies before the letter.")
        yield LetterProblem("review_past", "body.until", text)
    if isinstance(body, ExtensionAskedBody | ExtensionGrantedBody) and body.until <= letter.written_at:
        text = gettext_noop("The time of the extension lies before the letter.")
        yield LetterProblem("extension_past", "body.until", text)
    if isinstance(body, PathDisclosureBody) and bool(body.path) == bool(body.withheld):
        text = gettext_noop("The path is either disclosed or withheld on a ground.")
        yield LetterProblem("path_unclear", "body.path", text)


def _check_consultation(letter: Letter) -> Iterator[LetterProblem]:
    body = letter.body
    if isinstance(body, ConsultationBody) and not body.items and body.about != "exculpatory_disclosure":
        text = gettext_noop("A consultation names the items of the request that it is about.")
        yield LetterProblem("items_missing", "body.items", text)
    if isinstance(body, ConsultationBody) and body.reply_by and body.reply_by <= letter.written_at:
        text = gettext_noop("The day by which an answer is asked for lies before the letter.")
        yield LetterProblem("reply_day_past", "body.reply_by", text)
    silent = body.no_answer_by if isinstance(body, RefusalBody | PostponementBody) else None
    if silent and (body.consulted or silent > letter.written_at):  # type: ignore[union-attr]
        text = gettext_noop("The other side did consult, or its time to answer has not passed.")
        yield LetterProblem("no_answer_untrue", "body.no_answer_by", text)


def _check_uses(letter: Letter) -> Iterator[LetterProblem]:
    body = letter.body
    match body:
        case UsePermissionGrantedBody(until=str(until)) | OnwardPermissionGrantedBody(until=str(until)):
            if until <= letter.written_at:
                text = gettext_noop("The permission ends before it is given.")
                yield LetterProblem("permission_past", "body.until", text)
    if isinstance(body, ExculpatoryNoticeBody):
        if bool(body.by) == bool(body.items):
            text = gettext_noop("A notice names items of a request, or is of information that has none.")
            yield LetterProblem("disclosed_unclear", "body.items", text)
        if bool(body.disclosed_at) != bool(body.reason.strip()):
            text = gettext_noop(
                "A notice after disclosure says when it was and why it could not come before."
            )
            yield LetterProblem("disclosure_unexplained", "body.reason", text)
        if body.disclosed_at and body.disclosed_at > letter.written_at:
            text = gettext_noop("The disclosure lies after the letter that tells of it.")
            yield LetterProblem("disclosure_ahead", "body.disclosed_at", text)


def _check_times(letter: Letter) -> Iterator[LetterProblem]:
    body = letter.body
    if isinstance(body, PreservationDoneBody) and body.until <= body.preserved_at:
        text = gettext_noop("Preservation ends before it began.")
        yield LetterProblem("preservation_reversed", "body.until", text)
    if isinstance(body, OralConfirmationBody) and body.oral.made_at > letter.written_at:
        text = gettext_noop("The oral request lies after the letter that confirms it.")
        yield LetterProblem("oral_request_ahead", "body.oral.made_at", text)
    if isinstance(body, RequestBody):
        for number, item in enumerate(body.items):
            if item.period and item.period.end < item.period.start:
                text = gettext_noop("The period ends before it begins.")
                yield LetterProblem("period_reversed", f"body.items.{number}.period", text)
    if isinstance(body, PathDisclosureBody):
        for number, part in enumerate(body.path):
            if part.period and part.period.end < part.period.start:
                text = gettext_noop("The period ends before it begins.")
                yield LetterProblem("period_reversed", f"body.path.{number}.period", text)


def _check_meetings(letter: Letter) -> Iterator[LetterProblem]:
    body = letter.body
    if not isinstance(body, Hearing | PresenceGrantedBody):
        return
    if body.ends_at <= body.begins_at:
        text = gettext_noop("What is arranged ends before it begins.")
        yield LetterProblem("meeting_reversed", "body.ends_at", text)
    if body.begins_at <= letter.written_at:
        text = gettext_noop("What is arranged lies before the letter.")
        yield LetterProblem("meeting_past", "body.begins_at", text)
    if isinstance(body, Hearing) and body.test_at and not letter.written_at < body.test_at < body.begins_at:
        text = gettext_noop("The technical test lies between the letter and the hearing.")
        yield LetterProblem("test_misplaced", "body.test_at", text)


def _check_translations(letter: Letter) -> Iterator[LetterProblem]:
    body = letter.body
    if not isinstance(body, RequestBody) or not body.translations:
        return
    if body.language is None:
        text = gettext_noop("The letter has a translation and does not say the language of its original.")
        yield LetterProblem("original_language_missing", "body.language", text)
    if _repeated((body.language, *(each.language for each in body.translations))):
        text = gettext_noop("The original and each translation are in different languages.")
        yield LetterProblem("translation_repeated", "body.translations", text)
    originals = texts_of(body.as_json())
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


def _check_outcomes(letter: Letter) -> Iterator[LetterProblem]:
    if not isinstance(letter.body, ResultBody):
        return
    for place, item in enumerate(letter.body.items):
        if item.actual not in _OUTCOMES:
            text = gettext_noop("A result says of an item what only another letter can say.")
            yield LetterProblem("outcome_wrong", f"body.items.{place}.actual", text)
    if letter.body.whole and any(item.actual == Actual.PARTLY_EXECUTED for item in letter.body.items):
        text = gettext_noop("The result completes the request and leaves an item executed in part.")
        yield LetterProblem("whole_in_part", "body.whole", text)


def _check_evidence(letter: Letter) -> Iterator[LetterProblem]:
    if not isinstance(letter.body, ResultBody):
        return
    attached = {file.exhibit: (file.sha256, file.bytes) for file in letter.attachments if file.exhibit}
    named = [exhibit for item in letter.body.items for exhibit in item.exhibits]
    if _repeated(named) or set(named) != set(attached):
        text = gettext_noop("The exhibits of the items are not the exhibits that are attached.")
        yield LetterProblem("exhibits_differ", "body.items", text)
    chains: dict[str, list[CustodyRecord]] = {}
    for record in letter.body.custody:
        chains.setdefault(record.exhibit, []).append(record)
    if set(chains) != set(attached):
        text = gettext_noop("Not every exhibit has its custody, or custody is of what is not attached.")
        yield LetterProblem("custody_differs", "body.custody", text)
    for exhibit, chain in chains.items():
        findings = check_chain(chain)
        if findings:
            yield LetterProblem(findings[0].code, f"body.custody of {exhibit}", findings[0].text)
        elif attached.get(exhibit, (chain[-1].sha256, chain[-1].bytes)) != (
            chain[-1].sha256,
            chain[-1].bytes,
        ):
            text = gettext_noop("An attached exhibit is not the one whose custody is told.")
            yield LetterProblem("custody_content_differs", f"body.custody of {exhibit}", text)


_CHECKS: tuple[Callable[[Letter], Iterator[LetterProblem]], ...] = (
    _check_head,
    _check_people,
    _check_case,
    _check_items,
    _check_times,
    _check_dialogue,
    _check_consultation,
    _check_uses,
    _check_meetings,
    _check_translations,
    _check_attachments,
    _check_outcomes,
    _check_evidence,
)


def _same(text: str) -> str:
    """The form under which two names that a person or a file system confuses are equal."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _repeated(values: Iterable[object]) -> bool:
    return any(count > 1 for count in Counter(values).values())


def _is_safe(name: str) -> bool:
    parts = name.split("/")
    return (
        not PurePosixPath(name).is_absolute()
        and all(part and part not in {".", ".."} and part == part.strip() for part in parts)
        and _same(name) not in RESERVED
        and _same(parts[0]) not in {_same(folder) for folder in RESERVED_FOLDERS}
        and unicodedata.is_normalized("NFC", name)
    )
