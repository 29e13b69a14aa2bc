"""A pilot authority's own certificate authority: the certificates of seal, services and TLS.

Receives who the authority is and the time; returns PEM files by name; keys exist only in what it returns.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_DAYS, TIME_DAYS = 7305, 5479
_CLOCKS = timedelta(hours=1)
"""Certificates begin an hour early: the clocks of two States' nodes may differ."""


_Extensions = list[tuple[x509.ExtensionType, bool]]


@dataclass(slots=True)
class Files:
    """PEM files by name."""

    public: dict[str, bytes] = field(default_factory=dict)
    private: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues: the CA's name and key, and when."""

    name: x509.Name
    key: ec.EllipticCurvePrivateKey
    now: datetime


class Described(Protocol):
    """Whose certificates they are."""

    @property
    def id(self) -> str:
        """The authority's id."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def state(self) -> str:
        """Its State."""


def issue_files(id: str, name: str, state: str, now: datetime, valid_days: int) -> Files:
    """A new CA and the four certificates that it issues (P-256, SHA-256)."""
    files = Files()
    ca = Issuer(_name(id, "authority", name, state), ec.generate_private_key(ec.SECP256R1()), now)
    constraints: _Extensions = [
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (_usage("key_cert_sign", "crl_sign"), True),
    ]
    _keep(files, "ca", _certificate(ca, ca.name, ca.key.public_key(), CA_DAYS, constraints), ca.key)
    for leaf, (days, purpose) in _leaves(id, valid_days).items():
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _leaf(ca, _name(id, leaf, name, state), key.public_key(), days, purpose)
        _keep(files, leaf, certificate, key)
    return files


def issue_leaf(
    issuer: Issuer, who: Described, leaf: str, key: ec.EllipticCurvePublicKey, valid_days: int
) -> bytes:
    """A new certificate (PEM) of a folder's own CA for a key that lies elsewhere: seal, tsa, ocsp, tls."""
    days, purpose = _leaves(who.id, valid_days)[leaf]
    subject = _name(who.id, leaf, who.name, who.state)
    return _leaf(issuer, subject, key, days, purpose).public_bytes(Encoding.PEM)


def _leaf(
    issuer: Issuer, subject: x509.Name, key: ec.EllipticCurvePublicKey, days: int, purpose: _Extensions
) -> x509.Certificate:
    extensions: _Extensions = [(x509.BasicConstraints(ca=False, path_length=None), True), *purpose]
    return _certificate(issuer, subject, key, days, extensions)


def _leaves(id: str, valid_days: int) -> dict[str, tuple[int, _Extensions]]:
    """Life in days and extensions (with their criticality) of each certificate (clauses 5.1 and 5.3)."""
    only = ExtendedKeyUsageOID
    names = x509.SubjectAlternativeName(
        [
            x509.DNSName("localhost"),
            x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
            x509.UniformResourceIdentifier(f"comity:{id}"),
        ]
    )
    signs = (_usage("digital_signature"), True)
    seals = (_usage("digital_signature", "content_commitment"), True)
    stamps = (x509.ExtendedKeyUsage([only.TIME_STAMPING]), True)
    answers = (x509.ExtendedKeyUsage([only.OCSP_SIGNING]), False)
    speaks = (x509.ExtendedKeyUsage([only.SERVER_AUTH, only.CLIENT_AUTH]), False)
    return {
        "seal": (valid_days, [seals]),
        "tsa": (TIME_DAYS, [signs, stamps]),
        "ocsp": (valid_days, [signs, answers, (x509.OCSPNoCheck(), False)]),
        "tls": (valid_days, [signs, speaks, (names, False)]),
    }


def _certificate(
    issuer: Issuer,
    subject: x509.Name,
    key: ec.EllipticCurvePublicKey,
    days: int,
    extensions: _Extensions,
) -> x509.Certificate:
    begins = issuer.now.replace(microsecond=0) - _CLOCKS
    builder = (
        x509.CertificateBuilder(issuer_name=issuer.name, subject_name=subject, public_key=key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), critical=False
        )
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer.key, hashes.SHA256())


def _keep(files: Files, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
    files.public[f"{name}.crt"] = certificate.public_bytes(Encoding.PEM)
    files.private[f"{name}.key"] = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _name(id: str, part: str, organisation: str, state: str) -> x509.Name:
    # RFC 5280, appendix A.1: 64 characters are the most of these attributes.
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, state),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{id[:50]} {part}"),
        ]
    )


def _usage(*uses: str) -> x509.KeyUsage:
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{use: use in uses for use in every})
