"""DER (ITU-T X.690) element by element: a library for any structure takes ten times as long.

Receives values and elements; returns elements. What takes elements apart is not strict by itself: whoever
reads writes what was read anew and compares, so that no byte stands for anything else.
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


def content(whole: bytes) -> bytes:
    """What stands in one element; raise ValueError or IndexError where it does not end with it."""
    begins, ends = _span(whole, 0)
    if ends != len(whole):
        raise ValueError(whole)
    return whole[begins:ends]


def parts(whole: bytes) -> list[bytes]:
    """The elements in an element; raise ValueError or IndexError where they do not end with it."""
    inside = content(whole)
    found: list[bytes] = []
    at = 0
    while at < len(inside):
        _, ends = _span(inside, at)
        found.append(inside[at:ends])
        at = ends
    return found


def read_integer(whole: bytes) -> int:
    """The value of an INTEGER."""
    return int.from_bytes(content(whole), "big", signed=True)


def read_moment(whole: bytes) -> datetime:
    """The time in a GeneralizedTime of whole seconds; raise ValueError for another."""
    text = content(whole).decode("ascii")
    if len(text) != len("20270101000000Z") or not text.endswith("Z"):  # the one form that ``moment`` writes
        raise ValueError(whole)
    return datetime.fromisoformat(f"{text[:8]}T{text[8:]}")


def utc(at: datetime) -> datetime:
    """The moment in UTC; raise ValueError for one without a zone, OverflowError out of range."""
    if at.tzinfo is None:
        raise ValueError(at)
    return at.astimezone(UTC)


def _span(data: bytes, at: int) -> tuple[int, int]:
    """Where the content of the element at a place begins and ends."""
    size, begins = data[at + 1], at + 2
    if size >= 0x80:
        begins += size & 0x7F
        size = int.from_bytes(data[at + 2 : begins], "big")
    if begins + size > len(data):
        raise ValueError(data)
    return begins, begins + size


@cache
def oid(dotted: str) -> bytes:
    """An OBJECT IDENTIFIER."""
    return bytes(core.ObjectIdentifier(dotted).dump())


SHA256 = sequence(oid("2.16.840.1.101.3.4.2.1"), NULL)
ECDSA_OID = "1.2.840.10045.4.3.2"
ECDSA_WITH_SHA256 = sequence(oid(ECDSA_OID))
"""AlgorithmIdentifiers of the digest and of the signature that stand in what is issued here."""
