"""XML as signatures need it: namespaces, strict bounded parsing, canonical bytes.

Receives bytes; returns elements; never resolves an entity, reads a DTD or opens an address.
"""

from __future__ import annotations

from functools import cache

from lxml import etree

from comity.sealing.refusals import DtdForbiddenError, XmlUnreadableError

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
ASIC = "http://uri.etsi.org/02918/v1.2.1#"
MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
NAMES = {"ds": DS, "xades": XADES, "asic": ASIC, "manifest": MANIFEST}
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
CANONICAL = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": False,
    "http://www.w3.org/2006/12/xml-c14n11": False,
    EXCLUSIVE: True,
}
"""The accepted canonicalisations (without comments), and whether they are exclusive."""
LIMIT = 4 << 20
"""Bytes of an XML document."""


@cache
def tag(prefixed: str) -> str:
    """``ds:Reference`` in the form that lxml uses."""
    prefix, _, name = prefixed.partition(":")
    return f"{{{NAMES[prefix]}}}{name}"


def parse(data: bytes, name: str) -> etree._Element:
    """Parse UTF-8 XML without document type, comments or processing instructions."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise XmlUnreadableError(name=name) from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise DtdForbiddenError(name=name)
    declaration, _, _ = text.partition("?>")
    if text.startswith("<?xml") and "encoding" in declaration and "utf-8" not in declaration.lower():
        raise XmlUnreadableError(name=name)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        raise XmlUnreadableError(name=name) from None
    document = root.getroottree()
    outside = root.getprevious() is not None or root.getnext() is not None
    if outside or document.docinfo.doctype or any(not isinstance(each.tag, str) for each in root.iter()):
        raise XmlUnreadableError(name=name)
    return root


def canonical(element: etree._Element, *, exclusive: bool = True) -> bytes:
    """Canonical XML of the element without comments (exclusive: W3C xml-exc-c14n)."""
    return etree.tostring(element, method="c14n", exclusive=exclusive, with_comments=False)
