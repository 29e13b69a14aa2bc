"""Step 9 of a container that was sealed again: the older one counts as of the newer one's time-stamp."""

from __future__ import annotations

from comity import canonical
from comity.sealing.case import Case, TrustUnknownError, UndecidedError
from comity.sealing.longterm import RENEWALS
from comity.sealing.refusals import RenewalUnreadableError, RenewedFailedError, RenewedTooOftenError
from comity.sealing.report import Sentence
from comity.terms import Verdict, gettext_noop

RENEWED = "sealed.asice"
"""The older container inside a renewal."""


class RenewedUndecidedError(UndecidedError):
    """The older container inside a renewal can be neither confirmed nor refuted."""

    code = "renewed_undecided"
    message = gettext_noop("The older container inside is undecided as of {at} at {step}: {text}")
    next_step = gettext_noop("Verify with the anchors of every authority that sealed it.")


# 9 renewed
def check_renewed(case: Case) -> Sentence:
    """The newer stamp proves that the older container was there, so the older one is judged by that time."""
    if [file.name for file in case.own_manifest.files] != [RENEWED]:
        raise RenewalUnreadableError
    if case.depth >= RENEWALS:
        raise RenewedTooOftenError(limit=RENEWALS)
    at = case.token.at
    case.renewed = inner = case.examine_renewed(case.package.section(RENEWED), at)
    case.report.holds = inner.report
    case.report.signatures.extend({"in": RENEWED} | each for each in inner.report.signatures)
    case.report.custody.extend(inner.report.custody)
    for step in inner.report.steps:
        if step.verdict is Verdict.FAILED:
            raise RenewedFailedError(at=canonical.instant_text(at), step=step.id, text=step.text)
    for step in inner.report.steps:
        if step.verdict is Verdict.INDETERMINATE:
            if case.trust is None:
                raise TrustUnknownError
            raise RenewedUndecidedError(at=canonical.instant_text(at), step=step.id, text=step.text)
    text = gettext_noop("The older container inside, sealed by “{by}”, holds as of {at}.")
    return Sentence(text, by=inner.report.by, at=canonical.instant_text(at))


STEPS = (("renewed", check_renewed),)
