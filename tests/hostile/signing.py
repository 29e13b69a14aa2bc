"""What a hostile signer can do: change a signature file and sign it again, or write one of another maker."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from urllib.parse import quote

from lxml import etree
from tests import packages

from comity.sealing import algorithms, certificates, revocation, timestamp
from comity.sealing.keys import Authority

DS = "{http://www.w3.org/2000/09/xmldsig#}"
XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA512 = "http://www.w3.org/2001/04/xmlenc#sha512"
SHA1 = "http://www.w3.org/2000/09/xmldsig#sha1"
ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"


def changed(signature: bytes, change: Callable[[etree._Element], None]) -> bytes:
    """The signature file after a change by someone without any key."""
    root = etree.fromstring(signature)
    change(root)
    return canonical(root)


def canonical(element: etree._Element, method: str = EXCLUSIVE) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=method == EXCLUSIVE)


def foreign(
    files: dict[str, bytes],
    signer: Authority | None = None,
    *,
    method: str = INCLUSIVE,
    digest: str = SHA256,
    edit: Callable[[etree._Element], None] = lambda root: None,
) -> bytes:
    """A XAdES-LT signature file as another maker writes it: prefixes, indentation, inclusive C14N, a chain.

    ``edit`` changes the tree before it is signed.
    """
    own = signer or packages.authority()
    hashed = {SHA256: hashlib.sha256, SHA512: hashlib.sha512, SHA1: hashlib.sha1}[digest]
    certificate = certificates.der(own.seal.certificate)
    references = "".join(
        f'<ds:Reference Id="r{n}" URI="{quote(name)}"><ds:DigestMethod Algorithm="{digest}"/>'
        f"<ds:DigestValue>{base64_text(hashed(data).digest())}</ds:DigestValue></ds:Reference>\n"
        for n, (name, data) in enumerate(files.items())
    )
    root = etree.fromstring(
        f"""<asic:XAdESSignatures xmlns:asic="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="{DS[1:-1]}"
 xmlns:xades="{XADES[1:-1]}"><ds:Signature Id="S">
<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{method}"/><ds:SignatureMethod Algorithm="{ECDSA}"/>
{references}
<ds:Reference Type="http://uri.etsi.org/01903#SignedProperties" URI="#P"><ds:Transforms>
<ds:Transform Algorithm="{method}"/></ds:Transforms><ds:DigestMethod Algorithm="{SHA256}"/>
<ds:DigestValue/></ds:Reference></ds:SignedInfo>
<ds:SignatureValue Id="V"/><ds:KeyInfo><ds:X509Data>
<ds:X509Certificate>{base64_text(certificate)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>
<ds:Object><xades:QualifyingProperties Target="#S"><xades:SignedProperties Id="P">
<xades:SignedSignatureProperties><xades:SigningTime>2026-11-22T03:12:00Z</xades:SigningTime>
<xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod Algorithm="{SHA256}"/>
<ds:DigestValue>{base64_text(hashlib.sha256(certificate).digest())}</ds:DigestValue></xades:CertDigest></xades:Cert>
</xades:SigningCertificateV2></xades:SignedSignatureProperties></xades:SignedProperties>
<xades:UnsignedProperties><xades:UnsignedSignatureProperties><xades:SignatureTimeStamp>
<ds:CanonicalizationMethod Algorithm="{method}"/><xades:EncapsulatedTimeStamp/></xades:SignatureTimeStamp>
<xades:RevocationValues><xades:OCSPValues><xades:EncapsulatedOCSPValue/></xades:OCSPValues></xades:RevocationValues>
</xades:UnsignedSignatureProperties></xades:UnsignedProperties></xades:QualifyingProperties></ds:Object>
</ds:Signature></asic:XAdESSignatures>"""
    )
    edit(root)
    return resigned(root, own, method)


def resigned(root: etree._Element, own: Authority, method: str = INCLUSIVE) -> bytes:
    """Fill in the digests, the signature, the time-stamp and the answer about revocation."""
    info = next(root.iter(f"{DS}SignedInfo"))
    properties = next(root.iter(f"{XADES}SignedProperties"))
    info[-1].find(f"{DS}DigestValue").text = base64_text(
        hashlib.sha256(canonical(properties, method)).digest()
    )
    value = next(root.iter(f"{DS}SignatureValue"))
    der = own.seal.sign(canonical(info, method))
    value.text = base64_text(algorithms.to_xml(der, own.seal.certificate.public_key()))
    token = timestamp.issue(canonical(value, method), own.time_service, packages.NOW)
    next(root.iter(f"{XADES}EncapsulatedTimeStamp")).text = base64_text(token)
    answer = revocation.issue(own.seal.certificate, own.ca, own.revocation_service, packages.NOW)
    next(root.iter(f"{XADES}EncapsulatedOCSPValue")).text = base64_text(answer)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def base64_text(data: bytes) -> str:
    return base64.b64encode(data).decode()
