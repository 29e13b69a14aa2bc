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
    own, about = certificates.der(responder.certificate), (certificate, issuer)
    data = _data(about, own, _Said(now, now, now + VALIDITY, revoked_at))
    return _assemble(data, responder.sign(data), own)


def check(response: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> Answer:
    """Raise RevocationBrokenError unless it is strictly encoded, signed, and about this certificate."""
    try:
        return _checked(response, certificate, issuer)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        # What asn1crypto and cryptography raise on malformed or unexpected structures.
        raise RevocationBrokenError from None


@dataclass(frozen=True, slots=True)
class _Said:
    """What a response says, and of which times."""

    produced: datetime
    this_update: datetime
    next_update: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Read:
    """The parts of a response that is about the certificate in question; its signature is not yet checked."""

    data: bytes
    responder: bytes
    algorithm: str
    """The signature's, by its OID."""
    signature: bytes
    said: _Said
    derived: bool
    """Whether every byte of the response follows from its parts, as this software writes it."""


def _checked(response: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> Answer:
    read = _read_own(response, certificate, issuer) or _read_any(response, certificate, issuer)
    responder = certificates.load(read.responder, "revocation")
    key = responder.public_key()
    algorithm = algorithms.signature(read.algorithm, purpose="revocation", at=read.said.produced)
    algorithms.check_key(key, purpose="revocation", at=read.said.produced)
    if not algorithm.holds(key, read.signature, read.data):
        raise RevocationBrokenError
    lower = algorithms.lower(read.signature, key)
    own = lower == read.signature if read.derived else _assemble(read.data, lower, read.responder) == response
    return Answer(read.said.this_update, read.said.next_update, read.said.revoked_at, responder, own)


def _read_own(response: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> _Read | None:
    """The parts of a response about this certificate that follows from them byte by byte as this software
    writes it; None for any other.
    """
    try:
        _, tagged = der.parts(response)
        _, basic = der.parts(der.content(tagged))
        data, _, bits, held = der.parts(der.content(basic))
        (responder,) = der.parts(der.content(held))
        if len(responder) > certificates.USUAL or not certificates.are_usual(certificate, issuer):
            return None
        signature = der.content(bits)[1:]
        _, produced, answers = der.parts(data)
        _, status, *moments = der.parts(der.content(answers))
        this_update, next_update = der.read_moment(moments[0]), der.read_moment(der.content(moments[1]))
        revoked_at = None if status == _GOOD else der.read_moment(der.content(status))
        said = _Said(der.read_moment(produced), this_update, next_update, revoked_at)
        derived = _data((certificate, issuer), responder, said)
        if derived != data or _assemble(data, signature, responder) != response:
            return None
    except (ValueError, IndexError):
        return None
    return _Read(data, responder, der.ECDSA_OID, signature, said, derived=True)


def _read_any(response: bytes, certificate: x509.Certificate, issuer: x509.Certificate) -> _Read:
    outer = ocsp.OCSPResponse.load(response, strict=True)
    if outer["response_status"].native != "successful":
        raise RevocationBrokenError
    basic = outer["response_bytes"]["response"].parsed
    data = basic["tbs_response_data"]
    if len(data["responses"]) != 1:
        raise RevocationBrokenError
    answer = data["responses"][0]
    if not _is_about(answer["cert_id"], certificate, issuer):
        raise RevocationBrokenError
    return _Read(
        data=data.dump(),
        responder=basic["certs"][0].dump(),
        algorithm=basic["signature_algorithm"]["algorithm"].dotted,
        signature=basic["signature"].native,
        said=_Said(
            produced=der.utc(data["produced_at"].native),
            this_update=der.utc(answer["this_update"].native),
            next_update=(following := answer["next_update"].native) and der.utc(following),
            revoked_at=_revoked_at(answer["cert_status"]),
        ),
        derived=False,
    )


def _revoked_at(status: ocsp.CertStatus) -> datetime | None:
    if status.name == "good":
        return None
    if status.name != "revoked":
        raise RevocationBrokenError
    revoked: datetime = status.chosen["revocation_time"].native
    return der.utc(revoked)


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


@lru_cache(maxsize=64)
def _identifier(certificate: bytes, issuer: bytes) -> bytes:
    """The CertID of a certificate (RFC 6960, 4.1.1) by SHA-256; it follows from the two alone."""
    one, other = asn1_x509.Certificate.load(certificate), asn1_x509.Certificate.load(issuer)
    named = (_subject(issuer), bytes(other.public_key["public_key"]))
    return der.sequence(
        der.SHA256,
        *(der.octets(hashlib.sha256(each).digest()) for each in named),
        der.integer(one.serial_number),
    )


@lru_cache(maxsize=64)
def _subject(certificate: bytes) -> bytes:
    """The name of a certificate's holder."""
    return bytes(asn1_x509.Certificate.load(certificate).subject.dump())


def _data(about: tuple[x509.Certificate, x509.Certificate], responder: bytes, said: _Said) -> bytes:
    """What is signed: the one answer about a certificate (and its issuer) that these determine."""
    answer = der.sequence(
        _identifier(*map(certificates.der, about)),
        _GOOD if said.revoked_at is None else der.element(der.CONTEXT_1, der.moment(said.revoked_at)),
        der.moment(said.this_update),
        b"" if said.next_update is None else der.element(der.CONTEXT_0, der.moment(said.next_update)),
    )
    name = der.element(der.CONTEXT_1, _subject(responder))
    return der.sequence(name, der.moment(said.produced), der.sequence(answer))


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
