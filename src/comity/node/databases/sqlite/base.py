"""SQLite, whose own codes say what the disk did (https://sqlite.org/rescode.html)."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.sqlite3 import base
from django.utils.functional import cached_property

from comity.node import durable
from comity.node.databases import DatabaseFailedError, DatabaseFullError, DiskTold

_UNSYNCED = {sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC}
_PRIMARY = 0xFF
"""The part of an extended code that is the primary one."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with a disk's failures told by name."""

    @cached_property
    def wrap_database_errors(self) -> _DiskTold:
        """Around every call of the driver."""
        return _DiskTold(self)


@contextmanager
def disk_told() -> Iterator[None]:
    """The same for a connection that is not Django's."""
    try:
        yield
    except sqlite3.Error as error:
        _DiskTold.tell(error)
        raise


class _DiskTold(DiskTold):
    @staticmethod
    def tell(error: BaseException | None) -> None:
        """By its extended code; after a sync that failed the process ends."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
        if code in _UNSYNCED:
            durable.stop(OSError(errno.EIO, "the database could not be synced"))
        if code & _PRIMARY == sqlite3.SQLITE_FULL:
            raise DatabaseFullError from error
        if code & _PRIMARY == sqlite3.SQLITE_IOERR:
            raise DatabaseFailedError from error
