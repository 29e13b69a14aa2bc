"""The strict, bounded reader of containers; ``zipfile`` is never used (docs/sealing.md, clause 9).

Receives a seekable stream that nobody else writes; returns a Package whose entries can be streamed;
never extracts, never recurses, never trusts a size that was not counted.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from isal import isal_zlib

from comity.sealing import directory, names, zipform
from comity.sealing.age.payload import filled
from comity.sealing.directory import Directory, Listed, exactly
from comity.sealing.names import DISCLOSED
from comity.sealing.refusals import (
    ContentDamagedError,
    CutOffError,
    EntryUnsupportedError,
    ExpandsTooMuchError,
    FormNotDeterminedError,
    GapError,
    HeaderMismatchError,
    MimetypeWrongError,
    OverlapError,
    TooLargeError,
)

MEDIA_TYPE = b"application/vnd.etsi.asic-e+zip"
MANIFEST = "_comity/manifest.json"
PIECE = 2 << 20
SMALL = 1 << 16
"""Bytes of an entry that is read at once."""
_GROWTH, _GROWTH_FREE = 200, 16 << 20
"""Compressed entries may grow to 200 times their size together, and to 16 MiB in any case."""
_DESCRIPTOR_SIZES = (12, 16, 20, 24)


@dataclass(frozen=True, slots=True)
class _Placed:
    """An entry whose local header was compared with its line: where its packed content lies."""

    listed: Listed
    start: int


class Package:
    """An open container: its entries in the order of the file. Content is checked while it is streamed."""

    def __init__(self, stream: IO[bytes]) -> None:
        """Read and compare every header; raise a PackageRefusedError if any rule of clause 9.1 is broken."""
        self._stream = stream
        found = directory.read(stream)
        ordered = sorted(found.listed, key=lambda listed: listed.offset)
        names.check_together(listed.name for listed in ordered)
        _check_growth(ordered)
        self._entries = {
            listed.name: _Placed(listed, _placed(stream, listed, following))
            for listed, following in zip(
                ordered, [*(each.offset for each in ordered[1:]), found.start], strict=True
            )
        }
        if ordered and ordered[0].offset:
            raise GapError(name=ordered[0].name)
        self._check_mimetype(ordered)
        self.is_own_form = MANIFEST in self._entries or DISCLOSED in self._entries
        if self.is_own_form:
            self._check_form(found)

    @property
    def names(self) -> list[str]:
        """All entries, in the order of the file."""
        return list(self._entries)

    def size(self, name: str) -> int:
        """Unpacked bytes of an entry."""
        return self._entries[name].listed.bytes

    def crc32(self, name: str) -> int:
        """CRC-32 of an entry; it is checked when the entry is streamed."""
        return self._entries[name].listed.crc32

    def read(self, name: str, limit: int) -> bytes:
        """A whole entry of at most ``limit`` bytes; raise TooLargeError beyond."""
        if self.size(name) > limit:
            raise TooLargeError(name=name, limit=limit)
        return b"".join(map(bytes, self.stream(name)))

    def section(self, name: str, start: int = 0, size: int | None = None) -> IO[bytes]:
        """A stored entry or a part of it as a stream over the same file; its CRC-32 is not checked."""
        placed = self._entries[name]
        if placed.listed.method != zipform.STORED:
            raise EntryUnsupportedError(name=name)
        left = placed.listed.bytes - start
        return part_of(self._stream, placed.start + start, left if size is None else min(size, left))

    def stream(self, name: str) -> Iterator[memoryview]:
        """The content in pieces; raise ContentDamagedError unless size and CRC-32 are those of the header.

        A piece stays valid until the one after the next is asked for: it is hashed while the next is read.
        """
        placed = self._entries[name]
        pieces = _packed(self._stream, placed)
        if placed.listed.method == zipform.DEFLATED:
            pieces = _inflated(pieces, placed.listed)
        crc32: int = 0
        total = 0
        for piece in pieces:
            crc32 = isal_zlib.crc32(piece, crc32)
            total += len(piece)
            yield piece
        if (total, crc32) != (placed.listed.bytes, placed.listed.crc32):
            raise ContentDamagedError(name=name)

    def _check_mimetype(self, ordered: list[Listed]) -> None:
        first = ordered[0] if ordered else None
        named = first is not None and first.name == names.MIMETYPE and first.method == zipform.STORED
        if not named or self.size(names.MIMETYPE) != len(MEDIA_TYPE):
            raise MimetypeWrongError
        if self._entries[names.MIMETYPE].start != zipform.LOCAL.size + len(names.MIMETYPE):
            raise MimetypeWrongError
        if self.read(names.MIMETYPE, len(MEDIA_TYPE)) != MEDIA_TYPE:
            raise MimetypeWrongError

    def _check_form(self, found: Directory) -> None:
        """Clause 2: every header is re-derived and compared."""
        entries = [
            zipform.Entry(each.listed.name, each.listed.bytes, each.listed.crc32, each.listed.offset)
            for each in self._entries.values()
        ]
        for entry in entries:
            header = zipform.local_header(entry)
            if exactly(self._stream, entry.offset, len(header)) != header:
                raise FormNotDeterminedError(part=f"The header of “{entry.name}”")
        if zipform.determined(entries, found.start) != found.tail:
            raise FormNotDeterminedError(part="The central directory")


def part_of(stream: IO[bytes], start: int, size: int) -> IO[bytes]:
    """A part of a seekable stream as a stream of its own; closing it leaves the other open."""
    return io.BufferedReader(_Section(stream, start, size))


class _Section(io.RawIOBase):
    """A part of a file that reads like a file."""

    def __init__(self, stream: IO[bytes], start: int, size: int) -> None:
        self._stream, self._start, self._size, self._at = stream, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        self._stream.seek(self._start + self._at)
        wanted = max(0, min(len(buffer), self._size - self._at))
        count = filled(self._stream, memoryview(buffer)[:wanted])
        self._at += count
        return count


def _check_growth(ordered: list[Listed]) -> None:
    packed = [listed for listed in ordered if listed.method == zipform.DEFLATED]
    if sum(each.bytes for each in packed) > _GROWTH_FREE + _GROWTH * sum(each.packed for each in packed):
        raise ExpandsTooMuchError


def _placed(stream: IO[bytes], listed: Listed, following: int) -> int:
    """Compare the local header with the line; return where the content starts."""
    if listed.offset + zipform.LOCAL.size > following:
        raise OverlapError(name=listed.name)
    fields = zipform.LOCAL.unpack(exactly(stream, listed.offset, zipform.LOCAL.size))
    mark, _, flags, method, time, date, crc32, packed, size, name_length, extra_length = fields
    start: int = listed.offset + zipform.LOCAL.size + name_length + extra_length
    if mark != zipform.LOCAL_MARK:
        raise HeaderMismatchError(name=listed.name)
    if start + listed.packed > following:
        raise OverlapError(name=listed.name)
    variable = exactly(stream, start - name_length - extra_length, name_length + extra_length)
    same = (flags, method, time, date) == (listed.flags, listed.method, listed.time, listed.date)
    if not same or variable[:name_length] != listed.raw_name:
        raise HeaderMismatchError(name=listed.name)
    extra = directory.extra_fields(variable[name_length:], listed.name)
    full = zipform.FULL32
    size, packed = directory.zip64_values(extra, [(size, full), (packed, full)], listed.name)
    shown, real = (crc32, packed, size), (listed.crc32, listed.packed, listed.bytes)
    if shown != real and not (listed.has_descriptor and shown == (0, 0, 0)):
        raise HeaderMismatchError(name=listed.name)
    _check_rest(stream, listed, start + listed.packed, following)
    return start


def _check_rest(stream: IO[bytes], listed: Listed, end: int, following: int) -> None:
    """What stands between the content and the next entry: nothing, or the data descriptor (APPNOTE 4.3.9)."""
    rest = following - end
    if not listed.has_descriptor:
        if rest:
            raise GapError(name=listed.name)
        return
    if rest not in _DESCRIPTOR_SIZES:
        raise GapError(name=listed.name)
    width = 4 if rest < 20 else 8
    sizes = listed.packed.to_bytes(8, "little")[:width] + listed.bytes.to_bytes(8, "little")[:width]
    mark = zipform.DESCRIPTOR_MARK if rest % 8 == 0 else b""
    if exactly(stream, end, rest) != mark + listed.crc32.to_bytes(4, "little") + sizes:
        raise HeaderMismatchError(name=listed.name)


def _packed(stream: IO[bytes], placed: _Placed) -> Iterator[memoryview]:
    size = placed.listed.packed
    if 0 < size <= SMALL:
        yield memoryview(exactly(stream, placed.start, size))
    else:
        yield from pieces_of(part_of(stream, placed.start, size), size)


def pieces_of(stream: IO[bytes], size: int) -> Iterator[memoryview]:
    """So many bytes in pieces, each valid until the one after the next is asked for; or CutOffError."""
    left = size
    buffers = [memoryview(bytearray(min(left, PIECE))) for _ in range(2 if left > PIECE else 1)]
    while left:
        buffer = buffers[0][:left]
        count = filled(stream, buffer)
        if not count:
            raise CutOffError
        yield buffer[:count]
        left -= count
        buffers.reverse()


def _inflated(pieces: Iterator[memoryview], listed: Listed) -> Iterator[memoryview]:
    """Unpack DEFLATE; never give more than the header says, never leave packed bytes over."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    left = listed.bytes
    for piece in pieces:
        waiting: bytes | memoryview = piece
        while waiting or (piece and not unpacker.eof and unpacker.unconsumed_tail):
            if unpacker.eof:
                raise ContentDamagedError(name=listed.name)
            try:
                unpacked = unpacker.decompress(waiting, min(PIECE, left + 1))
            except zlib.error:
                raise ContentDamagedError(name=listed.name) from None
            left -= len(unpacked)
            if left < 0:
                raise ContentDamagedError(name=listed.name)
            if unpacked:
                yield memoryview(unpacked)
            waiting = unpacker.unconsumed_tail
    if not unpacker.eof or unpacker.unused_data or left:
        raise ContentDamagedError(name=listed.name)
