"""Work that must happen after a commit: outbox rows with lease, retry and back-off.

Receives a kind and a payload inside a transaction; runs the registered handler at least once;
never loses one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
TOGETHER = 0.5
"""Seconds after which jobs that were claimed with others, and not begun yet, are given back: more urgent ones
may have come."""


class Later(Exception):  # noqa: N818 -- not an error: the handler's answer "not yet"
    """Raised by a handler whose work cannot be done before ``seconds`` have passed. It is no failure."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"in {seconds} s")


class Alone(Exception):  # noqa: N818 -- not an error: a handler of several says "not this one with others"
    """What a handler of several says of a job that has to be run by itself."""


def in_time(pieces: Iterable[T]) -> Iterator[T]:
    """The pieces of work of several jobs, one at least, until the time of those that are claimed is over."""
    began = time.monotonic()
    for piece in pieces:
        yield piece
        if time.monotonic() - began > TOGETHER:
            return
