"""Steps 9 and 10 of a letter: it names everything that goes with it, and its signatory was verified."""

from __future__ import annotations

from typing import Any

from comity import canonical
from comity.sealing.case import Case, PackageOfNewerVersionError
from comity.sealing.manifest import Manifest
from comity.sealing.national import LIMIT as NATIONAL_LIMIT
from comity.sealing.national import NATIONAL, check_signed
from comity.sealing.refusals import PackageRefusedError
from comity.sealing.report import Sentence
from comity.sealing.signed_pdf import LIMIT as SIGNED_PDF_LIMIT
from comity.sealing.signed_pdf import SIGNED_PDF, read_signed_pdf
from comity.sealing.stepup import LIMIT as STEP_UP_LIMIT
from comity.sealing.stepup import STEP_UP, Method, StepUpUnreadableError, check, parse
from comity.shapes import is_newer
from comity.terms import gettext_noop

LETTER, SCHEMA = "letter.json", "comity-letter/1"
READABLE = ("letter.en.pdf", "letter.kk.pdf", "letter.ru.pdf")
LIMIT = 16 << 20
"""Bytes of letter.json."""


class LetterUnreadableError(PackageRefusedError):
    """letter.json is missing, not canonical, or of another schema."""

    code = "letter_unreadable"
    message = gettext_noop("The package holds no letter that can be read.")


class LetterNotOfSealerError(PackageRefusedError):
    """A letter of one authority under the seal of another."""

    code = "letter_not_of_sealer"
    message = gettext_noop("The letter says that it is from “{source}”, but “{by}” sealed it.")


class LetterPartsDifferError(PackageRefusedError):
    """What the letter says goes with it is not what is there."""

    code = "letter_parts_differ"
    message = gettext_noop("The letter and its package differ at “{name}”.")


# 9 letter
def check_letter(case: Case) -> Sentence:
    """The letter is from whoever sealed it, and lists exactly the files beside it."""
    listed = case.own_manifest
    letter = _read(case)
    if letter.get("from") != listed.by:
        raise LetterNotOfSealerError(source=letter.get("from"), by=listed.by)
    if listed.about.get("letter", letter.get("id")) != letter.get("id"):
        raise LetterPartsDifferError(name=LETTER)
    _check_parts(letter, listed)
    case.letter = letter
    text = gettext_noop(
        "The letter {letter} is from “{source}” to “{target}” and names every file beside it."
    )
    return Sentence(text, letter=letter.get("id"), source=letter.get("from"), target=letter.get("to"))


# 10 signatory
def check_signatory(case: Case) -> Sentence:
    """How the signatory was verified: a security key signed exactly these bytes, or what else is said."""
    if case.letter is None:
        raise LetterUnreadableError
    if case.package.size(STEP_UP) > STEP_UP_LIMIT:
        raise StepUpUnreadableError
    statement = parse(case.package.read(STEP_UP, STEP_UP_LIMIT))
    answer = check(statement, case.letter, case.package.read(LETTER, LIMIT))
    case.report.step_up = statement.as_json()
    if answer is None:
        text = _WITHOUT_KEY[statement.method]
        return Sentence(text, signatory=statement.signatory)
    text = gettext_noop("{signatory} signed this letter with a security key, on the pages at {origin}.")
    return Sentence(text, signatory=statement.signatory, origin=answer.origin)


# 11 national (10 where nothing is said of a step-up)
def check_national(case: Case) -> Sentence:
    """A national token signed exactly this letter; whether its issuer is believed, the reader decides."""
    if case.letter is None:
        raise LetterUnreadableError
    signature = case.package.read(NATIONAL, NATIONAL_LIMIT)
    found = check_signed(signature, case.package.read(LETTER, LIMIT))
    case.report.national = signature
    text = gettext_noop("“{subject}” signed this letter with a national certificate issued by “{issuer}”.")
    return Sentence(text, subject=found.subject, issuer=found.issuer)


# behind those: the same token's signature inside a readable form
def check_signed_pdf(case: Case) -> Sentence:
    """A national token signed one of the readable forms, whole, and nothing was laid over it."""
    if case.letter is None:
        raise LetterUnreadableError
    readable = {name: case.package.read(name, SIGNED_PDF_LIMIT) for name in READABLE}
    signed = read_signed_pdf(case.package.read(SIGNED_PDF, SIGNED_PDF_LIMIT), readable)
    found = check_signed(signed.signature, signed.covered)
    case.report.signed_pdf = signed
    text = gettext_noop(
        "“{subject}” signed the readable form {name} of this letter with a national certificate issued by "
        "“{issuer}”."
    )
    return Sentence(text, subject=found.subject, name=signed.name, issuer=found.issuer)


def has_national(case: Case) -> bool:
    """Whether a letter brings a national token's signature; then the step is carried out."""
    return _brings(case, NATIONAL)


def has_signed_pdf(case: Case) -> bool:
    """Whether a letter brings a readable form that a national token signed; then the step is carried out."""
    return _brings(case, SIGNED_PDF)


_WITHOUT_KEY = {
    Method.TOTP: gettext_noop(
        "{signatory} signed after a code of the authenticator app, as the sealer says."
    ),
    Method.PASSWORD: gettext_noop("{signatory} signed after a password, as the sealer says."),
}


def has_step_up(case: Case) -> bool:
    """Whether a letter says how its signatory was verified; then the step is carried out."""
    return _brings(case, STEP_UP)


def _brings(case: Case, name: str) -> bool:
    return case.manifest is not None and any(file.name == name for file in case.manifest.files)


def _read(case: Case) -> dict[str, Any]:
    if LETTER not in case.package.names:
        raise LetterUnreadableError
    try:
        letter = canonical.read_canonical(case.package.read(LETTER, LIMIT), max_bytes=LIMIT)
    except canonical.JsonUnreadableError:
        raise LetterUnreadableError from None
    if not isinstance(letter, dict):
        raise LetterUnreadableError
    if is_newer(letter.get("schema"), SCHEMA):
        raise PackageOfNewerVersionError(schema=letter["schema"], known=SCHEMA)
    if letter.get("schema") != SCHEMA:
        raise LetterUnreadableError
    if not all(isinstance(letter.get(head), str) for head in ("id", "from", "to")):
        raise LetterUnreadableError
    return letter


def _check_parts(letter: dict[str, Any], listed: Manifest) -> None:
    there = {file.name: [file.media_type, file.bytes, file.sha256] for file in listed.files}
    told: dict[str, Any] = {}
    attachments = letter.get("attachments")
    for each in attachments if isinstance(attachments, list) else [None]:
        if not isinstance(each, dict) or each.get("name") in told:
            raise LetterPartsDifferError(name="attachments")
        told[str(each.get("name"))] = [each.get("media_type"), each.get("bytes"), each.get("sha256")]
    beside = [name for name in (STEP_UP, NATIONAL, SIGNED_PDF) if name in there]
    for name in (LETTER, *READABLE, *beside):
        if name in told or name not in there:
            raise LetterPartsDifferError(name=name)
        told[name] = there[name]
    for name in sorted(there.keys() | told.keys()):
        if there.get(name) != told.get(name):
            raise LetterPartsDifferError(name=name)
