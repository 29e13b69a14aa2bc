"""RFC 3161 time-stamp tokens: issued by the pilot's own service, and checked whoever issued them.

Receives the bytes to be stamped, a signer and the time; returns a strictly encoded token; never talks to a
service over a network (the node does and hands the token in). docs/sealing.md, clause 6.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256

from asn1crypto import algos, cms, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509

from comity.sealing import algorithms, certificates, der
from comity.sealing.keys import Signer
from comity.sealing.refusals import TimestampBrokenError

POLICY = "2.25.305797398140487159404863509602828881248"
"""The pilot's time-stamp policy (docs/sealing.md, clause 6.2): an OID of the UUID arc, ITU-T X.667."""
_SIGNED_DATA, _TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"


@dataclass(frozen=True, slots=True)
class Token:
    """A token whose own signature holds; whether its certificate is trusted is judged elsewhere."""

    at: datetime
    certificate: x509.Certificate
    policy: str
    is_own_form: bool
    until: date
    """The last day on which every algorithm that the token rests on is accepted."""


def issue(data: bytes, service: Signer, now: datetime) -> bytes:
    """A token (DER ContentInfo) that says: these bytes existed at ``now`` (whole seconds)."""
    info = _info(sha256(data).digest(), secrets.randbits(63), now)
    certificate = certificates.der(service.certificate)
    return _assemble(info, certificate, service.sign(der.element(der.SET, *_attributes(info, certificate))))


def issued_until(service: Signer, at: datetime) -> date:
    """The last day on which every algorithm is accepted that a token issued then rests on."""
    certificate = service.certificate.signature_algorithm_oid.dotted_string
    signatures = [
        algorithms.signature(each, purpose="time-stamp", at=at) for each in (service.algorithm, certificate)
    ]
    digest = algorithms.digest("sha-256", purpose="time-stamp", at=at)
    return min(digest.until, *(each.until for each in signatures))


def check(token: bytes, data: bytes) -> Token:
    """Raise TimestampBrokenError unless the token is strictly encoded, signed, and about these bytes."""
    try:
        return _checked(token, data)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError):
        # What asn1crypto and cryptography raise on malformed or unexpected structures.
        raise TimestampBrokenError from None


@dataclass(frozen=True, slots=True)
class _Read:
    """The parts of a token that is about the bytes in question; its signature is not yet checked."""

    info: bytes
    at: datetime
    policy: str
    certificate: bytes
    algorithm: str
    """The signature's, by its OID."""
    signature: bytes
    attributes: bytes
    """What is signed: a SET, carried as [0] (RFC 5652, 5.4)."""
    until: date
    """The last day of its digests."""
    derived: bool
    """Whether every byte of the token follows from its parts, as this software writes it."""


def _checked(token: bytes, data: bytes) -> Token:
    read = _read_own(token, data) or _read_any(token, data)
    loaded = certificates.load(read.certificate, "time-stamp")
    key = loaded.public_key()
    algorithm = algorithms.signature(read.algorithm, purpose="time-stamp", at=read.at)
    algorithms.check_key(key, purpose="time-stamp", at=read.at)
    if not algorithm.holds(key, read.signature, read.attributes):
        raise TimestampBrokenError
    lower = algorithms.lower(read.signature, key)
    own = lower == read.signature if read.derived else _assemble(read.info, read.certificate, lower) == token
    oid = loaded.signature_algorithm_oid.dotted_string
    issued = algorithms.signature(oid, purpose="time-stamp", at=read.at)
    until = min(read.until, algorithm.until, issued.until)
    return Token(read.at, loaded, read.policy, own, until)


def _read_own(token: bytes, data: bytes) -> _Read | None:
    """The parts of a token that follows from them byte by byte, as this software writes it; else None.

    What stands in such a token is right by its form: each attribute, and which certificate is named.
    """
    try:
        _, tagged = der.parts(token)
        (signed,) = der.parts(tagged)
        _, _, encapsulated, held, signers = der.parts(signed)
        info = der.content(der.content(der.parts(encapsulated)[1]))
        (certificate,) = der.parts(held)
        (signer,) = der.parts(signers)
        signature = der.content(der.parts(signer)[-1])
        _, _, imprint, serial, moment = der.parts(info)
        digest, at = der.content(der.parts(imprint)[1]), der.read_moment(moment)
        derived = _info(digest, der.read_integer(serial), at)
        if derived != info or _assemble(info, certificate, signature) != token:
            return None
    except (ValueError, IndexError):
        return None
    listed = algorithms.digest("sha-256", purpose="time-stamp", at=at)
    if digest != listed.of(data):
        raise TimestampBrokenError
    attributes = der.element(der.SET, *_attributes(info, certificate))
    return _Read(
        info, at, POLICY, certificate, der.ECDSA_OID, signature, attributes, listed.until, derived=True
    )


def _read_any(token: bytes, data: bytes) -> _Read:
    content = cms.ContentInfo.load(token, strict=True)
    signed = content["content"]
    if content["content_type"].native != "signed_data" or len(signed["signer_infos"]) != 1:
        raise TimestampBrokenError
    signer = signed["signer_infos"][0]
    # Taken before anything in it is looked at: looking at an algorithm whose parameters are left out puts
    # them in, and all of it would be encoded anew.
    attributes = b"\x31" + signer["signed_attrs"].dump()[1:]
    info_bytes = signed["encap_content_info"]["content"].contents
    info = tsp.TSTInfo.load(info_bytes, strict=True)
    certificate = _signing_certificate(signed, signer)
    at = der.utc(info["gen_time"].native)
    until = min(_check_imprint(info, data, at), *_check_attributes(signer, info_bytes, certificate, at))
    return _Read(
        info=info_bytes,
        at=at,
        policy=info["policy"].native,
        certificate=certificate,
        algorithm=_signature_oid(signer),
        signature=signer["signature"].native,
        attributes=attributes,
        until=until,
        derived=False,
    )


def _signing_certificate(signed: cms.SignedData, signer: cms.SignerInfo) -> bytes:
    """The one certificate that the signer's identifier names."""
    sid = signer["sid"].chosen
    for choice in signed["certificates"]:
        certificate = choice.chosen
        if sid.native == _sid(certificate).native:
            return bytes(certificate.dump())
    raise TimestampBrokenError


def _check_imprint(info: tsp.TSTInfo, data: bytes, at: datetime) -> date:
    """Return the last day of the digest over what was stamped."""
    imprint = info["message_imprint"]
    name = imprint["hash_algorithm"]["algorithm"].native.replace("sha", "sha-")
    digest = algorithms.digest(name, purpose="time-stamp", at=at)
    if imprint["hashed_message"].native != digest.of(data):
        raise TimestampBrokenError
    return digest.until


def _check_attributes(
    signer: cms.SignerInfo, info: bytes, certificate: bytes, at: datetime
) -> tuple[date, date]:
    """RFC 5652, 11.1-11.2 and RFC 5816: content type, digest and the signing certificate, each once.

    Return the last days of the two digests.
    """
    attributes = {attribute["type"].native: attribute["values"] for attribute in signer["signed_attrs"]}
    if len(attributes) != len(signer["signed_attrs"]) or any(
        len(values) != 1 for values in attributes.values()
    ):
        raise TimestampBrokenError
    name = signer["digest_algorithm"]["algorithm"].native.replace("sha", "sha-")
    digest = algorithms.digest(name, purpose="time-stamp", at=at)
    named = attributes["signing_certificate_v2"][0]["certs"][0]
    name = named["hash_algorithm"]["algorithm"].native.replace("sha", "sha-")
    naming = algorithms.digest(name, purpose="time-stamp", at=at)
    right = (
        attributes["content_type"][0].native == "tst_info"
        and attributes["message_digest"][0].native == digest.of(info)
        and named["cert_hash"].native == naming.of(certificate)
    )
    if not right:
        raise TimestampBrokenError
    return digest.until, naming.until


def _signature_oid(signer: cms.SignerInfo) -> str:
    """Some services write the bare key algorithm (rsaEncryption): then the digest says the rest."""
    algorithm = signer["signature_algorithm"]["algorithm"]
    if algorithm.native == "rsassa_pkcs1v15":
        digest = signer["digest_algorithm"]["algorithm"].native
        return str(algos.SignedDigestAlgorithmId(f"{digest}_rsa").dotted)
    return str(algorithm.dotted)


def _info(digest: bytes, serial: int, at: datetime) -> bytes:
    """The one TSTInfo that a digest, a number and a time determine (clause 6.2)."""
    imprint = der.sequence(der.SHA256, der.octets(digest))
    return der.sequence(der.integer(1), der.oid(POLICY), imprint, der.integer(serial), der.moment(at))


def _attributes(info: bytes, certificate: bytes) -> list[bytes]:
    """The signed attributes in DER's order; SHA-256, ESSCertIDv2's default, is not written (RFC 5035, 4)."""
    named = der.sequence(
        der.sequence(der.sequence(der.octets(sha256(certificate).digest()))),
    )
    values = {
        "1.2.840.113549.1.9.3": der.oid(_TST_INFO),  # content type
        "1.2.840.113549.1.9.4": der.octets(sha256(info).digest()),  # message digest
        "1.2.840.113549.1.9.16.2.47": named,  # signing certificate, version 2
    }
    return sorted(der.sequence(der.oid(kind), der.element(der.SET, value)) for kind, value in values.items())


def _sid(certificate: asn1_x509.Certificate) -> cms.IssuerAndSerialNumber:
    return cms.IssuerAndSerialNumber(
        {
            "issuer": certificate.issuer,
            "serial_number": certificate["tbs_certificate"]["serial_number"],
        }
    )


def _assemble(info: bytes, certificate: bytes, signature: bytes) -> bytes:
    """The one token that TSTInfo, certificate and signature determine (clause 6.3)."""
    signer = der.sequence(
        der.integer(1),
        _named(certificate),
        der.SHA256,
        der.element(der.CONTEXT_0, *_attributes(info, certificate)),
        der.ECDSA_WITH_SHA256,
        der.octets(signature),
    )
    signed = der.sequence(
        der.integer(3),
        der.element(der.SET, der.SHA256),
        der.sequence(der.oid(_TST_INFO), der.element(der.CONTEXT_0, der.octets(info))),
        der.element(der.CONTEXT_0, certificate),
        der.element(der.SET, signer),
    )
    return der.sequence(der.oid(_SIGNED_DATA), der.element(der.CONTEXT_0, signed))


@lru_cache(maxsize=16)
def _named(certificate: bytes) -> bytes:
    """The issuer and serial number that name a certificate (RFC 5652, 10.2.4)."""
    parsed = asn1_x509.Certificate.load(certificate, strict=True)["tbs_certificate"]
    return der.sequence(parsed["issuer"].dump(), parsed["serial_number"].dump())
