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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import IO, Any

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


@dataclass(frozen=True, slots=True)
class PackedFile:
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
    """The files of a pack in their order, and where each begins."""

    def __init__(self, files: Sequence[PackedFile]) -> None:
        self.files = files
        starts = accumulate((file.bytes for file in files), initial=0)
        self.places = {file.name: (start, file.bytes) for file, start in zip(files, starts, strict=False)}

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
    return PackedFile(name, media_type, int(size), sha256, salt)


def checked(pieces: Iterable[memoryview], files: Iterable[PackedFile]) -> Iterator[memoryview]:
    """The pieces of a pack as they came; raise FileChangedError where a file has another SHA-256."""
    waiting = iter(files)
    file, have, hashing = next(waiting, None), 0, hashlib.sha256()
    for piece in pieces:
        rest = piece
        while file is not None and have + len(rest) >= file.bytes:
            hashing.update(rest[: file.bytes - have])
            rest = rest[file.bytes - have :]
            _demand(file, hashing.hexdigest())
            file, have, hashing = next(waiting, None), 0, hashlib.sha256()
        hashing.update(rest)
        have += len(rest)
        yield piece
    if file is not None:
        _demand(file, hashing.hexdigest())
    for empty in waiting:
        _demand(empty, hashlib.sha256().hexdigest())


def _demand(file: PackedFile, sha256: str) -> None:
    if file.sha256 != sha256:
        raise FileChangedError(name=file.name)
