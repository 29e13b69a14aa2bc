"""Many files as one: their contents one after the other, and an index of lines (docs/sealing.md, clause 17).

Receives files that can be opened, or the two entries of a container; returns what they determine. A line has
one form, so that the index, and with it the pack, can be written in one way only.
"""

from __future__ import annotations

import hashlib
import io
import re
import secrets
import sys
from collections import deque
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import accumulate
from typing import IO, Any, NamedTuple

from comity.proofs import merkle
from comity.sealing import names
from comity.sealing.age.payload import filled
from comity.sealing.gathering import Gathering
from comity.sealing.manifest import SALT_BYTES
from comity.sealing.refusals import (
    FileChangedError,
    ManifestMismatchError,
    ManifestUnreadableError,
    PackageRefusedError,
)
from comity.sealing.sources import FileDiffersError, PackageFile, SourceChangedError
from comity.shapes import encode_base64

Digest = bytes
"""What a class with a ``bytes`` of its own calls bytes."""
PACK, INDEX = "_comity/files.pack", "_comity/files.jsonl"
MEDIA_TYPES = {PACK: "application/octet-stream", INDEX: "application/jsonl"}
FILES = 250_000
"""The most files of a pack."""
_SALTS = 256
LIMIT = 256 << 20
"""Bytes of an index."""
_LINE = re.compile(
    r'\{"bytes":(?P<bytes>0|[1-9][0-9]{0,15}),'
    r'"media_type":"(?P<media_type>[a-z0-9.+-]{1,63}/[A-Za-z0-9.+-]{1,63})",'
    r'"name":"(?P<name>[^"\\]{1,512})","salt":"(?P<salt>[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)",'
    r'"sha256":"(?P<sha256>[0-9a-f]{64})"\}\n'
)
"""Canonical JSON (RFC 8785) of a line: no safe name has a character that JSON escapes."""


class PackedFile(NamedTuple):
    """One line of the index: a file's size in bytes, SHA-256 (hex), and the salt (base64) of its leaf."""

    name: str
    media_type: str
    bytes: int
    sha256: str
    salt: str

    @property
    def leaf(self) -> str:
        """The leaf hash (hex) as of a file in a manifest (clause 3.2)."""
        return self.leaf_hash().hex()

    def leaf_hash(self) -> Digest:
        """RFC 9162 leaf hash of the canonical JSON of name, bytes, SHA-256 and salt."""
        return _leaf_hash(self.name, self.bytes, self.sha256, self.salt)


def line_of(name: str, media_type: str, size: int, sha256: str, salt: str) -> bytes:
    """A line of the index."""
    described = f'"media_type":"{media_type}","name":"{name}"'
    return f'{{"bytes":{size},{described},"salt":"{salt}","sha256":"{sha256}"}}\n'.encode()


def _leaf_hash(name: str, size: int, sha256: str, salt: str) -> Digest:
    content = f'{{"bytes":{size},"name":"{name}","salt":"{salt}","sha256":"{sha256}"}}'
    return merkle.leaf_hash(content.encode())


class Packed:
    """The files of a pack in their order."""

    def __init__(self, files: Sequence[PackedFile]) -> None:
        self.files = files

    @cached_property
    def places(self) -> dict[str, tuple[int, int]]:
        """By name: where a file begins in the pack, and its bytes."""
        starts = accumulate((file.bytes for file in self.files), initial=0)
        return {file.name: (start, file.bytes) for file, start in zip(self.files, starts, strict=False)}

    @property
    def size(self) -> int:
        """Bytes of the pack."""
        return sum(file.bytes for file in self.files)

    @property
    def root(self) -> str:
        """The Merkle root (hex) over the files' leaves."""
        leaves = merkle.RunningRoot()
        for file in self.files:
            leaves.add(file.leaf_hash())
        return leaves.root().hex()


class Lines:
    """The index while files end one after the other: of each only its line is kept."""

    def __init__(self) -> None:
        self._lines, self._leaves = io.BytesIO(), merkle.RunningRoot()
        self._salts: list[str] = []

    def add(self, file: PackageFile, size: int, digest: Digest) -> None:
        """A file that ended, with its SHA-256. Raise FileDiffersError."""
        sha256 = digest.hex()
        if file.sha256 is not None and file.sha256 != sha256:
            raise FileDiffersError(name=file.name)
        salt = self._salt()
        self._lines.write(line_of(file.name, file.media_type, size, sha256, salt))
        self._leaves.add(_leaf_hash(file.name, size, sha256, salt))

    def _salt(self) -> str:
        """A new random salt (base64); the system is asked for many at a time."""
        if not self._salts:
            data = secrets.token_bytes(_SALTS * SALT_BYTES)
            self._salts = [encode_base64(data[n : n + SALT_BYTES]) for n in range(0, len(data), SALT_BYTES)]
        return self._salts.pop()

    @property
    def index(self) -> Digest:
        """A line for each file."""
        return self._lines.getvalue()

    @property
    def root(self) -> str:
        """The Merkle root (hex) over the leaves of these files."""
        return self._leaves.root().hex()


def pack(files: deque[tuple[PackageFile, int]], lines: Lines) -> io.RawIOBase:
    """The pack of files with their sizes as something to read; their lines are written meanwhile.

    What lies on a disk is read and hashed by a process of its own, where two can share memory that
    has no name (Linux). ``files`` loses those that are done.
    """
    if sys.platform == "linux" and all(file.path is not None for file, _ in files):
        return Gathering(files, lines.add)
    return Packing(files, lines)


class Packing(io.RawIOBase):
    """The pack of files that only this process can open: each is hashed on its way."""

    def __init__(self, files: deque[tuple[PackageFile, int]], lines: Lines) -> None:
        """Receive the files with their sizes; each is open only while it is read."""
        super().__init__()
        self._lines, self._files = lines, files
        self._source: IO[bytes] | None = None
        self._begin()

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as the files go. Raise SourceChangedError, FileDiffersError."""
        target, done = memoryview(buffer), 0
        while self._source is not None:
            piece = target[done : done + self._left]
            count = filled(self._source, piece)
            self._hashing.update(piece[:count])
            self._left -= count
            done += count
            if self._left and count == len(piece):  # the buffer is full
                return done
            self._end()
            self._begin()
        return done

    def _begin(self) -> None:
        self._current = self._files.popleft() if self._files else None
        if self._current is not None:
            file, self._left = self._current
            self._source, self._hashing = file.open(), hashlib.sha256()

    def _end(self) -> None:
        if self._current is None or self._source is None:
            return
        file, size = self._current
        changed = self._left or self._source.read(1)
        self._source.close()
        self._source = None
        if changed:
            raise SourceChangedError(name=file.name)
        self._lines.add(file, size, self._hashing.digest())

    def close(self) -> None:
        """Close what is open."""
        if self._source is not None:
            self._source.close()
        super().close()


def read(index: bytes) -> Packed:
    """The files of an index whose every line has its one form; names are safe and can be kept apart.

    Raise ManifestUnreadableError, NameClashError, EntryDuplicatedError.
    """
    if (index and not index.endswith(b"\n")) or index.count(b"\n") > FILES:
        raise ManifestUnreadableError
    files = [_file(line) for line in io.BytesIO(index)]
    names.check_together(file.name for file in files)
    return Packed(files)


def _file(line: Digest) -> PackedFile:
    try:
        found = _LINE.fullmatch(line.decode())
    except UnicodeDecodeError:
        raise ManifestUnreadableError from None
    if found is None:
        raise ManifestUnreadableError
    size, media_type, name, salt, sha256 = found.groups()
    try:
        names.check(name)
    except PackageRefusedError:
        raise ManifestUnreadableError from None
    if names.is_reserved(name):
        raise ManifestMismatchError(name=name)
    return PackedFile(name, sys.intern(media_type), int(size), sha256, salt)


class Checking:
    """Hashes each file of a pack whose pieces it takes; one with another SHA-256 is a FileChangedError."""

    def __init__(self, files: Iterable[PackedFile]) -> None:
        """Receive the files in their order; together they are as long as the pack."""
        self._waiting = iter(files)
        self._begin()

    def _begin(self) -> None:
        self._file = next(self._waiting, None)
        self._left = 0 if self._file is None else self._file.bytes
        self._hashing = hashlib.sha256()

    def update(self, data: memoryview, /) -> None:
        """The next bytes of the pack. Raise FileChangedError."""
        at, end = 0, len(data)
        while self._file is not None and end - at >= self._left:
            self._hashing.update(data[at : at + self._left])
            at += self._left
            self._end(self._file)
        self._hashing.update(data[at:])
        self._left -= end - at

    def end(self) -> None:
        """No more bytes come: judge what has not ended, and what stands behind. Raise FileChangedError."""
        while self._file is not None:
            self._end(self._file)

    def _end(self, file: PackedFile) -> None:
        if self._hashing.hexdigest() != file.sha256:
            raise FileChangedError(name=file.name)
        self._begin()
