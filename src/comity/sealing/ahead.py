"""A process of its own that opens, reads and hashes many files, ahead of the one that seals them.

Run by its path, with nothing loaded but what it needs: `python ahead.py MEMORY FREED`. Receives on standard
input where each file lies and its size; puts their contents one after the other into shared memory, and says
on standard output what is there; writes no file. One process for everything would have one interpreter for a
hundred thousand files and for the encryption.
"""

from __future__ import annotations

import mmap
import os
import signal
import struct
import sys
from hashlib import sha256
from typing import BinaryIO

SLOT, SLOTS = 1 << 20, 8
"""Bytes that are handed over at a time, and how many times before one must be given back."""
FILE = struct.Struct("<QII")
"""Of each file: its size, the length of its path, which follows, and how much of that was named (``Way``)."""
FILLED = struct.Struct("<II")
"""Bytes of a slot, which is full unless it is the last, and how many digests follow: of files that ended."""
STOPPED = 0xFFFFFFFF
"""Stands instead of a slot's bytes in front of the number of the system's error about the next file; it is 0
if the file has not the size that it had."""
DIGEST = 32
READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""How a file is opened: no link is followed, and nothing is waited for."""
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
"""How a folder is opened: not if a link came in its place."""
_MORE = bytearray(1)
"""Room for a byte that a file should not have."""


class Way:
    """Opens files below folders that were named; from there on no part of the way to them may be a link.

    The last file's folder stays open: as a rule the next lies in it too.
    """

    def __init__(self) -> None:
        self._folder, self._handle = b"", -1

    def opened(self, path: bytes, named: int) -> int:
        """A file; the first ``named`` bytes of its path are the folder that was named, 0: it was itself.

        Raise OSError.
        """
        if not named:
            return os.open(path, READING)
        folder, _, name = path.rpartition(b"/")
        if self._handle < 0 or folder != self._folder:
            self.close()
            self._enter(folder[:named])
            for part in folder[named:].split(b"/"):
                if part:
                    self._enter(part)
            self._folder = folder
        return os.open(name, READING, dir_fd=self._handle)

    def _enter(self, folder: bytes) -> None:
        outer, inner = self._handle, -1
        try:
            inner = os.open(folder, FOLDER, dir_fd=outer if outer >= 0 else None)
        finally:
            self._handle = inner
            if outer >= 0:
                os.close(outer)

    def close(self) -> None:
        """Hold no folder any more."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


class _Slots:
    """The shared memory, filled slot after slot."""

    def __init__(self, memory: int, freed: int, out: BinaryIO) -> None:
        self._whole = memoryview(mmap.mmap(memory, SLOT * SLOTS))
        self._freed, self._out = freed, out
        self._number = 0
        self.digests: list[bytes] = []
        self._begin()

    def _begin(self) -> None:
        start = self._number % SLOTS * SLOT
        if self._number >= SLOTS and not os.read(self._freed, 1):
            sys.exit(0)  # nobody wants more
        self.space, self.used = self._whole[start : start + SLOT], 0

    def fill(self, count: int) -> None:
        """So many bytes more are in this slot."""
        self.used += count
        if self.used == SLOT:
            self.hand_over()
            self._number += 1
            self._begin()

    def hand_over(self) -> None:
        """Say what is in this slot."""
        self._out.write(FILLED.pack(self.used, len(self.digests)) + b"".join(self.digests))
        self._out.flush()
        self.digests.clear()


def _read(handle: int, size: int, slots: _Slots) -> bool:
    """One open file into as many slots as it takes; whether it has that size. Raise OSError."""
    try:
        hashing, left = sha256(), size
        while True:
            piece = slots.space[slots.used : slots.used + left]
            is_rest = len(piece) == left
            count = os.readv(handle, [piece, _MORE] if is_rest else [piece])
            if count > left or (left and not count):
                return False
            hashing.update(piece[:count])
            slots.fill(count)
            left -= count
            if is_rest and not left:
                slots.digests.append(hashing.digest())
                return True
    finally:
        os.close(handle)


def _main(memory: int, freed: int) -> None:
    listed, out = sys.stdin.buffer, sys.stdout.buffer
    slots, way = _Slots(memory, freed, out), Way()
    why = None
    while why is None and (head := listed.read(FILE.size)):
        size, length, named = FILE.unpack(head)
        try:
            why = None if _read(way.opened(listed.read(length), named), size, slots) else 0
        except OSError as error:
            why = error.errno
    slots.hand_over()
    if why is not None:
        out.write(FILLED.pack(STOPPED, why))
        out.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # who started it says what there is to say
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # nobody wants more
    _main(int(sys.argv[1]), int(sys.argv[2]))
