"""Bytes on their way into a file: read into reused buffers, written by a thread of their own.

Receives bytes, or lends its buffers to be read into; writes them in order; memory stays the same whatever
passes.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol

BUFFER = 1 << 20
"""Bytes of one buffer: a multiple of the 64 KiB that age encrypts at a time."""
_BUFFERS = 4


class Writable(Protocol):
    """What bytes can be written into, in order: a file, or a flow."""

    def write(self, data: bytes, /) -> int:
        """Write all of the data."""


class Flow:
    """Collects what is written in buffers and hands each full one to ``_put``, in order.

    A buffer waits until it is known whether another follows: who encrypts must know which one is the last.
    """

    def __init__(self) -> None:
        self.bytes = 0
        self._free = [memoryview(bytearray(BUFFER)) for _ in range(_BUFFERS)]
        self._busy: list[tuple[memoryview, Future[None]]] = []
        self._current, self._used = self._free.pop(), 0
        self._full: memoryview | None = None
        """A full buffer that may be the last."""
        self._thread: ThreadPoolExecutor | None = None

    def __enter__(self) -> Flow:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; after an error nothing more is written."""
        if error is None:
            self.close()
        else:
            self.abandon()

    def space(self) -> memoryview:
        """A part of a buffer, never empty, to read into; ``advance`` says how much was filled."""
        if self._used == BUFFER:
            if not self._free:
                self._release()
            self._full, self._current, self._used = self._current, self._free.pop(), 0
        return self._current[self._used :]

    def advance(self, count: int) -> None:
        """``count`` bytes of ``space`` are filled."""
        if count and self._full is not None:
            self._hand_over(self._full)
        self._used += count
        self.bytes += count

    def write(self, data: bytes, /) -> int:
        """Write all of the data."""
        left = memoryview(data)
        while left:
            space = self.space()
            count = min(len(space), len(left))
            space[:count] = left[:count]
            self.advance(count)
            left = left[count:]
        return len(data)

    def close(self) -> None:
        """Write what is left; raise the error of any write that failed."""
        try:
            self._drain()
            last = self._current[: self._used] if self._full is None else self._full
            self._put(last, self.bytes - len(last), last=True)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Let go of the thread; nothing more is written."""
        if self._thread is not None:
            self._thread.shutdown(wait=True, cancel_futures=True)

    def _hand_over(self, full: memoryview) -> None:
        """Give a full buffer to the thread: something follows it."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "comity-write")
        self._busy.append((full, self._thread.submit(self._put, full, self.bytes - BUFFER, last=False)))
        self._full = None

    def _release(self) -> None:
        buffer, written = self._busy.pop(0)
        written.result()
        self._free.append(buffer)

    def _drain(self) -> None:
        while self._busy:
            self._release()

    def _put(self, data: memoryview, at: int, *, last: bool) -> None:
        """Write one buffer that begins at ``at``; all but the last are full."""
        raise NotImplementedError
