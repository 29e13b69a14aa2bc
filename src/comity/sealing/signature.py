"""XAdES signatures in Comity's one determined form, level LT (EN 319 132-1; docs/sealing.md, clause 4).

Receives the digests of the files and what signing produced; returns the exact bytes of the signature file,
so that a reader re-derives them from the content and compares; never reads a container.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from cryptography import x509
from lxml import etree

from comity import canonical
from comity.sealing import algorithms, certificates, xml
from comity.sealing.keys import Signer
from comity.sealing.xades import SIGNED_PROPERTIES
from comity.sealing.xml import tag

FILE = "META-INF/signatures0.xml"
_STAMP = (
    "ds:Object/xades:QualifyingProperties/xades:UnsignedProperties/xades:UnsignedSignatureProperties/"
    "xades:SignatureTimeStamp/xades:EncapsulatedTimeStamp"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A signed file: its name, media type and SHA-256."""

    name: str
    media_type: str
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Parts:
    """What cannot be re-derived from the files: everything else of the signature file follows from it."""

    signed_at: datetime
    algorithm: str
    certificate: bytes
    value: bytes
    token: bytes
    issuer: bytes
    answer: bytes


def sign(
    references: Sequence[Reference],
    *,
    signer: Signer,
    issuer: x509.Certificate,
    signed_at: datetime,
    stamp: Callable[[bytes], bytes],
    answer: bytes,
) -> bytes:
    """The signature file over the references; ``stamp`` turns bytes into a time-stamp token over them."""
    algorithm = algorithms.signature(signer.algorithm, purpose="seal", at=signed_at)
    certificate = certificates.der(signer.certificate)
    unsigned = Parts(signed_at, algorithm.xml, certificate, b"", b"", certificates.der(issuer), answer)
    root = _tree(references, unsigned)
    signature = root[0]
    message = xml.canonical(signature[0])
    signature[1].text = _base64(algorithms.to_xml(signer.sign(message), signer.certificate.public_key()))
    token = stamp(xml.canonical(signature[1]))
    signature.findall(_STAMP, xml.NAMES)[0].text = _base64(token)
    return xml.canonical(root)


def render(references: Sequence[Reference], parts: Parts) -> bytes:
    """The exact bytes of the signature file (clause 4.2)."""
    return xml.canonical(_tree(references, parts))


def _tree(references: Sequence[Reference], parts: Parts) -> etree._Element:
    """asic:XAdESSignatures with one ds:Signature; the SignedProperties digest is filled in last."""
    root = etree.Element(tag("asic:XAdESSignatures"), nsmap=xml.NAMES)
    signature = _add(root, "ds:Signature", Id="S0")
    signed = _add(signature, "ds:SignedInfo")
    _add(signed, "ds:CanonicalizationMethod", Algorithm=xml.EXCLUSIVE)
    _add(signed, "ds:SignatureMethod", Algorithm=parts.algorithm)
    for number, reference in enumerate(references):
        _digested(
            _add(signed, "ds:Reference", Id=f"S0-r{number}", URI=quote(reference.name)), reference.sha256
        )
    _add(signature, "ds:SignatureValue", _base64(parts.value), Id="S0-value")
    info = _add(_add(signature, "ds:KeyInfo"), "ds:X509Data")
    _add(info, "ds:X509Certificate", _base64(parts.certificate))
    qualifying = _add(_add(signature, "ds:Object"), "xades:QualifyingProperties", Target="#S0")
    properties = _signed_properties(qualifying, references, parts)
    _unsigned_properties(qualifying, parts)
    own = _add(signed, "ds:Reference", Type=SIGNED_PROPERTIES, URI="#S0-signed")
    _add(_add(own, "ds:Transforms"), "ds:Transform", Algorithm=xml.EXCLUSIVE)
    _digested(own, hashlib.sha256(xml.canonical(properties)).digest())
    return root


def _signed_properties(
    qualifying: etree._Element, references: Sequence[Reference], parts: Parts
) -> etree._Element:
    properties = _add(qualifying, "xades:SignedProperties", Id="S0-signed")
    about_signature = _add(properties, "xades:SignedSignatureProperties")
    _add(about_signature, "xades:SigningTime", canonical.instant_text(parts.signed_at))
    named = _add(_add(about_signature, "xades:SigningCertificateV2"), "xades:Cert")
    _digested(_add(named, "xades:CertDigest"), hashlib.sha256(parts.certificate).digest())
    about_files = _add(properties, "xades:SignedDataObjectProperties")
    for number, reference in enumerate(references):
        form = _add(about_files, "xades:DataObjectFormat", ObjectReference=f"#S0-r{number}")
        _add(form, "xades:MimeType", reference.media_type)
    return properties


def _unsigned_properties(qualifying: etree._Element, parts: Parts) -> None:
    unsigned = _add(_add(qualifying, "xades:UnsignedProperties"), "xades:UnsignedSignatureProperties")
    stamp = _add(unsigned, "xades:SignatureTimeStamp", Id="S0-T0")
    _add(stamp, "ds:CanonicalizationMethod", Algorithm=xml.EXCLUSIVE)
    _add(stamp, "xades:EncapsulatedTimeStamp", _base64(parts.token))
    values = _add(unsigned, "xades:CertificateValues")
    _add(values, "xades:EncapsulatedX509Certificate", _base64(parts.issuer))
    answers = _add(_add(unsigned, "xades:RevocationValues"), "xades:OCSPValues")
    _add(answers, "xades:EncapsulatedOCSPValue", _base64(parts.answer))


def _digested(parent: etree._Element, digest: bytes) -> None:
    _add(parent, "ds:DigestMethod", Algorithm="http://www.w3.org/2001/04/xmlenc#sha256")
    _add(parent, "ds:DigestValue", _base64(digest))


def _add(
    parent: etree._Element, name: str, content: str | None = None, /, **attributes: str
) -> etree._Element:
    child = etree.SubElement(parent, tag(name), attributes)
    child.text = content
    return child


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
