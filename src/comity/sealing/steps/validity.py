"""Steps 6 to 8: when the seal was made, whose it is, and whether it still counted then."""

from __future__ import annotations

from datetime import datetime, timedelta

from comity import canonical
from comity.sealing import algorithms, certificates, longterm, revocation, timestamp
from comity.sealing.case import Case, RevocationUnknownError, TimestampOutlivedError
from comity.sealing.certificates import Purpose, check_issued
from comity.sealing.refusals import (
    CertificateRevokedError,
    CertificateUntrustedError,
    FormNotDeterminedError,
    RevocationBrokenError,
    SigningTimeContradictedError,
    TimestampInFutureError,
    TimestampMissingError,
)
from comity.sealing.report import Sentence, TimeSource
from comity.terms import gettext_noop

CLOCKS = timedelta(minutes=5)
"""How far the clocks of two authorities may differ."""


# 6 time
def check_time(case: Case) -> Sentence:
    """The time-stamp is over this seal, from a trusted service, and not of the future."""
    if case.signed.token is None:
        raise TimestampMissingError
    case.token = token = timestamp.check(case.signed.token, case.signed.stamped)
    if case.is_own_form and not token.is_own_form:
        raise FormNotDeterminedError(part="The time-stamp")
    if token.at > case.as_of + CLOCKS:
        raise TimestampInFutureError(stamped=_text(token.at), at=_text(case.as_of))
    if case.signed.signed_at > token.at + CLOCKS:
        raise SigningTimeContradictedError(claimed=_text(case.signed.signed_at), stamped=_text(token.at))
    signer = case.sealing_authority()
    anchors = case.all_anchors()
    anchor = check_issued(token.certificate, anchors, Purpose.TIME, token.at)
    _check_outlived(case)
    service = case.trusted.issuer_of(anchor)
    if not service.seals:
        source = TimeSource.INDEPENDENT
    elif signer is None or service.id == signer.id:
        source = TimeSource.OWN
    else:
        source = TimeSource.PEER
    case.report.time_source = source
    return Sentence(
        gettext_noop("The seal was stamped at {at} by the time service of “{by}”."),
        at=_text(token.at),
        by=service.id,
    )


def _check_outlived(case: Case) -> None:
    """A stamp proves time as long as its certificate and algorithms are good (EN 319 102-1, 5.4)."""
    case.report.proof_ends = longterm.ends(case.signed, case.token)
    if case.as_of > case.report.proof_ends:
        raise TimestampOutlivedError(until=_text(case.report.proof_ends))


# 7 certificate
def check_certificate(case: Case) -> Sentence:
    """The seal's certificate is the named authority's and was valid at that time."""
    signer = case.sealing_authority()
    certificate = certificates.load(case.signed.certificate, "seal")
    anchors = case.all_anchors() if signer is None else list(signer.anchors)
    case.issuer = check_issued(certificate, anchors, Purpose.SEAL, case.token.at)
    if signer is not None and case.signed.certificates[0] != certificates.der(case.issuer):
        raise CertificateUntrustedError(purpose=Purpose.SEAL)
    algorithms.signature(case.signed.algorithm, purpose="seal", at=case.token.at)
    for reference in case.signed.references:
        algorithms.digest(reference.digest, purpose="seal", at=case.token.at)
    owner = case.trusted.issuer_of(case.issuer)
    case.report.by = owner.id
    case.report.signatures.append(
        {
            "by": owner.id,
            "name": owner.description.name,
            "state": owner.description.state,
            "certificate": certificates.fingerprint(certificate),
            "signed_at": canonical.instant_text(case.signed.signed_at),
            "stamped_at": canonical.instant_text(case.token.at),
        }
    )
    return Sentence(
        gettext_noop("The seal is of “{name}” ({state})."),
        name=owner.description.name,
        state=owner.description.state,
    )


# 8 revocation
def check_revocation(case: Case) -> Sentence:
    """The seal's certificate was not revoked when the stamp was given."""
    case.all_anchors()
    case.sealing_authority()
    if not case.signed.answers:
        raise RevocationUnknownError
    certificate = certificates.load(case.signed.certificate, "seal")
    answer = revocation.check(case.signed.answers[0], certificate, case.issuer)
    if case.is_own_form and not answer.is_own_form:
        raise FormNotDeterminedError(part="The answer about revocation")
    if answer.this_update > case.as_of + CLOCKS:
        raise RevocationBrokenError
    check_issued(answer.certificate, [case.issuer], Purpose.REVOCATION, answer.this_update)
    if answer.revoked_before(case.token.at):
        raise CertificateRevokedError(at=_text(answer.revoked_at or answer.this_update))
    if not answer.covers(case.token.at):
        raise RevocationUnknownError
    case.report.revocation_known_until = answer.next_update or answer.this_update
    return Sentence(
        gettext_noop("The certificate was good; its responder's answer holds until {until}."),
        until=_text(case.report.revocation_known_until),
    )


def _text(at: datetime) -> str:
    return canonical.instant_text(at)
