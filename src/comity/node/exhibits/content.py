"""An exhibit's content: segments of at most 64 MiB, encrypted under its own hybrid key, written once.

Bulk work: nothing here may run inside a transaction. A segment is named by the hash of its ciphertext;
a segment that no row names (its process died before the row) is rubbish that takes space and proves nothing.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256, sha512
from typing import IO, BinaryIO, cast

from comity.node import config, durable, folders, store
from comity.sealing import encryption

SEGMENT_BYTES = 64 * 1024 * 1024
"""Plain bytes of one segment; what reading holds in memory at once."""
_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredSegment:
    """One segment in the store: its plain size and the hash of its ciphertext, which names it."""

    bytes: int
    ciphertext_sha256: str


@dataclass(frozen=True, slots=True)
class StoredContent:
    """A content as stored: its key (encrypted to the node's storage key), its size and hash, its segments."""

    wrapped_key: bytes
    bytes: int
    sha256: str
    sha512: str
    segments: tuple[StoredSegment, ...]


def segment_key(ciphertext_sha256: str) -> str:
    """Where a segment lies in the store."""
    return f"segments/{ciphertext_sha256[:2]}/{ciphertext_sha256}"


def write(stream: BinaryIO, *, longer: bool = False) -> StoredContent:
    """Store a stream, hashing it while it passes; constant memory, durable when it returns.

    ``longer``: with SHA-512 too. When it fails, a full disk among the reasons, the segments written until
    then are removed.
    """
    key = new_key()
    counted = _Counted(stream, longer=longer)
    segments: list[StoredSegment] = []
    try:
        for each in _write_segments(counted, _recipient(key)):
            segments.append(each)
    except BaseException:
        discard(segments)
        raise
    return _stored(key, counted, segments)


def new_key() -> bytes:
    """A key for one content, encrypted to the node's storage key."""
    return _wrap(encryption.new_identity()[0])


def append(key: bytes, stream: BinaryIO) -> StoredSegment:
    """Store what a stream holds, at most one segment, under a key that ``new_key`` made."""
    counted = _Counted(stream)
    return next(_write_segments(counted, _recipient(key)))


def reread(key: bytes, segments: Sequence[StoredSegment], *, longer: bool = False) -> StoredContent:
    """The content that lies in these segments, hashed by reading them again."""
    with read(key, [each.ciphertext_sha256 for each in segments]) as stream:
        counted = _Counted(stream, longer=longer)
        while counted.read(_BLOCK):
            pass
    return _stored(key, counted, segments)


def _stored(key: bytes, counted: _Counted, segments: Sequence[StoredSegment]) -> StoredContent:
    longer = counted.longer.hexdigest() if counted.longer is not None else ""
    return StoredContent(key, counted.bytes, counted.hash.hexdigest(), longer, tuple(segments))


def _recipient(key: bytes) -> str:
    return encryption.recipient_of(unwrapped(key))


def discard(segments: Iterable[StoredSegment]) -> None:
    """Remove segments that no row names."""
    for each in segments:
        store.delete(segment_key(each.ciphertext_sha256))


def read(wrapped_key: bytes, segments: list[str]) -> BinaryIO:
    """The plain content as a stream, segment after segment; nothing plain touches a disk."""
    identity = unwrapped(wrapped_key)
    return io.BufferedReader(cast(io.RawIOBase, _Joined(identity, segments)), _BLOCK)


def _wrap(identity: str) -> bytes:
    """The exhibit's key, encrypted to the node's storage key."""
    out = io.BytesIO()
    recipient = folders.storage_recipient(config.current())
    encryption.encrypt(io.BytesIO(identity.encode("ascii")), out, [recipient])
    return out.getvalue()


def unwrapped(wrapped_key: bytes) -> str:
    """The key of one content, as the node's storage key opens it."""
    out = io.BytesIO()
    encryption.decrypt(io.BytesIO(wrapped_key), out, [folders.storage_identity(config.current())])
    return out.getvalue().decode("ascii")


class _Counted:
    """Counts and hashes what is read through it."""

    def __init__(self, stream: BinaryIO, *, longer: bool = False) -> None:
        self.stream = stream
        self.hash = sha256()
        self.longer = sha512() if longer else None
        self.bytes = 0
        self.ended = False

    def read(self, size: int) -> bytes:
        data = self.stream.read(min(size, _BLOCK))
        self.hash.update(data)
        if self.longer is not None:
            self.longer.update(data)
        self.bytes += len(data)
        self.ended = not data
        return data


class _Portion(io.RawIOBase):
    """At most one segment of a counted stream."""

    def __init__(self, source: _Counted) -> None:
        self.source = source
        self.left = SEGMENT_BYTES

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        wanted = self.left if size < 0 else min(size, self.left)
        data = self.source.read(wanted) if wanted else b""
        self.left -= len(data)
        return data


class _Hashed(io.RawIOBase):
    """Writes through to a file and hashes on the way."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out
        self.hash = sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.hash.update(data)
        return self.out.write(data)


def _write_segments(source: _Counted, recipient: str) -> Iterator[StoredSegment]:
    while not source.ended:
        durable.ensure_room(config.current().store, SEGMENT_BYTES)
        before = source.bytes
        with tempfile.TemporaryFile(dir=config.current().arriving) as ciphertext:
            out = _Hashed(ciphertext)
            _encrypt(cast(IO[bytes], _Portion(source)), cast(IO[bytes], out), recipient)
            name = out.hash.hexdigest()
            ciphertext.seek(0)
            if source.bytes > before or before == 0:  # an empty content still has its one segment
                store.put(segment_key(name), ciphertext)
                yield StoredSegment(source.bytes - before, name)


def _encrypt(source: IO[bytes], out: IO[bytes], recipient: str) -> None:
    with durable.disk_told():
        encryption.encrypt(source, out, [recipient])
        out.flush()


class _Joined(io.RawIOBase):
    """Segments decrypted one at a time and read as one stream."""

    def __init__(self, identity: str, segments: list[str]) -> None:
        self.identity = identity
        self.waiting = list(segments)
        self.current: BinaryIO = io.BytesIO()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not (count := self.current.readinto(buffer)) and self.waiting:  # type: ignore[attr-defined]
            self.current = self._decrypted(self.waiting.pop(0))
        return int(count)

    def _decrypted(self, name: str) -> BinaryIO:
        plain = io.BytesIO()
        with store.open(segment_key(name)) as ciphertext:
            encryption.decrypt(ciphertext, plain, [self.identity])
        plain.seek(0)
        return plain
