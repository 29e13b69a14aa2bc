"""Files that are there as a whole or not at all: partial file, fsync, rename, fsync of the folder.

Receives a path; returns a stream to fill; a full disk becomes one clear refusal, nothing half-written stays.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from comity.terms import ComityError, gettext_noop

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class StorageError(ComityError):
    """This machine could not store something; it says nothing about what was to be stored."""

    code = "storage"
    temporary = True


class DiskFullError(StorageError):
    """No room left where a file was to be written."""

    code = "disk_full"
    temporary = True
    message = gettext_noop("There is no room left to write “{path}”; nothing was written.")
    next_step = gettext_noop("Make room or choose another folder, then do it again.")


class NotWrittenError(StorageError):
    """A file could not be written for another reason."""

    code = "not_written"
    message = gettext_noop("“{path}” could not be written: {reason}.")
    next_step = gettext_noop("Check that the folder exists and may be written to.")


class UnsyncedError(NotWrittenError):
    """The disk failed to sync a file or a folder: nothing is known of what was written before either."""

    code = "unsynced"


class AlreadyThereError(StorageError):
    """Something stands where a new file or folder was to be made."""

    code = "already_there"
    message = gettext_noop("“{path}” is already there; nothing was overwritten.")
    next_step = gettext_noop("Choose another name or an empty folder.")


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _sync(handle, folder)
    finally:
        os.close(handle)


def write_new(path: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a new file and make it durable; the folder is synced by the caller."""
    with (
        refusals(path),
        os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode), "wb") as file,
    ):
        file.write(data)
        file.flush()
        _sync(file.fileno(), path)


@contextmanager
def replacing(path: Path, mode: int = 0o644) -> Iterator[IO[bytes]]:
    """A stream whose content becomes ``path`` in one step when the block ends well, and nothing otherwise."""
    partial = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.partial")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with refusals(path):
        try:
            with os.fdopen(os.open(partial, flags, mode), "w+b") as stream:
                yield stream
                stream.flush()
                _sync(stream.fileno(), path)
            partial.replace(path)
            sync_folder(path.parent)
        except BaseException:
            with suppress(OSError):
                partial.unlink()
            raise


@contextmanager
def growing_folder(path: Path, mode: int = 0o700) -> Iterator[Path]:
    """A folder to fill that becomes ``path`` in one step when the block ends well, and nothing otherwise.

    Raise AlreadyThereError when something but an empty folder stands at ``path``.
    """
    if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        raise AlreadyThereError(path=path)
    partial = path.absolute().with_name(f".{path.absolute().name[:100]}.{secrets.token_hex(8)}.partial")
    with refusals(path):
        try:
            partial.mkdir(mode=mode, parents=True)
            yield partial
            sync_folder(partial)
            partial.rename(path)
            sync_folder(partial.parent)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


def _sync(handle: int, path: Path) -> None:
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno in _FULL:
            raise
        raise UnsyncedError(path=path, reason=error.strerror or error) from None


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Turn an operating system's error while ``path`` is written into a StorageError."""
    try:
        yield
    except FileExistsError:
        raise AlreadyThereError(path=path) from None
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError(path=path) from None
        raise NotWrittenError(path=path, reason=error.strerror or error) from None
