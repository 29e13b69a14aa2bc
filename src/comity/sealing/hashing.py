"""SHA-256 beside the reading: a thread of its own hashes one piece while the next is read.

Receives pieces of bytes in order; returns digests. Hashing gives the interpreter free and costs more than all
the rest, which is done meanwhile on another core.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Protocol

SMALL = 1 << 16
"""Bytes that are hashed at once: a thread would cost more."""


class Hash(Protocol):
    """What takes bytes and keeps a digest of them."""

    def update(self, data: memoryview, /) -> None:
        """Take more bytes."""

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

    def update(self, hashing: Hash, data: memoryview) -> Future[None]:
        """Hash more bytes; they may be overwritten, and the digest taken, when the result is there."""
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, "comity-hash")
        return self._thread.submit(hashing.update, data)


def update_all(pieces: Iterable[memoryview], *hashes: Hash) -> None:
    """Hash pieces that each stay valid until the one after the next is asked for."""
    before: list[Future[None]] = []
    with Beside() as beside:
        for piece in pieces:
            for update in before:
                update.result()
            if len(piece) <= SMALL:
                for hashing in hashes:
                    hashing.update(piece)
                before = []
            else:
                before = [beside.update(hashing, piece) for hashing in hashes]


def sha256_of(pieces: Iterable[memoryview]) -> str:
    """The SHA-256 (hex) of such pieces."""
    hashing = hashlib.sha256()
    update_all(pieces, hashing)
    return hashing.hexdigest()
