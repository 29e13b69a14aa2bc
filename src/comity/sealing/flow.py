"""Bytes on their way into a file: read into reused buffers, written by threads of their own.

Receives bytes, or lends its buffers to be read into; memory stays the same whatever passes. A few bytes
whose value is known only later (a CRC-32 before its content) can be reserved and filled.
"""

from __future__ import annotations

import fcntl
import io
import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from mmap import ACCESS_COPY, mmap
from types import TracebackType
from typing import IO

BUFFER = 2 << 20
"""Bytes of one buffer: a multiple of the 64 KiB that age encrypts at a time. Handing over smaller ones costs
more."""
_BUFFERS = 6
"""One that is being read into, two that are being written, one that is being hashed, and two that wait."""


def pages(size: int) -> memoryview:
    """Room for so many bytes that takes memory only where it is filled: most of what is sealed is small."""
    return memoryview(mmap(-1, size, access=ACCESS_COPY))  # private to the process


class Sink:
    """Where a flow goes: into a file, at each place and from any thread, or into anything else in order."""

    def __init__(self, out: IO[bytes]) -> None:
        """Receive what stands where the flow is to begin."""
        self._out, self._handle, self._bytes = out, _descriptor(out), 0
        self._start = 0 if self._handle is None else out.tell()

    @property
    def threads(self) -> int:
        """How many may write at once: fresh memory and disks take more from two."""
        return 1 if self._handle is None else 2

    def put(self, data: memoryview, at: int) -> None:
        """Write at a place of the flow; where there is one thread, each place follows the one before."""
        if self._handle is None:
            self._out.write(data)
            self._bytes += len(data)
        else:
            _write_at(self._handle, data, self._start + at)

    def change(self, data: memoryview | bytes, at: int) -> None:
        """Write over bytes that were put; nothing is being put meanwhile."""
        if self._handle is None:
            end = self._out.tell()
            self._out.seek(end - self._bytes + at)
            self._out.write(data)
            self._out.seek(end)
        else:
            _write_at(self._handle, memoryview(data), self._start + at)

    def end(self, at: int) -> None:
        """Everything is written: the file stands behind it, as if it had been written in order."""
        if self._handle is not None:
            self._out.seek(self._start + at)


def _descriptor(out: IO[bytes]) -> int | None:
    """The descriptor of a file of which any place can be written; None for anything else.

    Only Python's own kinds of file: another may do something with what is written to it.
    """
    if type(out) not in {io.FileIO, io.BufferedWriter, io.BufferedRandom} or not out.seekable():
        return None
    out.flush()
    handle = out.fileno()
    appends = fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_APPEND  # pwrite would append too
    return None if appends else handle


def _write_at(handle: int, data: memoryview, place: int) -> None:
    while data:
        count = os.pwrite(handle, data, place)
        data, place = data[count:], place + count


class Flow:
    """Collects what is written in buffers and hands each full one to ``_put``, in order.

    A buffer waits until it is known whether another follows: who encrypts must know which one is the last.
    """

    def __init__(self, out: IO[bytes]) -> None:
        """Receive what stands where the flow is to begin."""
        self._sink = Sink(out)
        self.bytes = 0
        self._free: deque[memoryview] = deque()
        self._unmade = _BUFFERS  # each is made when it is needed: most of what is sealed fits into one
        self._busy: deque[tuple[memoryview, list[Future[None]]]] = deque()
        self._current, self._used = self._next(), 0
        self._full: memoryview | None = None
        """A full buffer that may be the last."""
        self._readers: list[Future[None]] = []
        """Who still reads the buffer that is being filled."""
        self._threads: ThreadPoolExecutor | None = None

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
            self._full, self._current, self._used = self._current, self._next(), 0
        return self._current[self._used :]

    def advance(self, count: int, reader: Future[None] | None = None) -> None:
        """``count`` bytes of ``space`` are filled; the buffer is not used again before ``reader`` is done."""
        if count and self._full is not None:
            self._hand_over(self._full)
        self._used += count
        self.bytes += count
        if reader is not None:
            self._readers.append(reader)

    def write(self, data: bytes | memoryview, /) -> int:
        """Write all of the data."""
        left = memoryview(data)
        while left:
            space = self.space()
            count = min(len(space), len(left))
            space[:count] = left[:count]
            self.advance(count)
            left = left[count:]
        return len(data)

    def reserve(self, size: int) -> int:
        """Leave room for ``size`` bytes (at most a buffer's) whose value comes later; the place of them.

        One room at a time: the next only when this one is filled.
        """
        place = self.bytes
        self._reserve(range(place, place + size))
        self.write(bytes(size))
        return place

    def fill(self, place: int, data: bytes) -> None:
        """Give all reserved bytes their value; something else is still written after them."""
        if self._full is not None:
            self._hand_over(self._full)
        start = self.bytes - self._used  # of the buffer that is still here
        if place < start:
            self._drain()
            self._fill(place, data[: start - place])
        here = data[max(0, start - place) :]
        at = max(0, place - start)
        self._current[at : at + len(here)] = here
        self._reserve(range(0))

    def close(self) -> None:
        """Write what is left; raise the error of any write that failed."""
        try:
            self._drain()
            last = self._current[: self._used] if self._full is None else self._full
            self._put(last, self.bytes - len(last), last=True)
            self._end()
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Let go of the threads; nothing more is written."""
        if self._threads is not None:
            self._threads.shutdown(wait=True, cancel_futures=True)

    def _hand_over(self, full: memoryview) -> None:
        """Give a full buffer to the threads: something follows it."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._sink.threads, "comity-write")
        written = self._threads.submit(self._put, full, self.bytes - self._used - BUFFER, last=False)
        self._busy.append((full, [*self._readers, written]))
        self._full, self._readers = None, []

    def _next(self) -> memoryview:
        """A buffer that nobody uses: one that is free, one more, or the first that is let go."""
        if not self._free and self._unmade:
            self._unmade -= 1
            return pages(BUFFER)
        if not self._free:
            self._release()
        return self._free.popleft()

    def _release(self) -> None:
        buffer, users = self._busy.popleft()
        for user in users:
            user.result()
        self._free.append(buffer)

    def _drain(self) -> None:
        while self._busy:
            self._release()

    def _put(self, data: memoryview, at: int, *, last: bool) -> None:
        """Write one buffer that begins at ``at``; all but the last are full.

        They come in order; where the sink takes more than one thread, several are put at once.
        """
        raise NotImplementedError

    def _end(self) -> None:
        """All of it was put."""
        self._sink.end(self.bytes)

    def _reserve(self, room: range) -> None:
        """These bytes have no value yet; an empty room: all have theirs."""

    def _fill(self, place: int, data: bytes) -> None:
        """Give bytes that were handed over their value; no buffer is on its way meanwhile."""
        raise NotImplementedError


class PlainFlow(Flow):
    """Into a file that can be sought in, as they are, from where it stands."""

    def _put(self, data: memoryview, at: int, *, last: bool) -> None:
        self._sink.put(data, at)

    def _fill(self, place: int, data: bytes) -> None:
        self._sink.change(data, place)
