"""OCSP responses (RFC 6960): issued by the pilot's own responder, and checked whoever issued them.

Receives certificates, a signer and the time; returns a strictly encoded response; never talks to a responder
over a network (the node does and hands the response in). docs/sealing.md, clause 7.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from asn1crypto import core, ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509

from comity.sealing import algorithms, certificates
from comity.sealing.keys import Signer
from comity.sealing.refusals import RevocationBrokenError

VALIDITY = timedelta(hours=24)
"""How long the pilot's responder stands by an answer."""


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
    moment = now.replace(microsecond=0)
    if revoked_at is None:
        status = ocsp.CertStatus(name="good", value=core.Null())
    else:
        revoked = {"revocation_time": revoked_at.replace(microsecond=0)}
        status = ocsp.CertStatus(name="revoked", value=ocsp.RevokedInfo(revoked))
    answer = {
        "cert_id": _identifier(certificate, issuer),
        "cert_status": status,
        "this_update": moment,
        "next_update": moment + VALIDITY,
    }
    name = asn1_x509.Certificate.load(certificates.der(responder.certificate)).subject
    data = ocsp.ResponseData(
        {
            "responder_id": ocsp.ResponderId(name="by_name", value=name),
            "produced_at": moment,
            "responses": [answer],
        }
    ).dump()
    return _assemble(data, responder.sign(data), certificates.der(responder.certificate))


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


def _identifier(certificate: x509.Certificate, issuer: x509.Certificate) -> ocsp.CertId:
    parsed = asn1_x509.Certificate.load(certificates.der(issuer))
    return ocsp.CertId(
        {
            "hash_algorithm": {"algorithm": "sha256"},
            "issuer_name_hash": hashlib.sha256(parsed.subject.dump()).digest(),
            "issuer_key_hash": hashlib.sha256(bytes(parsed.public_key["public_key"])).digest(),
            "serial_number": certificate.serial_number,
        }
    )


def _assemble(data: bytes, signature: bytes, certificate: bytes) -> bytes:
    """The one response that its data, signature and responder certificate determine (clause 7.3)."""
    basic = ocsp.BasicOCSPResponse(
        {
            "tbs_response_data": ocsp.ResponseData.load(data, strict=True),
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": signature,
            "certs": [asn1_x509.Certificate.load(certificate, strict=True)],
        }
    )
    response = {"response_type": "basic_ocsp_response", "response": basic}
    return bytes(ocsp.OCSPResponse({"response_status": "successful", "response_bytes": response}).dump())
