"""A file to be sealed, before it is: its name, how it is opened, and what it must be.

Receives nothing by itself; opens a file only when it is sealed; never writes.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import closing
from typing import IO, NamedTuple

from comity.terms import ComityError, gettext_noop


class SourceChangedError(ComityError):
    """A file gave more or fewer bytes than it had at first."""

    code = "source_changed"
    message = gettext_noop("“{name}” changed while it was being sealed.")
    next_step = gettext_noop("Seal a copy that nobody writes to.")


class SourceUnreadableError(ComityError):
    """A path that cannot be sealed: missing, a link, a device, not permitted."""

    code = "source_unreadable"
    message = gettext_noop("“{path}” cannot be sealed: {reason}.")
    next_step = gettext_noop("Give files and folders that exist; links are not followed.")


class FileDiffersError(ComityError):
    """A file is not the one that was asked to be sealed."""

    code = "file_differs"
    message = gettext_noop("“{name}” does not have the SHA-256 that was given for it.")
    next_step = gettext_noop("Find out which of the two is right before you seal.")


class PackageFile(NamedTuple):
    """A file to be sealed. What is read must have its size and SHA-256 (hex), where they are given.

    One that has a ``path`` may also be opened there by a process of its own (``gathering``); ``named`` bytes
    of it are the folder that was asked to be sealed, 0 where the file itself was.
    """

    name: str
    media_type: str
    open: Callable[[], IO[bytes]]
    bytes: int | None = None
    sha256: str | None = None
    path: str | None = None
    named: int = 0


def size_of(file: PackageFile, source: IO[bytes]) -> int:
    """The bytes that a header needs in front of the content; what cannot tell them is read once for it."""
    if file.bytes is not None:
        return file.bytes
    if source.seekable():
        size = source.seek(0, io.SEEK_END)
        source.seek(0)
        return size
    with closing(file.open()) as counted:
        return sum(len(piece) for piece in iter(lambda: counted.read(1 << 20), b""))


def in_memory(name: str, media_type: str, data: bytes) -> PackageFile:
    """A file whose bytes are already in memory."""
    return PackageFile(name, media_type, lambda: io.BytesIO(data), bytes=len(data))
