"""A State's issuer of certificates for its officials, and the tokens that it gives them."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from asn1crypto import keys as asn1keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
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
        signed = self._signer(**changes).async_sign_general_data(
            data, "sha256", detached=detached, use_cades=True
        )
        return aside(signed).dump()  # type: ignore[no-any-return]

    def sign_pdf(
        self,
        pdf: bytes,
        *,
        prepare: Callable[[IncrementalPdfFileWriter], object] | None = None,
        box: tuple[int, int, int, int] | None = None,
        subfilter: fields.SigSeedSubFilter = fields.SigSeedSubFilter.PADES,
        field: str = "Signature1",
        **changes: Any,
    ) -> bytes:
        """A token's PAdES signature; ``prepare`` adds to the same update, ``box`` is where it is drawn."""
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        made = prepare(writer) if prepare else None
        spec = None if made == field else fields.SigFieldSpec(field, on_page=0, box=box)
        meta = PdfSignatureMetadata(field_name=field, subfilter=subfilter)
        signer = PdfSigner(meta, self._signer(**changes), new_field_spec=spec)
        return aside(signer.async_sign_pdf(writer)).getvalue()  # type: ignore[no-any-return]

    def _signer(self, **changes: Any) -> SimpleSigner:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, changes.pop("name", "DANIYAR OMAROV"))])
        der = self._certificate(name, key.public_key(), ca=False, **changes).public_bytes(
            serialization.Encoding.DER
        )
        private = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return SimpleSigner(
            signing_cert=asn1.Certificate.load(der),
            signing_key=asn1keys.PrivateKeyInfo.load(private),
            cert_registry=SimpleCertificateStore(),
        )


def aside(signing: Coroutine[Any, Any, Any]) -> Any:
    """The result, from a thread of its own: a browser's test in the same process leaves its loop running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, signing).result()
