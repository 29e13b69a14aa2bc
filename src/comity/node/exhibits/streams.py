"""Pieces of bytes that come one after the other, as something to read from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, cast


class _Pieces:
    """Just enough of a stream for taking in: ``read`` with a size."""

    def __init__(self, pieces: Iterator[bytes | memoryview]) -> None:
        self._pieces = pieces
        self._left = memoryview(b"")

    def read(self, size: int) -> bytes:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._left = memoryview(piece)
        data, self._left = self._left[:size], self._left[size:]
        return bytes(data)


def from_pieces(pieces: Iterator[bytes | memoryview]) -> BinaryIO:
    """A readable stream over an iterator of bytes; a piece may change when the next is asked for."""
    return cast(BinaryIO, _Pieces(pieces))
