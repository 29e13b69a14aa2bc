"""PostgreSQL, whose server says in SQLSTATE what its disk did; after a failed sync it stops by itself."""

from __future__ import annotations

from django.db.backends.postgresql import base
from django.utils.functional import cached_property

from comity.node.databases import DatabaseFailedError, DatabaseFullError, DiskTold

_FULL, _FAILED = "53100", "58030"
"""disk_full and io_error."""


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with a disk's failures told by name."""

    @cached_property
    def wrap_database_errors(self) -> _DiskTold:
        """Around every call of the driver."""
        return _DiskTold(self)


class _DiskTold(DiskTold):
    @staticmethod
    def tell(error: BaseException | None) -> None:
        """By its SQLSTATE."""
        state = getattr(error, "sqlstate", None)
        if state == _FULL:
            raise DatabaseFullError from error
        if state == _FAILED:
            raise DatabaseFailedError from error
