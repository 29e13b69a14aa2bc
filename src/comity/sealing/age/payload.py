"""The payload of an age file: chunks of 64 KiB, each sealed with ChaCha20-Poly1305 (STREAM).

Receives the file key and a stream; encrypts a flow, decrypts from first to last, or opens a file in which one
can seek. Every chunk is authenticated before a byte of it is given out, and sealed under its nonce only once.
"""

from __future__ import annotations

import io
import secrets
from collections import deque
from collections.abc import Iterator
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.sealing.age.header import EncryptionBrokenError, HeaderCutError
from comity.sealing.flow import BUFFER, Flow, pages
from comity.terms import gettext_noop

CHUNK, TAG = 1 << 16, 16
SEALED = CHUNK + TAG
NONCE_BYTES = 16
_RUN = 16
"""Chunks that are read at a time: as many as are opened to reach one byte."""


class PayloadBrokenError(EncryptionBrokenError):
    """A chunk does not hold."""


class PayloadCutError(PayloadBrokenError):
    """The payload ends with a chunk that is not its last."""

    code = "cut_off"


class PayloadTrailingError(PayloadBrokenError):
    """Something follows the chunk that says it is the last."""

    code = "encryption_trailing"
    message = gettext_noop("Something follows the end of the encrypted package.")


class LastChunkEmptyError(PayloadBrokenError):
    """The last chunk holds nothing though others stand before it: a second spelling of the same content."""

    code = "encryption_last_chunk_empty"
    message = gettext_noop("The encrypted package ends with an empty piece.")


class Encrypting(Flow):
    """Encrypts what is written into ``out``, a file that stands where the payload begins.

    A chunk with bytes that have no value yet waits; it is sealed once, when they have theirs.
    """

    def __init__(self, out: IO[bytes], file_key: bytes) -> None:
        nonce = secrets.token_bytes(NONCE_BYTES)
        out.write(nonce)
        super().__init__(out)
        self._chunks = _Chunks(file_key, nonce)
        self._sealed = deque(pages(BUFFER // CHUNK * SEALED) for _ in range(self._sink.threads))
        """A buffer for each thread."""
        self._room = range(0)
        self._waiting: dict[int, bytearray] = {}
        """By number: chunks for which the file has room."""

    def _put(self, data: memoryview, at: int, *, last: bool) -> None:
        first = at // CHUNK
        count = max(1, -(-len(data) // CHUNK))  # an empty payload has one empty chunk
        sealed = self._sealed.popleft()
        for number in range(count):
            plain = data[number * CHUNK : (number + 1) * CHUNK]
            target = sealed[number * SEALED : number * SEALED + len(plain) + TAG]
            if self._waits(first + number):
                self._waiting[first + number] = bytearray(plain)
                target[:] = bytes(len(target))
            else:
                self._chunks.seal(first + number, plain, target, last=last and number == count - 1)
        self._sink.put(sealed[: len(data) + count * TAG], first * SEALED)
        self._sealed.append(sealed)

    def _waits(self, index: int) -> bool:
        room = self._room
        return len(room) > 0 and index * CHUNK < room.stop and room.start < (index + 1) * CHUNK

    def _reserve(self, room: range) -> None:
        self._room = room

    def _fill(self, place: int, data: bytes) -> None:
        for offset, value in enumerate(data, start=place):
            self._waiting[offset // CHUNK][offset % CHUNK] = value
        sealed = self._sealed[0][:SEALED]
        for index, plain in self._waiting.items():
            self._chunks.seal(index, memoryview(plain), sealed, last=False)
            self._sink.change(sealed, index * SEALED)
        self._waiting.clear()

    def _end(self) -> None:
        self._sink.end(self.bytes + max(1, -(-self.bytes // CHUNK)) * TAG)


class _Chunks:
    """Seals and opens chunks by their number."""

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        self._aead = ChaCha20Poly1305(HKDF(SHA256(), 32, salt=nonce, info=b"payload").derive(file_key))

    def seal(self, index: int, plain: memoryview, target: memoryview, *, last: bool) -> None:
        """Seal one chunk into ``target``, which is longer by the tag."""
        self._aead.encrypt_into(_nonce(index, last), plain, None, target)

    def open(self, index: int, sealed: memoryview, target: memoryview, *, last: bool) -> bool:
        """Open one chunk into ``target``; whether it holds."""
        try:
            self._aead.decrypt_into(_nonce(index, last), sealed, None, target)
        except InvalidTag:
            return False
        return True


def _nonce(index: int, last: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def opened_chunks(source: IO[bytes], file_key: bytes) -> Iterator[memoryview]:
    """The payload from first to last; a piece is valid until the next is asked for.

    Raise PayloadCutError or PayloadBrokenError after the pieces in front of what does not hold.
    """
    chunks = _Chunks(file_key, _exactly(source, NONCE_BYTES))
    sealed, plain = pages(_RUN * SEALED + 1), pages(_RUN * CHUNK)
    have = index = 0
    while True:
        have += filled(source, sealed[have:])
        is_end = have <= _RUN * SEALED
        whole = min(have, _RUN * SEALED)
        count = -(-whole // SEALED)
        size, error = _open_run(chunks, index, sealed[:whole], plain, ends=is_end)
        if size:
            yield plain[:size]
        if error is not None:
            raise error
        if is_end:
            return
        sealed[:1] = sealed[whole : whole + 1]
        have, index = 1, index + count


def _open_run(
    chunks: _Chunks, index: int, sealed: memoryview, plain: memoryview, *, ends: bool
) -> tuple[int, PayloadBrokenError | None]:
    """Open a run of chunks, the last of them the payload's if it ``ends``: bytes opened, what is wrong."""
    size = 0
    for at in range(0, max(1, len(sealed)), SEALED):
        piece = sealed[at : at + SEALED]
        is_last = ends and at + SEALED >= len(sealed)
        length = len(piece) - TAG
        if length < 0:
            return size, PayloadBrokenError() if len(piece) else PayloadCutError()
        if length == 0 and index > 0:
            return size, LastChunkEmptyError()
        target = plain[size : size + length]
        if chunks.open(index, piece, target, last=is_last):
            size, index = size + length, index + 1
        elif is_last and length == CHUNK and chunks.open(index, piece, target, last=False):
            return size + length, PayloadCutError()
        elif not is_last and chunks.open(index, piece, target, last=True):
            return size + length, PayloadTrailingError()
        else:
            return size, PayloadBrokenError()
    return size, None


class Opened(io.RawIOBase):
    """The plain content of a file in which one can seek; nothing is kept but one run of chunks.

    Opening it authenticates the last chunk, so that the size holds; each other when it is read.
    """

    def __init__(self, source: IO[bytes], file_key: bytes) -> None:
        super().__init__()
        self._source = source
        self._chunks = _Chunks(file_key, _exactly(source, NONCE_BYTES))
        self._start = source.tell()
        sealed = source.seek(0, io.SEEK_END) - self._start
        self._count = max(1, -(-sealed // SEALED))
        self._sealed_size, self.size = sealed, sealed - self._count * TAG
        self._sealed, self._plain = pages(_RUN * SEALED), pages(_RUN * CHUNK)
        self._run, self._run_size, self._at = -1, 0, 0
        self._load((self._count - 1) // _RUN)

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the plain content."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence])
        return self._at

    def tell(self) -> int:
        """The place in the plain content."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as the content goes."""
        target = memoryview(buffer).cast("B")
        done = 0
        while done < len(target) and self._at < self.size:
            run, offset = divmod(self._at, _RUN * CHUNK)
            if run != self._run:
                self._load(run)
            piece = self._plain[offset : min(self._run_size, offset + len(target) - done)]
            target[done : done + len(piece)] = piece
            done, self._at = done + len(piece), self._at + len(piece)
        return done

    def _load(self, run: int) -> None:
        self._run = -1
        self._source.seek(self._start + run * _RUN * SEALED)
        first, wanted = run * _RUN, min(_RUN * SEALED, self._sealed_size - run * _RUN * SEALED)
        sealed = self._sealed[: max(0, wanted)]
        ends = first + _RUN >= self._count
        if filled(self._source, sealed) != len(sealed):
            raise PayloadCutError
        size, error = _open_run(self._chunks, first, sealed, self._plain, ends=ends)
        if error is not None:
            raise error
        self._run, self._run_size = run, size


def filled(source: IO[bytes] | io.RawIOBase, buffer: memoryview) -> int:
    """Read until the buffer is full or the source ends: how many bytes."""
    take = getattr(source, "readinto", None)
    kind = type(source)
    if (
        kind is not io.FileIO
        and issubclass(kind, io.RawIOBase)
        and kind.read not in {io.RawIOBase.read, io.FileIO.read}
    ):
        take = None  # it says itself how it reads, and nothing of reading into a buffer
    done = 0
    while done < len(buffer):
        if take is not None:
            count = take(buffer[done:])
        else:
            data = source.read(len(buffer) - done)
            count = len(data)
            buffer[done : done + count] = data
        if not count:
            break
        done += count
    return done


def _exactly(source: IO[bytes], size: int) -> bytes:
    data = source.read(size)
    if len(data) != size:
        raise HeaderCutError
    return data
