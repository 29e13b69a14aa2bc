"""Files of plain forms on their way into the store: on a disk only encrypted, under a key that is in memory.

Django's own handler for large files writes them plain into a temporary file. This one writes each chunk
encrypted (ChaCha20-Poly1305, a fresh key for each file, the chunk's number as its nonce) into a file without
a name; when the request ends, file and key are gone.
"""

from __future__ import annotations

import io
import tempfile
from typing import IO, Any

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from comity.node import config, durable

_TAG = 16


class EncryptedUploadHandler(FileUploadHandler):
    """Keeps a form's file encrypted until the view reads it."""

    def new_file(self, *args: Any, **more: Any) -> None:
        """A file begins."""
        super().new_file(*args, **more)
        self.hidden = HiddenFile(self.chunk_size)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A piece of it came; nothing of it is left for other handlers."""
        with durable.disk_told():
            self.hidden.add(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[Any]:
        """The whole file, decrypted while it is read."""
        self.hidden.end()
        return UploadedFile(
            file=io.BufferedReader(self.hidden),
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )

    def upload_interrupted(self) -> None:
        """The line broke: what came is forgotten."""
        if hasattr(self, "hidden"):
            self.hidden.close()


class HiddenFile(io.RawIOBase):
    """Added to in pieces, then read and sought in; what lies on the disk is ciphertext of ``chunk`` bytes."""

    def __init__(self, chunk: int) -> None:
        self._chunk = chunk
        self._key = ChaCha20Poly1305(ChaCha20Poly1305.generate_key())
        self._disk: IO[bytes] = tempfile.TemporaryFile(dir=config.current().arriving)  # noqa: SIM115
        self._waiting = b""
        self._count = self._size = self._place = 0

    def add(self, data: bytes) -> None:
        """Take a piece of any size."""
        self._size += len(data)
        self._waiting += data
        while len(self._waiting) >= self._chunk:
            self._write(self._waiting[: self._chunk])
            self._waiting = self._waiting[self._chunk :]

    def end(self) -> None:
        """Nothing more comes."""
        if self._waiting:
            self._write(self._waiting)
            self._waiting = b""
        self._disk.flush()

    def _write(self, data: bytes) -> None:
        self._disk.write(self._key.encrypt(self._count.to_bytes(12), data, None))
        self._count += 1

    def readable(self) -> bool:
        """It is read."""
        return True

    def seekable(self) -> bool:
        """It is sought in."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the plain content."""
        self._place = offset + (0, self._place, self._size)[whence]
        return self._place

    def tell(self) -> int:
        """Where in the plain content it stands."""
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Some bytes from the place on, of one chunk at most."""
        number, within = divmod(self._place, self._chunk)
        if number >= self._count:
            return 0
        self._disk.seek(number * (self._chunk + _TAG))
        plain = self._key.decrypt(number.to_bytes(12), self._disk.read(self._chunk + _TAG), None)
        piece = plain[within : within + len(buffer)]
        buffer[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

    def close(self) -> None:
        """The disk's part vanishes with it."""
        self._disk.close()
        super().close()
