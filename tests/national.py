"""A State's issuer of certificates for its officials, and the tokens that it gives them."""

from __future__ import annotations

import asyncio
import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asn1crypto import keys as asn1keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.sign.signers.pdf_cms import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

NOW = dt.datetime(2027, 6, 12, 3, 12, tzinfo=dt.UTC)


class NationalAuthority:
    """A State's issuer of certificates for its officials, made for one test."""

    def __init__(self, name: str = "National authority") -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._certificate(self.name, self.key.public_key(), ca=True)

    def _certificate(self, subject: x509.Name, public: Any, *, ca: bool, **changes: Any) -> x509.Certificate:
        from_ = changes.get("valid_from", NOW - dt.timedelta(days=30))
        until = changes.get("valid_until", NOW + dt.timedelta(days=300))
        usage = {
            "digital_signature": changes.get("signs", True),
            "content_commitment": changes.get("signs", True),
            "key_encipherment": not changes.get("signs", True),
            "data_encipherment": False,
            "key_agreement": False,
            "key_cert_sign": ca,
            "crl_sign": ca,
            "encipher_only": False,
            "decipher_only": False,
        }
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(from_)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(**usage), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        return builder.sign(self.key, hashes.SHA256())

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def sign(self, data: bytes, *, detached: bool = True, **changes: Any) -> bytes:
        """A token's detached CAdES signature by one official."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "DANIYAR OMAROV")])
        der = self._certificate(name, key.public_key(), ca=False, **changes).public_bytes(
            serialization.Encoding.DER
        )
        private = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        signer = SimpleSigner(
            signing_cert=asn1.Certificate.load(der),
            signing_key=asn1keys.PrivateKeyInfo.load(private),
            cert_registry=SimpleCertificateStore(),
        )
        signed = signer.async_sign_general_data(data, "sha256", detached=detached, use_cades=True)
        with ThreadPoolExecutor(1) as aside:  # a browser's test in the same process leaves its loop running
            return aside.submit(asyncio.run, signed).result().dump()  # type: ignore[no-any-return]
