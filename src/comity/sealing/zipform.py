"""The determined form of Comity's ZIP containers, after APPNOTE 6.3.10 (docs/sealing.md, clause 2).

Receives the entries of a container; returns the exact bytes of each header, so that the writer writes them
and the reader compares them; never reads a file.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
END64 = struct.Struct("<4sQ2H2I4Q")
LOCATOR = struct.Struct("<4sIQI")
LOCAL_MARK, CENTRAL_MARK, END_MARK = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
END64_MARK, LOCATOR_MARK, DESCRIPTOR_MARK = b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08"

FULL16, FULL32 = 0xFFFF, 0xFFFFFFFF
UTF8 = 0x0800
STORED, DEFLATED = 0, 8
DOS_TIME, DOS_DATE = 0, 0x0021
"""Midnight of 1 January 1980: a ZIP time has no zone and no signature, so it says nothing."""
ZIP64 = 0x0001
CRC32 = range(14, 18)
"""Where a local header has the CRC-32 (APPNOTE 4.3.7)."""
_PLAIN, _LARGE = 20, 45


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored entry: ``name``, size in bytes, CRC-32, and the offset of its local header."""

    name: str
    bytes: int
    crc32: int
    offset: int


def _zip64(*values: int) -> bytes:
    large = [value for value in values if value >= FULL32]
    return struct.pack(f"<2H{len(large)}Q", ZIP64, 8 * len(large), *large) if large else b""


def local_header(entry: Entry) -> bytes:
    """The bytes in front of an entry's content; a large entry has both sizes in a ZIP64 field (4.5.3)."""
    name = entry.name.encode()
    size = min(entry.bytes, FULL32)
    extra = _zip64(entry.bytes, entry.bytes)
    version = _LARGE if extra else _PLAIN
    head = (LOCAL_MARK, version, UTF8, STORED, DOS_TIME, DOS_DATE, entry.crc32, size, size)
    return LOCAL.pack(*head, len(name), len(extra)) + name + extra


def central_header(entry: Entry) -> bytes:
    """An entry's line in the central directory."""
    name = entry.name.encode()
    size, offset = min(entry.bytes, FULL32), min(entry.offset, FULL32)
    extra = _zip64(entry.bytes, entry.bytes, entry.offset)
    version = _LARGE if extra else _PLAIN
    head = (CENTRAL_MARK, version, version, UTF8, STORED, DOS_TIME, DOS_DATE, entry.crc32, size, size)
    return CENTRAL.pack(*head, len(name), len(extra), 0, 0, 0, 0, offset) + name + extra


def end_records(count: int, start: int, size: int) -> bytes:
    """What follows a central directory of ``count`` lines and ``size`` bytes that starts at ``start``."""
    end = END.pack(
        END_MARK, 0, 0, min(count, FULL16), min(count, FULL16), min(size, FULL32), min(start, FULL32), 0
    )
    if count < FULL16 and start < FULL32 and size < FULL32:
        return end
    end64 = END64.pack(END64_MARK, END64.size - 12, _LARGE, _LARGE, 0, 0, count, count, size, start)
    return end64 + LOCATOR.pack(LOCATOR_MARK, 0, start + size, 1) + end


def determined(entries: list[Entry], start: int) -> bytes:
    """Central directory and end records of a container whose entries end at ``start``."""
    central = b"".join(map(central_header, entries))
    return central + end_records(len(entries), start, len(central))
