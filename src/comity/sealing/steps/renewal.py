"""Step 9 of what was sealed again: the older one counts as of the newer one's time-stamp (clauses 13, 18)."""

from __future__ import annotations

from datetime import datetime

from comity import canonical
from comity.sealing import remains
from comity.sealing.case import Case, TrustUnknownError, UndecidedError
from comity.sealing.longterm import RENEWALS
from comity.sealing.manifest import Kind
from comity.sealing.refusals import (
    RemainsFailedError,
    RenewalUnreadableError,
    RenewedFailedError,
    RenewedTooOftenError,
)
from comity.sealing.report import Sentence, Step
from comity.terms import Verdict, gettext_noop

RENEWED = "sealed.asice"
"""The older container inside a renewal."""


class RenewedUndecidedError(UndecidedError):
    """The older container inside a renewal can be neither confirmed nor refuted."""

    code = "renewed_undecided"
    message = gettext_noop("The older container inside is undecided as of {at} at {step}: {text}")
    next_step = gettext_noop("Verify with the anchors of every authority that sealed it.")


class RemainsUndecidedError(UndecidedError):
    """What remains of an erased container, inside a renewal, can be neither confirmed nor refuted."""

    code = "remains_undecided"
    message = gettext_noop("What remains of a letter, inside, is undecided as of {at} at {step}: {text}")
    next_step = gettext_noop("Verify with the anchors of every authority that sealed it.")


# 9 renewed
def check_renewed(case: Case) -> Sentence:
    """The newer stamp proves that the older one was there, so the older one is judged by that time."""
    held = [file.name for file in case.own_manifest.files]
    is_whole = case.own_manifest.kind is Kind.RENEWAL
    if held not in ([[RENEWED]] if is_whole else [[remains.DOCUMENT], [remains.SEALED_AGAIN]]):
        raise RenewalUnreadableError
    if case.depth >= RENEWALS:
        raise RenewedTooOftenError(limit=RENEWALS)
    at = case.token.at
    case.renewed = inner = _examined(case, held[0], at)
    case.report.holds = inner.report
    case.report.signatures.extend({"in": held[0]} | each for each in inner.report.signatures)
    case.report.custody.extend(inner.report.custody)
    _demand_passed(case, inner, at, is_whole)
    if is_whole != (inner.innermost.remains is None):
        raise RenewalUnreadableError  # the kind says it, however deep what remains lies
    text = gettext_noop("The older container inside, sealed by “{by}”, holds as of {at}.")
    if not is_whole:
        text = gettext_noop(
            "What remains of a letter, inside, sealed by “{by}”, holds as of {at}. The attachments were "
            "erased and are not proved."
        )
    return Sentence(text, by=inner.report.by, at=canonical.instant_text(at))


def _examined(case: Case, name: str, at: datetime) -> Case:
    if name == remains.DOCUMENT:
        document = case.package.read(name, remains.MOST)
        return remains.examine(document, trust=case.trust, as_of=at, depth=case.depth + 1)
    return case.examine_renewed(case.package.section(name), at)


def _demand_passed(case: Case, inner: Case, at: datetime, is_whole: bool) -> None:
    def about(step: Step) -> dict[str, str]:
        return {"at": canonical.instant_text(at), "step": step.id, "text": step.text}

    for step in inner.report.steps:
        if step.verdict is Verdict.FAILED:
            if step.code == RenewedTooOftenError.code and not is_whole:
                raise RenewedTooOftenError(limit=RENEWALS)
            raise (RenewedFailedError if is_whole else RemainsFailedError)(**about(step))
    for step in inner.report.steps:
        if step.verdict is Verdict.INDETERMINATE:
            if case.trust is None:
                raise TrustUnknownError
            raise (RenewedUndecidedError if is_whole else RemainsUndecidedError)(**about(step))


STEPS = (("renewed", check_renewed),)
