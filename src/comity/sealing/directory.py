"""Reads the end records and the central directory of a ZIP file, strictly (docs/sealing.md, clause 9.1).

Receives a seekable stream; returns the entries that it lists and where everything lies; never follows a name.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO

from comity.sealing import names, zipform
from comity.sealing.refusals import (
    CutOffError,
    EndAmbiguousError,
    EntryUnsupportedError,
    GapError,
    HeaderMismatchError,
    LeadingBytesError,
    NameUnsafeError,
    NotAContainerError,
    TooLargeError,
    TooManyEntriesError,
    TrailingBytesError,
)

ENTRIES = 2048
"""The most entries of a container: 1,000 files, their folders' worth of receipts and proofs, and the rest."""
_CENTRAL_BYTES = 8 << 20
_DESCRIPTOR = 0x0008
_FLAGS = zipform.UTF8 | _DESCRIPTOR | 0x0006
_UNICODE_PATH = 0x7075
"""Info-ZIP's second name of an entry: two readers could choose differently."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What the central directory says of an entry; sizes and offsets in bytes."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    time: int
    date: int
    crc32: int
    packed: int
    bytes: int
    offset: int

    @property
    def has_descriptor(self) -> bool:
        """Whether size and CRC-32 follow the content (APPNOTE 4.3.9)."""
        return bool(self.flags & _DESCRIPTOR)


@dataclass(frozen=True, slots=True)
class Directory:
    """The listed entries, and the bytes from the central directory to the end of the file."""

    listed: tuple[Listed, ...]
    start: int
    tail: bytes


@dataclass(frozen=True, slots=True)
class _End:
    count: int
    size: int
    start: int
    position: int


def exactly(stream: IO[bytes], offset: int, size: int) -> bytes:
    """Read ``size`` bytes at ``offset``; raise CutOffError when there are fewer."""
    stream.seek(offset)
    data = stream.read(size)
    if len(data) != size:
        raise CutOffError
    return data


def read(stream: IO[bytes]) -> Directory:
    """Read the directory; raise a PackageRefusedError for anything that two readers could see differently."""
    length = stream.seek(0, 2)
    opening = exactly(stream, 0, min(4, length))
    end = _find_end(stream, length, opening)
    if opening != zipform.LOCAL_MARK:
        raise LeadingBytesError
    if end.count > ENTRIES:
        raise TooManyEntriesError(count=end.count, limit=ENTRIES)
    if end.start + end.size > end.position:
        raise CutOffError
    if end.start + end.size < end.position:
        raise GapError(name="central directory")
    if length - end.start > _CENTRAL_BYTES:
        raise TooLargeError(name="central directory", limit=_CENTRAL_BYTES)
    tail = exactly(stream, end.start, length - end.start)
    return Directory(_lines(tail[: end.size], end.count), end.start, tail)


def _find_end(stream: IO[bytes], length: int, opening: bytes) -> _End:
    window = exactly(
        stream,
        max(0, length - zipform.END.size - zipform.FULL16),
        min(length, zipform.END.size + zipform.FULL16),
    )
    base = length - len(window)
    found: list[int] = []
    incomplete = False
    position = window.rfind(zipform.END_MARK)
    while position >= 0:
        if position + zipform.END.size <= len(window):
            comment = zipform.END.unpack_from(window, position)[7]
            if base + position + zipform.END.size + comment == length:
                found.append(base + position)
            else:
                incomplete = True
        position = window.rfind(zipform.END_MARK, 0, position)
    if len(found) == 1:
        return _end_at(stream, found[0])
    if found:
        raise EndAmbiguousError
    if incomplete:
        raise TrailingBytesError
    if opening == zipform.LOCAL_MARK[: len(opening)] and opening:
        raise CutOffError
    raise NotAContainerError


def _end_at(stream: IO[bytes], position: int) -> _End:
    _, disk, central_disk, here, count, size, start, _ = zipform.END.unpack(
        exactly(stream, position, zipform.END.size)
    )
    if disk or central_disk or here != count:
        raise EntryUnsupportedError(name="end of central directory")
    end = _End(count, size, start, position)
    before = position - zipform.LOCATOR.size
    locator = exactly(stream, before, zipform.LOCATOR.size) if before >= 0 else b""
    if locator[:4] == zipform.LOCATOR_MARK:
        return _end64_at(stream, locator, before, end)
    return end


def _end64_at(stream: IO[bytes], locator: bytes, locator_position: int, end: _End) -> _End:
    _, disk, position, disks = zipform.LOCATOR.unpack(locator)
    if disk or disks != 1 or position + zipform.END64.size != locator_position:
        raise HeaderMismatchError(name="ZIP64 locator")
    mark, own, _, _, disk, central_disk, here, count, size, start = zipform.END64.unpack(
        exactly(stream, position, zipform.END64.size)
    )
    plain = (min(count, zipform.FULL16), min(size, zipform.FULL32), min(start, zipform.FULL32))
    shown = (end.count, end.size, end.start)
    full = (zipform.FULL16, zipform.FULL32, zipform.FULL32)
    agrees = all(small in {value, most} for small, value, most in zip(shown, plain, full, strict=True))
    wrong = disk or central_disk or here != count or own != zipform.END64.size - 12
    if mark != zipform.END64_MARK or wrong or not agrees:
        raise HeaderMismatchError(name="ZIP64 end of central directory")
    return _End(count, size, start, position)


def _lines(central: bytes, count: int) -> tuple[Listed, ...]:
    lines = []
    at = 0
    for _ in range(count):
        if at + zipform.CENTRAL.size > len(central):
            raise HeaderMismatchError(name="central directory")
        fields = zipform.CENTRAL.unpack_from(central, at)
        ends = at + zipform.CENTRAL.size + sum(fields[10:13])
        if fields[0] != zipform.CENTRAL_MARK or ends > len(central):
            raise HeaderMismatchError(name="central directory")
        lines.append(_line(fields, central[at + zipform.CENTRAL.size : ends]))
        at = ends
    if at != len(central):
        raise GapError(name="central directory")
    return tuple(lines)


def _line(fields: tuple[int, ...], variable: bytes) -> Listed:
    _, _, _, flags, method, time, date, crc32, packed, size, name_length, extra_length = fields[:12]
    raw = variable[:name_length]
    name = _decoded(raw, flags)
    if flags & ~_FLAGS or method not in {zipform.STORED, zipform.DEFLATED} or fields[13]:
        raise EntryUnsupportedError(name=name)
    extra = extra_fields(variable[name_length : name_length + extra_length], name)
    full = zipform.FULL32
    size, packed, offset = zip64_values(extra, [(size, full), (packed, full), (fields[16], full)], name)
    if method == zipform.STORED and size != packed:
        raise HeaderMismatchError(name=name)
    return Listed(name, raw, flags, method, time, date, crc32, packed, size, offset)


def _decoded(raw: bytes, flags: int) -> str:
    try:
        name = raw.decode("utf-8" if flags & zipform.UTF8 else "ascii")
    except UnicodeDecodeError:
        raise NameUnsafeError(name=ascii(raw)[2:-1]) from None
    names.check(name)
    return name


def extra_fields(raw: bytes, name: str) -> dict[int, bytes]:
    """Split an extra area (APPNOTE 4.5); a repeated, torn or second-name field is refused."""
    fields: dict[int, bytes] = {}
    at = 0
    while at < len(raw):
        if at + 4 > len(raw):
            raise HeaderMismatchError(name=name)
        kind, size = struct.unpack_from("<2H", raw, at)
        if kind in fields or kind == _UNICODE_PATH or at + 4 + size > len(raw):
            raise HeaderMismatchError(name=name)
        fields[kind] = raw[at + 4 : at + 4 + size]
        at += 4 + size
    return fields


def zip64_values(extra: dict[int, bytes], values: list[tuple[int, int]], name: str) -> list[int]:
    """Replace each value that is full by its 64-bit value, in the order of APPNOTE 4.5.3."""
    large = extra.get(zipform.ZIP64, b"")
    wanted = sum(value == most for value, most in values)
    if len(large) != 8 * wanted:
        raise HeaderMismatchError(name=name)
    longs = iter(struct.unpack(f"<{wanted}Q", large))
    return [next(longs) if value == most else value for value, most in values]
