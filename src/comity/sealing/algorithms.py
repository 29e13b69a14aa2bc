"""The allow-list of algorithms, bound to dates (docs/sealing.md, clause 8; the data is algorithms.toml).

Receives keys, names and bytes; returns nothing but agreement; never falls back to another algorithm.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from comity.sealing.refusals import AlgorithmForbiddenError

_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha-256": hashes.SHA256(),
    "sha-384": hashes.SHA384(),
    "sha-512": hashes.SHA512(),
}


@dataclass(frozen=True, slots=True)
class Digest:
    """A hash function, its XML identifier and the last day of its acceptance."""

    id: str
    xml: str
    until: date

    def of(self, data: bytes) -> bytes:
        """The digest of bytes."""
        return self.new(data).digest()

    def new(self, data: bytes = b"") -> hashlib._Hash:
        """A running digest."""
        return hashlib.new(self.id.replace("-", ""), data)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature algorithm: family, digest, identifiers in XML and ASN.1, last day of its acceptance."""

    id: str
    family: str
    digest: str
    xml: str
    oid: str
    until: date

    def holds(self, key: PublicKeyTypes, signature: bytes, message: bytes) -> bool:
        """Whether a signature in its ASN.1 form (DER for ECDSA) is the key's over the message."""
        try:
            match self.family, key:
                case "ecdsa", ec.EllipticCurvePublicKey():
                    key.verify(signature, message, ec.ECDSA(_HASHES[self.digest]))
                case "rsa", rsa.RSAPublicKey():
                    key.verify(signature, message, padding.PKCS1v15(), _HASHES[self.digest])
                case "ed25519", ed25519.Ed25519PublicKey():
                    key.verify(signature, message)
                case _:
                    return False
        except InvalidSignature:
            return False
        return True


_Listed = TypeVar("_Listed", Digest, Signature)


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("comity.sealing").joinpath("algorithms.toml").read_text("utf-8"))


def digest(identifier: str, *, purpose: str, at: datetime) -> Digest:
    """The listed hash function with this id or XML identifier, if it is accepted at that time."""
    for row in _table()["digest"]:
        if identifier in {row["id"], row["xml"]}:
            return _accepted(Digest(**row), purpose, at)
    raise AlgorithmForbiddenError(algorithm=identifier, purpose=purpose, at=at.date())


def signature(identifier: str, *, purpose: str, at: datetime) -> Signature:
    """The listed algorithm with this id, XML identifier or OID, if it is accepted at that time."""
    for row in _table()["signature"]:
        if identifier in {row["id"], row["xml"], row["oid"]}:
            return _accepted(Signature(**row), purpose, at)
    raise AlgorithmForbiddenError(algorithm=identifier, purpose=purpose, at=at.date())


def check_key(key: PublicKeyTypes, *, purpose: str, at: datetime) -> None:
    """Raise AlgorithmForbiddenError for a key that is too short or on another curve."""
    keys = _table()["keys"]
    match key:
        case ec.EllipticCurvePublicKey() if key.curve.name in keys["ecdsa"]:
            return
        case rsa.RSAPublicKey() if key.key_size >= keys["rsa_bits"]:
            return
        case ed25519.Ed25519PublicKey():
            return
    name = f"{type(key).__name__} {getattr(key, 'key_size', '')}".strip()
    raise AlgorithmForbiddenError(algorithm=name, purpose=purpose, at=at.date())


def lower(der: bytes, key: PublicKeyTypes) -> bytes:
    """Of an ECDSA signature and its valid twin (r, n - s) the one with the lower s; others unchanged."""
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return der
    r, s = decode_dss_signature(der)
    return encode_dss_signature(r, min(s, key.curve.group_order - s))


def to_xml(der: bytes, key: PublicKeyTypes) -> bytes:
    """A signature as XML carries it: for ECDSA r beside s (XML Signature 1.1, 6.4.3), else unchanged."""
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return der
    width = (key.curve.key_size + 7) // 8
    return b"".join(number.to_bytes(width, "big") for number in decode_dss_signature(der))


def from_xml(raw: bytes, key: PublicKeyTypes) -> bytes:
    """The ASN.1 form of a signature that XML carried; a wrong length stays a wrong signature."""
    if not isinstance(key, ec.EllipticCurvePublicKey) or len(raw) != 2 * ((key.curve.key_size + 7) // 8):
        return raw
    half = len(raw) // 2
    return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))


def _accepted(algorithm: _Listed, purpose: str, at: datetime) -> _Listed:
    if at.date() > algorithm.until:
        raise AlgorithmForbiddenError(algorithm=algorithm.id, purpose=purpose, at=at.date())
    return algorithm
