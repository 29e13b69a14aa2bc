"""Letters about a request: questions, consultations, permissions, meetings."""

from __future__ import annotations

from collections.abc import Iterator

from comity.letters.bodies import (
    ConsultationBody,
    EmergencyValidatedBody,
    ExculpatoryNoticeBody,
    ExtensionAskedBody,
    ExtensionGrantedBody,
    Hearing,
    OnwardPermissionGrantedBody,
    PathDisclosureBody,
    PostponementBody,
    PresenceGrantedBody,
    RefusalBody,
    SupplementAskedBody,
    UsePermissionGrantedBody,
)
from comity.letters.consistency import LetterProblem, repeated
from comity.letters.schema import Letter
from comity.terms import gettext_noop


def check_dialogue(letter: Letter) -> Iterator[LetterProblem]:
    """Questions, postponements and extensions name what can still happen."""
    body = letter.body
    if isinstance(body, SupplementAskedBody) and repeated(gap.field for gap in body.deficiencies):
        text = gettext_noop("The same field is asked for twice.")
        yield LetterProblem("deficiency_repeated", "body.deficiencies", text)
    if isinstance(body, PostponementBody) and body.until and body.until <= letter.written_at:
        text = gettext_noop("The day of review lies before the letter.")
        yield LetterProblem("review_past", "body.until", text)
    if isinstance(body, ExtensionAskedBody | ExtensionGrantedBody) and body.until <= letter.written_at:
        text = gettext_noop("The time of the extension lies before the letter.")
        yield LetterProblem("extension_past", "body.until", text)
    if isinstance(body, EmergencyValidatedBody) and body.decided_at > letter.written_at:
        text = gettext_noop("The validation was decided after the letter that tells of it.")
        yield LetterProblem("validation_ahead", "body.decided_at", text)
    if isinstance(body, PathDisclosureBody) and bool(body.path) == bool(body.withheld):
        text = gettext_noop("The path is either disclosed or withheld on a ground.")
        yield LetterProblem("path_unclear", "body.path", text)


def check_consultation(letter: Letter) -> Iterator[LetterProblem]:
    """A consultation has its subject and time; silence is told only of an answer that did not come."""
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


def check_uses(letter: Letter) -> Iterator[LetterProblem]:
    """A permission lies ahead; a notice of disclosure says what was disclosed, when and why."""
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


def check_meetings(letter: Letter) -> Iterator[LetterProblem]:
    """What is arranged lies ahead, in its order."""
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
