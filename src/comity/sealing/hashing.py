"""SHA-256 beside the reading: a thread of its own hashes one piece while the next is read.

Receives pieces of bytes in order; returns digests. Hashing gives the interpreter free and costs more than all
the rest, which is done meanwhile on another core.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Protocol

SMALL = 1 << 16
"""Bytes that are hashed at once: a thread would cost more."""


class Taker(Protocol):
    """What takes bytes."""

    def update(self, data: memoryview, /) -> None:
        """Take more bytes."""


class Hash(Taker, Protocol):
    """What takes bytes and keeps a digest of them."""

    def hexdigest(self) -> str:
        """The digest of what was taken, in hex."""


class Beside:
    """A thread that hashes what it is given, in order."""

    def __init__(self) -> None:
        self._thread: ThreadPoolExecutor | None = None

    def __enter__(self) -> Beside:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish; after an error what still waits is not hashed."""
        if self._thread is not None:
            self._thread.shutdown(wait=True, cancel_futures=error is not None)

    def update(self, taker: Taker, data: memoryview) -> Future[None]:
        """Take more bytes; they may be overwritten, and the digest taken, when the result is there."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "comity-hash")
        return self._thread.submit(taker.update, data)


def update_all(pieces: Iterable[memoryview], *takers: Taker) -> None:
    """Hand pieces that each stay valid until the one after the next is asked for to each taker.

    Every taker has a thread of its own. What was handed over is taken even where the next piece fails.
    """
    before: list[Future[None]] = []
    with ExitStack() as stack:
        threads = [(taker, stack.enter_context(Beside())) for taker in takers]
        try:
            for piece in pieces:
                _demand_taken(before)
                if len(piece) <= SMALL:
                    for taker in takers:
                        taker.update(piece)
                    before = []
                else:
                    before = [beside.update(taker, piece) for taker, beside in threads]
        finally:
            _demand_taken(before)


def _demand_taken(given: list[Future[None]]) -> None:
    """Wait until what was given is taken; raise what went wrong there."""
    for update in given:
        update.result()


def sha256_of(pieces: Iterable[memoryview]) -> str:
    """The SHA-256 (hex) of such pieces."""
    hashing = hashlib.sha256()
    update_all(pieces, hashing)
    return hashing.hexdigest()
