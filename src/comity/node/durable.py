"""Files that are on disk when the call returns, or are not there at all.

Receives bytes and a path inside the node's folder; returns when file and directory are synced; never
leaves a half-written file under its final name, and never goes on after the disk has lied.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO, NoReturn
from uuid import uuid4

from comity.sealing import durable as written
from comity.terms import ComityError, gettext_noop

EXIT_DISK_BROKEN = 74
"""Exit status of a process that stopped because a sync failed (EX_IOERR); the node then stops whole."""
SUPERVISOR = "COMITY_SUPERVISOR"
"""The environment variable with the process id to tell (SIGUSR1) that the disk is broken."""
RESERVE = 64 * 1024 * 1024
"""Bytes that bulk data must leave free, so that ledger and desk can go on when the disk fills."""
_BLOCK = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FAILED = {errno.EIO, errno.EROFS}
"""A write that the disk refused, and what a file system becomes that has seen one."""
_log = logging.getLogger(__name__)


class DiskFullError(ComityError):
    """There is no room for what was to be written."""

    code = "disk_full"
    temporary = True
    message = gettext_noop("There is no room on the disk; nothing was stored.")
    next_step = gettext_noop("Free space on the node's disk; what was being sent is tried again.")


class DiskFailedError(ComityError):
    """The disk refused a write. Nothing relies on what was to be written."""

    code = "disk_failed"
    temporary = True
    message = gettext_noop("The disk did not take what was to be written; nothing was stored.")
    next_step = gettext_noop("Check the disk and the system's journal; what was being sent is tried again.")


class FileExistsAlreadyError(ComityError):
    """A write-once name is taken."""

    code = "file_exists_already"
    message = gettext_noop("“{name}” is stored already and is never overwritten.")
    next_step = gettext_noop("Use another name.")


def _stop(error: OSError) -> NoReturn:
    # After a failed fsync the kernel may have dropped the pages, and a second fsync reports success
    # (the PostgreSQL "fsyncgate" of 2018): the only safe answer is to stop and recover from what is on disk.
    _log.critical("the disk reported an error while syncing (errno %s): the node stops", error.errno)
    sys.stderr.flush()
    if supervisor := os.environ.get(SUPERVISOR):
        with suppress(ProcessLookupError):
            os.kill(int(supervisor), signal.SIGUSR1)
    os._exit(EXIT_DISK_BROKEN)


stop: Callable[[OSError], NoReturn] = _stop


def sync(descriptor: int) -> None:
    """Sync one open file or directory. A full disk raises DiskFullError, any other failure stops the node."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFullError from error
        stop(error)


def sync_directory(directory: Path) -> None:
    """Sync a directory, so that a name in it survives a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync(descriptor)
    finally:
        os.close(descriptor)


def make_directories(directory: Path) -> None:
    """Make a folder and its parents, mode 0700, each name synced."""
    missing: list[Path] = []
    while not directory.exists():
        missing.append(directory)
        directory = directory.parent
    for folder in reversed(missing):
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        sync_directory(folder.parent)


@contextmanager
def new_file(target: Path, *, mode: int = 0o600) -> Iterator[BinaryIO]:
    """A file that appears under ``target`` whole and synced when the block ends, or never.

    Raises FileExistsAlreadyError when the name is taken, DiskFullError when there is no room and
    DiskFailedError when the disk refuses; what was written until then is removed.
    """
    partial = target.with_name(f".{target.name}.{uuid4().hex}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with disk_told(), os.fdopen(descriptor, "wb", buffering=_BLOCK) as out:
            yield out
            out.flush()
            sync(out.fileno())
        with disk_told():
            os.link(partial, target)  # unlike a rename, a link never replaces a file
    except FileExistsError:
        raise FileExistsAlreadyError(name=target.name) from None
    finally:
        partial.unlink(missing_ok=True)
    sync_directory(target.parent)


@contextmanager
def replacing(path: Path, mode: int = 0o644) -> Iterator[IO[bytes]]:
    """A file that is replaced as a whole (``comity.sealing.durable``); a failed sync stops the node."""
    try:
        with written.replacing(path, mode) as out:
            yield out
    except written.UnsyncedError as error:
        stop(OSError(errno.EIO, str(error)))


@contextmanager
def disk_told() -> Iterator[None]:
    """Tell a full disk as DiskFullError, one that refuses as DiskFailedError, whatever was being written."""
    try:
        yield
    except OSError as error:
        if known := told(error):
            raise known from error
        raise


def told(error: Exception) -> ComityError | None:
    """What a full or failing disk is called; None where the error is no disk's."""
    number = error.errno if isinstance(error, OSError) else None
    return DiskFullError() if number in _FULL else DiskFailedError() if number in _FAILED else None


def ensure_room(folder: Path, size: int) -> None:
    """Raise DiskFullError unless ``size`` more bytes leave the reserve free."""
    if not has_room(folder, size):
        raise DiskFullError


def has_room(folder: Path, size: int = 0) -> bool:
    """Whether ``size`` more bytes leave the reserve free."""
    return shutil.disk_usage(folder).free >= size + RESERVE
