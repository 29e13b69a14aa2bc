"""DER (ITU-T X.690) written element by element: a library that builds any structure takes ten times as long.

Receives values and elements; returns elements.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from asn1crypto import core

SET, BITS, CONTEXT_0, CONTEXT_1 = 0x31, 0x03, 0xA0, 0xA1
NULL = b"\x05\x00"
_SEQUENCE, _OCTETS, _GENERALIZED_TIME = 0x30, 0x04, 0x18


def element(tag: int, *parts: bytes) -> bytes:
    """One element (8.1 and 10.1) around its parts."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    width = (size.bit_length() + 7) // 8
    return bytes((tag, 0x80 | width)) + size.to_bytes(width, "big") + content


def sequence(*parts: bytes) -> bytes:
    """A SEQUENCE."""
    return element(_SEQUENCE, *parts)


def octets(content: bytes) -> bytes:
    """An OCTET STRING."""
    return element(_OCTETS, content)


def integer(value: int) -> bytes:
    """An INTEGER."""
    return bytes(core.Integer(value).dump())


def moment(at: datetime) -> bytes:
    """A GeneralizedTime of whole seconds (11.7)."""
    return element(_GENERALIZED_TIME, f"{at.astimezone(UTC):%Y%m%d%H%M%SZ}".encode())


@cache
def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    return bytes(core.ObjectIdentifier(dotted).dump())


SHA256 = sequence(oid("2.16.840.1.101.3.4.2.1"), NULL)
ECDSA_WITH_SHA256 = sequence(oid("1.2.840.10045.4.3.2"))
"""AlgorithmIdentifiers of the digest and of the signature that stand in what is issued here."""
