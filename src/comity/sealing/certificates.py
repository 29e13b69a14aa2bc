"""X.509 as far as a seal needs it: strict reading, and whether an anchor issued a certificate for a purpose.

Receives DER and anchors; returns the issuing anchor or raises; never builds longer paths than anchor and
certificate (docs/sealing.md, clause 5) and never fetches anything.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from comity.sealing import algorithms
from comity.sealing.refusals import (
    CertificateExpiredError,
    CertificatePurposeError,
    CertificateUnreadableError,
    CertificateUntrustedError,
)


class Purpose(StrEnum):
    """What a certificate is for; also the word that messages use."""

    SEAL = "seal"
    TIME = "time-stamp"
    REVOCATION = "revocation"


_EXTENDED = {
    Purpose.TIME: ExtendedKeyUsageOID.TIME_STAMPING,
    Purpose.REVOCATION: ExtendedKeyUsageOID.OCSP_SIGNING,
}
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,  # a key of no known kind
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)
"""What the library says of a certificate, its key or its extensions that it cannot read."""
USUAL = 4096
"""Bytes of a certificate that is worth keeping in memory."""
_UNDERSTOOD = {ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE}


def der(certificate: x509.Certificate) -> bytes:
    """The certificate's bytes."""
    return certificate.public_bytes(Encoding.DER)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of the certificate, hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def load(data: bytes, purpose: str) -> x509.Certificate:
    """Read DER; both statements of the signature algorithm must agree (RFC 5280, 4.1.1.2).

    The same bytes are read once: a service's certificate stands in each of its stamps. Whom it is of, and
    whether it is still good, is judged each time (``check_issued``).
    """
    return (_read_once if len(data) <= USUAL else _read)(data, purpose)


def _read(data: bytes, purpose: str) -> x509.Certificate:
    try:
        certificate = x509.load_der_x509_certificate(data)
        certificate.public_key()
        list(certificate.extensions)
        parsed = asn1_x509.Certificate.load(data, strict=True)
        inner, outer = parsed["tbs_certificate"]["signature"].dump(), parsed["signature_algorithm"].dump()
    except _UNREADABLE:
        raise CertificateUnreadableError(purpose=purpose) from None
    if inner != outer:
        raise CertificateUnreadableError(purpose=purpose)
    return certificate


_read_once = lru_cache(maxsize=256)(_read)


def check_issued(
    certificate: x509.Certificate, anchors: Iterable[x509.Certificate], purpose: Purpose, at: datetime
) -> x509.Certificate:
    """Return the anchor that issued the certificate for the purpose; both must have been valid at ``at``."""
    anchor = next((each for each in anchors if _issued(certificate, each)), None)
    if anchor is None:
        raise CertificateUntrustedError(purpose=purpose)
    for each in (certificate, anchor):
        if not each.not_valid_before_utc <= at <= each.not_valid_after_utc:
            raise CertificateExpiredError(
                purpose=purpose, since=each.not_valid_before_utc, until=each.not_valid_after_utc, at=at
            )
        algorithms.check_key(each.public_key(), purpose=purpose, at=at)
        oid = each.signature_algorithm_oid.dotted_string
        algorithms.signature(oid, purpose=purpose, at=at)
    if not _is_authority(anchor) or _is_authority(certificate) or not _serves(certificate, purpose):
        raise CertificatePurposeError(purpose=purpose)
    return anchor


def are_usual(*some: x509.Certificate) -> bool:
    """Whether they are as small as certificates usually are: larger ones fill no cache."""
    return max(len(der(each)) for each in some) <= USUAL


def _issued(certificate: x509.Certificate, anchor: x509.Certificate) -> bool:
    return (_issued_once if are_usual(certificate, anchor) else _is_issued)(certificate, anchor)


def _is_issued(certificate: x509.Certificate, anchor: x509.Certificate) -> bool:
    """Whether the anchor's key signed the certificate: of the same two it is the same for ever. Who counts as
    an anchor, and when both were valid, is asked each time.
    """
    try:
        certificate.verify_directly_issued_by(anchor)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


_issued_once = lru_cache(maxsize=256)(_is_issued)


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return False
    return constraints.ca


def _serves(certificate: x509.Certificate, purpose: Purpose) -> bool:
    """Whether usage and extended usage are those of the purpose and of no other.

    A seal needs contentCommitment (RFC 5280, 4.2.1.3) and no extended usage, so that the keys of TLS and of
    the services, which are online, can never seal. A service has its one extended usage (RFC 3161, 2.3).
    """
    extensions = {extension.oid: extension for extension in certificate.extensions}
    if any(extension.critical and oid not in _UNDERSTOOD for oid, extension in extensions.items()):
        return False  # RFC 5280, 4.2: a critical extension that is not understood
    extended = extensions.get(ExtensionOID.EXTENDED_KEY_USAGE)
    if purpose is Purpose.SEAL:
        usage = extensions.get(ExtensionOID.KEY_USAGE)
        return extended is None and usage is not None and usage.value.content_commitment
    if extended is None or list(extended.value) != [_EXTENDED[purpose]]:
        return False
    return extended.critical or purpose is not Purpose.TIME
