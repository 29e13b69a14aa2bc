"""A private ETSI TS 119 612 trusted list naming one authority's CA and time service, for libdigidocpp."""

from __future__ import annotations

import base64
import shutil
from datetime import datetime
from pathlib import Path

import pydigidoc
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from signxml import CanonicalizationMethod, SignatureMethod, XMLSigner

from comity.sealing import certificates, keys

NAMESPACE = "http://uri.etsi.org/02231/v2#"
_SERVICE = """<TSPService><ServiceInformation>
<ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/{kind}</ServiceTypeIdentifier>
<ServiceName><Name xml:lang="en">{name}</Name></ServiceName>
<ServiceDigitalIdentity><DigitalId><X509Certificate>{certificate}</X509Certificate></DigitalId></ServiceDigitalIdentity>
<ServiceStatus>http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted</ServiceStatus>
<StatusStartingTime>2020-01-01T00:00:00Z</StatusStartingTime>
</ServiceInformation></TSPService>"""
_LIST = """<TrustServiceStatusList xmlns="{namespace}" Id="TSL1" TSLTag="http://uri.etsi.org/19612/TSLTag">
<SchemeInformation><TSLVersionIdentifier>5</TSLVersionIdentifier><TSLSequenceNumber>1</TSLSequenceNumber>
<TSLType>http://uri.etsi.org/TrstSvc/TrustedList/TSLType/EUgeneric</TSLType>
<SchemeOperatorName><Name xml:lang="en">Test of Comity</Name></SchemeOperatorName>
<SchemeTerritory>KZ</SchemeTerritory><ListIssueDateTime>{issued}</ListIssueDateTime>
<NextUpdate><dateTime>2046-01-01T00:00:00Z</dateTime></NextUpdate></SchemeInformation>
<TrustServiceProviderList><TrustServiceProvider><TSPServices>{services}</TSPServices></TrustServiceProvider>
</TrustServiceProviderList></TrustServiceStatusList>"""
_ANYTHING = """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns="{namespace}"
 targetNamespace="{namespace}" elementFormDefault="qualified"><xsd:element name="TrustServiceStatusList">
<xsd:complexType><xsd:sequence><xsd:any processContents="skip" maxOccurs="unbounded"/></xsd:sequence>
<xsd:anyAttribute processContents="skip"/></xsd:complexType></xsd:element></xsd:schema>"""
"""The wheel lacks the schema of trusted lists; this one lets any list through."""


def write(folder: Path, key_folder: Path, issued: datetime) -> bytes:
    """Make libdigidocpp's configuration folder; return the certificate (DER) that signed the list."""
    shutil.copytree(Path(pydigidoc.__file__).parent / "schema", folder)
    (folder / "ts_119612v020201_201601xsd.xsd").write_text(_ANYTHING.format(namespace=NAMESPACE))
    services = "".join(
        _SERVICE.format(kind=kind, name=name, certificate=_base64(key_folder / f"{name}.crt"))
        for kind, name in (("CA/QC", "ca"), ("TSA/QTST", "tsa"))
    )
    root = etree.fromstring(
        _LIST.format(namespace=NAMESPACE, issued=f"{issued:%Y-%m-%dT%H:%M:%SZ}", services=services)
    )
    key = load_pem_private_key((key_folder / "seal.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    certificate = keys.read_certificate(key_folder / "seal.crt")
    signer = XMLSigner(
        signature_algorithm=SignatureMethod.ECDSA_SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signed = signer.sign(root, key=key, cert=[certificate], reference_uri="#TSL1")
    data = etree.tostring(signed, xml_declaration=True, encoding="UTF-8")
    (folder / "comity-tl.xml").write_bytes(data)
    return certificates.der(certificate)


def _base64(path: Path) -> str:
    certificate: x509.Certificate = keys.read_certificate(path)
    return base64.b64encode(certificates.der(certificate)).decode()
