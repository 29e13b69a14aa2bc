"""Reads a XAdES signature file under one fixed profile, whoever made it (docs/sealing.md, clause 9.2).

Receives the bytes of ``META-INF/signatures*.xml``; returns what was signed and how, every part taken from its
one permitted place; never searches for an element by its Id and never resolves an address.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from lxml import etree

from comity.sealing import algorithms, certificates, xml
from comity.sealing.refusals import (
    SeveralSignaturesError,
    SignatureBrokenError,
    SignatureMisplacedError,
    SignatureMissingError,
)
from comity.sealing.xml import tag

SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
_INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_ONCE = (
    "ds:Signature",
    "ds:SignedInfo",
    "ds:SignatureValue",
    "xades:QualifyingProperties",
    "xades:SignedProperties",
)
_UNSIGNED = "xades:UnsignedProperties/xades:UnsignedSignatureProperties/"
_SIGNED = "xades:SignedSignatureProperties/"


@dataclass(frozen=True, slots=True)
class SignedReference:
    """A signed file: its name, the XML identifier of the digest, the digest."""

    name: str
    digest: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """One signature: ``message`` was signed, ``stamped`` is what a time-stamp covers."""

    references: tuple[SignedReference, ...]
    algorithm: str
    certificate: bytes
    message: bytes
    value: bytes
    signed_at: datetime
    stamped: bytes
    token: bytes | None
    certificates: tuple[bytes, ...]
    answers: tuple[bytes, ...]


def read(data: bytes, name: str) -> Signed:
    """Read the one signature; raise a PackageRefusedError for any other shape.

    The digest over the signed properties and the link to the certificate are checked here; the digests of the
    files and the signature itself by the caller, who has the files and judges the algorithms by their time.
    """
    root = xml.parse(data, name)
    signature = _only_signature(root)
    info, value, key_info, signed, qualifying = _parts(signature)
    certificate = _base64(_one(key_info, "ds:X509Data/ds:X509Certificate[1]"))
    signed_at = _time(_one(signed, _SIGNED + "xades:SigningTime"))
    _check_certificate_named(signed, certificate, signed_at)
    references = _references(info, signed, signed_at)
    stamps = qualifying.findall(_UNSIGNED + "xades:SignatureTimeStamp", xml.NAMES)
    if len(stamps) > 1:
        raise SignatureMisplacedError(part="SignatureTimeStamp")
    return Signed(
        references=references,
        algorithm=_one(info, "ds:SignatureMethod").get("Algorithm", ""),
        certificate=certificate,
        message=_canonical(info, _one(info, "ds:CanonicalizationMethod")),
        value=_base64(value),
        signed_at=signed_at,
        stamped=_canonical(value, stamps[0].find("ds:CanonicalizationMethod", xml.NAMES)) if stamps else b"",
        token=_base64(_one(stamps[0], "xades:EncapsulatedTimeStamp")) if stamps else None,
        certificates=_all(qualifying, "xades:CertificateValues/xades:EncapsulatedX509Certificate"),
        answers=_all(qualifying, "xades:RevocationValues/xades:OCSPValues/xades:EncapsulatedOCSPValue"),
    )


def _only_signature(root: etree._Element) -> etree._Element:
    if root.tag != tag("asic:XAdESSignatures"):
        raise SignatureMisplacedError(part="XAdESSignatures")
    if not len(root):
        raise SignatureMissingError
    if len(root) > 1:
        raise SeveralSignaturesError
    for name in _ONCE:
        if sum(1 for _ in root.iter(tag(name))) != 1:
            raise SignatureMisplacedError(part=name)
    ids = [value for each in root.iter() for key, value in each.attrib.items() if str(key).lower() == "id"]
    if len(set(ids)) != len(ids):
        raise SignatureMisplacedError(part="Id")
    return root[0]


def _parts(signature: etree._Element) -> tuple[etree._Element, ...]:
    """The five parts of a signature, each from its own place."""
    expected = [tag(name) for name in ("ds:SignedInfo", "ds:SignatureValue", "ds:KeyInfo", "ds:Object")]
    if signature.tag != tag("ds:Signature") or [child.tag for child in signature] != expected:
        raise SignatureMisplacedError(part="Signature")
    info, value, key_info, holder = signature
    if [child.tag for child in holder] != [tag("xades:QualifyingProperties")]:
        raise SignatureMisplacedError(part="Object")
    qualifying = holder[0]
    inner = [child.tag for child in qualifying]
    if inner not in (
        [tag("xades:SignedProperties")],
        [tag("xades:SignedProperties"), tag("xades:UnsignedProperties")],
    ):
        raise SignatureMisplacedError(part="QualifyingProperties")
    return info, value, key_info, qualifying[0], qualifying


def _references(info: etree._Element, signed: etree._Element, at: datetime) -> tuple[SignedReference, ...]:
    files = []
    own = 0
    children = list(info)
    if [child.tag for child in children[2:]] != [tag("ds:Reference")] * (len(children) - 2):
        raise SignatureMisplacedError(part="SignedInfo")
    for reference in children[2:]:
        method = _one(reference, "ds:DigestMethod").get("Algorithm", "")
        value = _base64(_one(reference, "ds:DigestValue"))
        if reference.get("Type") == SIGNED_PROPERTIES:
            own += 1
            _check_properties(reference, signed, algorithms.digest(method, purpose="seal", at=at), value)
        else:
            files.append(SignedReference(_file_name(reference), method, value))
    if own != 1:
        raise SignatureMisplacedError(part="SignedProperties")
    return tuple(files)


def _check_properties(
    reference: etree._Element, signed: etree._Element, digest: algorithms.Digest, value: bytes
) -> None:
    transforms = reference.findall("ds:Transforms/ds:Transform", xml.NAMES)
    if len(transforms) > 1 or reference.get("URI") != f"#{signed.get('Id')}" or not signed.get("Id"):
        raise SignatureMisplacedError(part="SignedProperties")
    if digest.of(_canonical(signed, transforms[0] if transforms else None)) != value:
        raise SignatureBrokenError


def _file_name(reference: etree._Element) -> str:
    uri = reference.get("URI", "")
    split = urlsplit(uri)
    if (
        split.scheme
        or split.netloc
        or split.query
        or split.fragment
        or reference.find("ds:Transforms", xml.NAMES) is not None
    ):
        raise SignatureMisplacedError(part="Reference")
    return unquote(split.path, errors="strict")


def _check_certificate_named(signed: etree._Element, certificate: bytes, at: datetime) -> None:
    """The certificate must be the one the signer named under the signature (EN 319 132-1, 5.2.2)."""
    for holder in ("xades:SigningCertificateV2", "xades:SigningCertificate"):
        named = signed.find(f"{_SIGNED}{holder}/xades:Cert[1]/xades:CertDigest", xml.NAMES)
        if named is not None:
            method = _one(named, "ds:DigestMethod").get("Algorithm", "")
            digest = algorithms.digest(method, purpose="seal", at=at)
            if digest.of(certificate) != _base64(_one(named, "ds:DigestValue")):
                raise SignatureBrokenError
            certificates.load(certificate, "seal")
            return
    raise SignatureMisplacedError(part="SigningCertificate")


def _canonical(element: etree._Element, method: etree._Element | None) -> bytes:
    """Canonical bytes by a named method; without one, inclusive (XML Signature 1.1, 4.4.3.2)."""
    algorithm = _INCLUSIVE if method is None else method.get("Algorithm", "")
    if algorithm not in xml.CANONICAL or (method is not None and len(method)):
        raise SignatureMisplacedError(part="CanonicalizationMethod")
    return xml.canonical(element, exclusive=xml.CANONICAL[algorithm])


def _one(element: etree._Element, path: str) -> etree._Element:
    found = element.find(path, xml.NAMES)
    if found is None:
        raise SignatureMisplacedError(part=path.rpartition(":")[2])
    return found


def _all(qualifying: etree._Element, path: str) -> tuple[bytes, ...]:
    return tuple(map(_base64, qualifying.findall(_UNSIGNED + path, xml.NAMES)))


def _base64(element: etree._Element) -> bytes:
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except ValueError:
        raise SignatureMisplacedError(part=etree.QName(element).localname) from None


def _time(element: etree._Element) -> datetime:
    try:
        at = datetime.fromisoformat(element.text or "")
    except ValueError:
        raise SignatureMisplacedError(part="SigningTime") from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
