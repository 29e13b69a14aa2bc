"""Many files of a disk as one stream, read and hashed by a process of its own (``ahead``).

Receives where the files lie and their sizes; gives their bytes one after the other and the SHA-256 of each
that ended; the process is gone when the stream is closed.
"""

from __future__ import annotations

import io
import mmap
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import IO, Any, cast

from comity.sealing import ahead
from comity.sealing.sources import PackageFile, SourceChangedError, SourceUnreadableError
from comity.terms import ComityError, gettext_noop


class ReaderLostError(ComityError):
    """The process that reads ended before its time: killed, or short of memory."""

    code = "reader_lost"
    temporary = True
    message = gettext_noop("The process that read the files ended before all were read; nothing was sealed.")
    next_step = gettext_noop("Make sure that the machine has memory left, then seal again.")


class Gathering(io.RawIOBase):
    """The files' bytes; ``ended`` is told of each file, in their order, with its SHA-256."""

    _process: subprocess.Popen[bytes] | None = None

    def __init__(
        self, files: deque[tuple[PackageFile, int]], ended: Callable[[PackageFile, int, bytes], None]
    ) -> None:
        """Receive files that have a path, with their sizes; those that ended are no more in ``files``."""
        super().__init__()
        self._waiting, self._ended = files, ended
        memory = os.memfd_create("comity-pack")
        os.ftruncate(memory, ahead.SLOT * ahead.SLOTS)
        freed, self._freed = os.pipe()
        command = [sys.executable, "-I", "-S", ahead.__file__, str(memory), str(freed)]
        pipe = subprocess.PIPE
        try:
            self._process = subprocess.Popen(  # noqa: S603  this program's own file
                command, stdin=pipe, stdout=pipe, pass_fds=(memory, freed)
            )
            self._memory = memoryview(mmap.mmap(memory, ahead.SLOT * ahead.SLOTS, prot=mmap.PROT_READ))
        finally:
            os.close(freed)
            os.close(memory)
        self._answers = cast(IO[bytes], self._process.stdout)
        listed = cast(IO[bytes], self._process.stdin)
        self._telling = Thread(target=_tell, args=(deque(files), listed), name="comity-tell")
        self._telling.start()
        self._number, self._at, self._used = -1, ahead.SLOT, ahead.SLOT
        """The slot, how much of it was given, and its bytes: as if one before the first had been given."""

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Some of the next bytes; none at the end. Raise SourceChangedError, SourceUnreadableError."""
        if self._at == ahead.SLOT:
            self._next()
        start = self._number % ahead.SLOTS * ahead.SLOT + self._at
        count = min(len(buffer), self._used - self._at)
        buffer[:count] = self._memory[start : start + count]
        self._at += count
        return count

    def _next(self) -> None:
        if self._number >= 0:
            with suppress(BrokenPipeError):  # the process has nothing more to fill
                os.write(self._freed, b".")
        self._used, count = self._told()
        self._number, self._at = self._number + 1, 0
        digests = self._exactly(count * ahead.DIGEST)
        for start in range(0, len(digests), ahead.DIGEST):
            file, size = self._waiting.popleft()
            self._ended(file, size, digests[start : start + ahead.DIGEST])
        if self._used < ahead.SLOT and self._waiting:
            file, _ = self._waiting[0]
            _, number = self._told()
            if number:
                raise SourceUnreadableError(path=file.path, reason=os.strerror(number))
            raise SourceChangedError(name=file.name)

    def _told(self) -> tuple[int, int]:
        first, second = ahead.FILLED.unpack(self._exactly(ahead.FILLED.size))
        return first, second

    def _exactly(self, size: int) -> bytes:
        data = self._answers.read(size)
        if len(data) != size:
            raise ReaderLostError
        return data

    def close(self) -> None:
        """End the process, which holds nothing of its own."""
        if not self.closed:
            os.close(self._freed)
            if self._process is not None:
                self._process.kill()
                self._process.wait()
                self._telling.join()
                self._answers.close()
        super().close()


def _tell(files: deque[tuple[PackageFile, int]], listed: IO[bytes]) -> None:
    """Say where each file lies and its size, as fast as the process asks; none is held longer."""
    with suppress(BrokenPipeError), listed:
        while files:
            file, size = files.popleft()
            path = os.fsencode(file.path or "")
            listed.write(ahead.FILE.pack(size, len(path), file.named) + path)
