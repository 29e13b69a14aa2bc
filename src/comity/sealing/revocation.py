"""OCSP responses (RFC 6960): issued by the pilot's own responder, and checked whoever issued them.

Receives certificates, a signer and the time; returns a strictly encoded response; never talks to a responder
over a network (the node does and hands the response in). docs/sealing.md, clause 7.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from asn1crypto import ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509

from comity.sealing import algorithms, certificates, der
from comity.sealing.keys import Signer
from comity.sealing.refusals import RevocationBrokenError

VALIDITY = timedelta(hours=24)
"""How long the pilot's responder stands by an answer."""
_GOOD = b"\x80\x00"
"""[0] IMPLICIT NULL."""
_SUCCESSFUL = b"\x0a\x01\x00"
_BASIC = "1.3.6.1.5.5.7.48.1.1"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response whose own signature holds, about one certificate."""

    this_update: datetime
    next_update: datetime | None
    revoked_at: datetime | None
    certificate: x509.Certificate
    is_own_form: bool

    def revoked_before(self, at: datetime) -> bool:
        """Whether the certificate was already revoked at that time."""
        return self.revoked_at is not None and self.revoked_at <= at

    def covers(self, at: datetime) -> bool:
        """Whether the answer speaks about that time: given later, or still valid then."""
        return self.this_update >= at or (self.next_update is not None and at <= self.next_update)


def issue(
    certificate: x509.Certificate,
    issuer: x509.Certificate,
    responder: Signer,
    now: datetime,
    revoked_at: datetime | None = None,
) -> bytes:
    """A response (DER) that says whether ``issuer`` revoked the certificate, valid for VALIDITY."""
    status = _GOOD if revoked_at is None else der.element(der.CONTEXT_1, der.moment(revoked_at))
    answer = der.sequence(
        _identifier(certificates.der(certificate), certificates.der(issuer)),
        status,
        der.moment(now),
        der.element(der.CONTEXT_0, der.moment(now + VALIDITY)),
    )
    own = certificates.der(responder.certificate)
    data = der.sequence(
        der.element(der.CONTEXT_1, _subject(own)),
        der.moment(now),
        der.sequence(answer),
    )
    return _assemble(data, responder.sign(data), own)


def check(response: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> Answer:
    """Raise RevocationBrokenError unless it is strictly encoded, signed, and about this certificate."""
    try:
        return _checked(response, certificate, issuer)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        # What asn1crypto and cryptography raise on malformed or unexpected structures.
        raise RevocationBrokenError from None


def _checked(response: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> Answer:
    outer = ocsp.OCSPResponse.load(response, strict=True)
    if outer["response_status"].native != "successful":
        raise RevocationBrokenError
    basic = outer["response_bytes"]["response"].parsed
    data = basic["tbs_response_data"]
    responder_der = basic["certs"][0].dump()
    responder = certificates.load(responder_der, "revocation")
    produced = data["produced_at"].native
    oid = basic["signature_algorithm"]["algorithm"].dotted
    algorithm = algorithms.signature(oid, purpose="revocation", at=produced)
    algorithms.check_key(responder.public_key(), purpose="revocation", at=produced)
    signature = basic["signature"].native
    signed = algorithm.holds(responder.public_key(), signature, data.dump())
    if not signed or len(data["responses"]) != 1:
        raise RevocationBrokenError
    answer = data["responses"][0]
    if not _is_about(answer["cert_id"], certificate, issuer):
        raise RevocationBrokenError
    return Answer(
        this_update=answer["this_update"].native,
        next_update=answer["next_update"].native,
        revoked_at=_revoked_at(answer["cert_status"]),
        certificate=responder,
        is_own_form=_assemble(data.dump(), algorithms.lower(signature, responder.public_key()), responder_der)
        == response,
    )


def _revoked_at(status: ocsp.CertStatus) -> datetime | None:
    if status.name == "good":
        return None
    if status.name != "revoked":
        raise RevocationBrokenError
    revoked: datetime = status.chosen["revocation_time"].native
    return revoked


def _is_about(identifier: ocsp.CertId, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Compare serial and issuer. SHA-1 only names here, it protects nothing (RFC 6960, 4.1.1)."""
    name = identifier["hash_algorithm"]["algorithm"].native
    if name not in {"sha1", "sha256", "sha384", "sha512"}:
        return False
    parsed = asn1_x509.Certificate.load(certificates.der(issuer))
    return bool(
        identifier["serial_number"].native == certificate.serial_number
        and identifier["issuer_name_hash"].native == hashlib.new(name, parsed.subject.dump()).digest()
        and identifier["issuer_key_hash"].native
        == hashlib.new(name, bytes(parsed.public_key["public_key"])).digest()
    )


@lru_cache(maxsize=8)
def _identifier(certificate: bytes, issuer: bytes) -> bytes:
    """The CertID of a certificate (RFC 6960, 4.1.1) by SHA-256; it follows from the two alone."""
    one, other = asn1_x509.Certificate.load(certificate), asn1_x509.Certificate.load(issuer)
    named = (_subject(issuer), bytes(other.public_key["public_key"]))
    return der.sequence(
        der.SHA256,
        *(der.octets(hashlib.sha256(each).digest()) for each in named),
        der.integer(one.serial_number),
    )


@lru_cache(maxsize=8)
def _subject(certificate: bytes) -> bytes:
    """The name of a certificate's holder."""
    return bytes(asn1_x509.Certificate.load(certificate).subject.dump())


def _assemble(data: bytes, signature: bytes, certificate: bytes) -> bytes:
    """The one response that its data, signature and responder certificate determine (clause 7.3)."""
    basic = der.sequence(
        data,
        der.ECDSA_WITH_SHA256,
        der.element(der.BITS, b"\x00", signature),
        der.element(der.CONTEXT_0, der.sequence(certificate)),
    )
    response = der.sequence(der.oid(_BASIC), der.octets(basic))
    return der.sequence(_SUCCESSFUL, der.element(der.CONTEXT_0, response))
