"""A national token at signing: its signatures are read and believed before anything is sealed.

A token signs ``letter.json`` (detached), a readable form (PAdES), or both. Where its certificate writes the
signatory's name otherwise than the letter, the signatory says why it is theirs, and that is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comity.letters.schema import parse
from comity.node.casework import events
from comity.node.casework.models import Case
from comity.node.exchange import national, sealing
from comity.node.exchange.models import Letter, SignedPdf
from comity.node.exchange.national import NationalAnchorsMissingError
from comity.sealing import signed_pdf
from comity.sealing.refusals import PackageRefusedError
from comity.terms import ComityError, gettext_noop

LONGEST_ANSWER = 500
"""Characters of what a signatory says about a name that is written otherwise."""


class NationalNameDiffersError(ComityError):
    """The certificate names another person than the letter, or writes the name otherwise."""

    code = "national_name_differs"
    message = gettext_noop("The certificate names “{certificate}”, the letter “{name}”; nothing was signed.")
    next_step = gettext_noop(
        "If the certificate is yours, say why it writes your name otherwise, and give the file again."
    )


NOT_ACCEPTED = (PackageRefusedError, NationalAnchorsMissingError, NationalNameDiffersError)
"""Why a token's signature is not taken; the letter that was shown can still be signed."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a signatory gave from their token: a detached signature, a signed PDF, a word about the name."""

    detached: bytes | None = None
    pdf: bytes | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Believed:
    """Signatures that this node believes, with what it finds of each."""

    token: Token
    reports: dict[str, dict[str, Any]]
    form: signed_pdf.SignedPdf | None


def believe(token: Token, letter: bytes, name: str, at: datetime) -> Believed:
    """Check what a token signed: this letter, by an issuer known here, in the signatory's name or explained.

    Takes seconds (the PDF is typeset again and read by a process of its own): called outside transactions.
    """
    reports, form = {}, None
    if token.detached is not None:
        national.check(token.detached, letter, at)
        reports["national"] = national.judge(token.detached, letter, at, name=name)
    if token.pdf is not None:
        form = signed_pdf.read_signed_pdf(token.pdf, _readable(letter))
        national.check(form.signature, form.covered, at)
        reports["signed_pdf"] = national.judge_pdf(form, at, name=name)
    for report in reports.values():
        if not report["name_agrees"] and not token.answer:
            raise NationalNameDiffersError(certificate=report["name"], name=name)
    return Believed(token, reports, form)


def keep(case: Case, letter: Letter, name: str, believed: Believed, now: datetime) -> None:
    """Keep the signatures with a letter that was just frozen, in the act's transaction."""
    letter.national = believed.token.detached
    letter.national_report = believed.reports.get("national")
    letter.signed_pdf_report = believed.reports.get("signed_pdf")
    if believed.form is not None:
        SignedPdf.objects.create(
            letter=letter, form=believed.form.name, base=believed.form.base, data=believed.token.pdf
        )
    others = {each["name"] for each in believed.reports.values() if not each["name_agrees"]}
    for other in sorted(others):
        events.note(
            case,
            "national_name_answered",
            now=now,
            letter=letter.id,
            certificate=other,
            name=name,
            answer=believed.token.answer,
        )


def _readable(letter: bytes) -> dict[str, bytes]:
    document = parse(letter)
    return {
        sealing.readable_name(language): sealing.readable_form(document, language)
        for language in sealing.LANGUAGES
    }
