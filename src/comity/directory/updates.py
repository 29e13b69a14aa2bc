"""Whether a certificate that an authority announces may follow the one by which it is known.

Receives what the authority said under its seal, the certificates of its card, and the time; returns nothing
and raises what does not hold; it never admits a certificate (a person or a directory's entry does).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from comity import canonical
from comity.directory.cards import tls_fingerprint
from comity.letters.bodies import NextCertificate
from comity.terms import ComityError, gettext_noop

CLOCK_SKEW = timedelta(minutes=5)
"""How far the clocks of two nodes may part."""
_SPEAKS = frozenset({ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH})
_OTHERS = ("ca", "seal", "tsa", "ocsp")


class CertificateForeignError(ComityError):
    """The announced certificate is no certificate of a connection of this authority's own CA."""

    code = "certificate_foreign"
    message = gettext_noop("The announced certificate is not accepted: {detail}.")
    next_step = gettext_noop("Call the authority on a known number; another key comes with its card.")


class CertificateUntimelyError(ComityError):
    """The times of the announced certificate contradict each other, or are over."""

    code = "certificate_untimely"
    message = gettext_noop("The times of the announced certificate are not accepted: {detail}.")
    next_step = gettext_noop("The authority announces it again with times that lie ahead.")


class CertificateReplacesOtherError(ComityError):
    """The announced certificate follows another one than that by which the authority is known here."""

    code = "certificate_replaces_other"
    message = gettext_noop("The announced certificate follows another one than is in use here.")
    next_step = gettext_noop("Ask the authority for its card: comity node directory card DIR")


def demand_successor(told: NextCertificate, known: Mapping[str, str], now: datetime) -> None:
    """Raise one of the errors above unless the certificate may follow the authority's present one.

    ``known`` are the certificates of its card (PEM by name). Clause DIRECTORY-26.
    """
    present = x509.load_pem_x509_certificate(known["tls"].encode())
    if told.replaces != tls_fingerprint(known["tls"]):
        raise CertificateReplacesOtherError
    following = _read(told.certificate)
    _demand_own(following, present, known)
    _demand_timely(told, following, present, now)


@lru_cache(maxsize=512)
def fingerprint(pem: str) -> str:
    """SHA-256 of a certificate's DER bytes, lower-case hex."""
    return tls_fingerprint(pem)


@lru_cache(maxsize=512)
def ends_at(pem: str) -> datetime:
    """When a certificate (PEM) ends by itself."""
    return x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc


def _read(pem: str) -> x509.Certificate:
    try:
        found = x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        raise CertificateForeignError(detail="it cannot be read") from None
    if found.public_bytes(Encoding.PEM).decode().strip() != pem.strip():
        raise CertificateForeignError(detail="there is more than one certificate")
    return found


def _demand_own(following: x509.Certificate, present: x509.Certificate, known: Mapping[str, str]) -> None:
    others = {name: x509.load_pem_x509_certificate(known[name].encode()) for name in _OTHERS}
    try:
        following.verify_directly_issued_by(others["ca"])
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        raise CertificateForeignError(detail="another CA issued it") from None
    if following.subject != present.subject:
        raise CertificateForeignError(detail="it is issued to somebody else")
    if following == present or any(following.public_key() == one.public_key() for one in others.values()):
        raise CertificateForeignError(detail="it is in use already, or its key is that of another service")
    if not _speaks(following):
        raise CertificateForeignError(detail="it is not for connections")


def _speaks(certificate: x509.Certificate) -> bool:
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        is_ca = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False
    return not is_ca and set(uses) >= _SPEAKS


def _demand_timely(
    told: NextCertificate, following: x509.Certificate, present: x509.Certificate, now: datetime
) -> None:
    changes, ends = canonical.read_instant(told.changes_at), canonical.read_instant(told.ends_at)
    if following.not_valid_before_utc > now + CLOCK_SKEW:
        raise CertificateUntimelyError(detail="it does not hold yet")
    if following.not_valid_after_utc <= ends:
        raise CertificateUntimelyError(detail="it ends before the present one does")
    if not now < ends or not changes <= ends:
        raise CertificateUntimelyError(detail="the present one has ended, or ends before the change")
    if ends > present.not_valid_after_utc:
        raise CertificateUntimelyError(detail="the present one would be used after its end")
