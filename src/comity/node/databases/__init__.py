"""Django's two databases, with a full or failing disk told by name.

Receives what the database's driver raises; raises errors that are a ComityError and Django's OperationalError
at once, so that transactions end as Django ends them. After a sync that failed nothing is known of what was
committed before, so the process ends (``comity.node.durable``).
"""

from __future__ import annotations

from abc import abstractmethod
from types import TracebackType
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DatabaseErrorWrapper, OperationalError

from comity.node import durable


class DatabaseFullError(durable.DiskFullError, OperationalError):
    """The disk had no room for a change of the database; the transaction did not happen."""


class DatabaseFailedError(durable.DiskFailedError, OperationalError):
    """The disk refused a change of the database; the transaction did not happen."""


class DiskTold(DatabaseErrorWrapper):
    """Django's wrapper around every call of a driver, which asks first whether the disk failed."""

    @staticmethod
    @abstractmethod
    def tell(error: BaseException | None) -> None:
        """Raise the error of this module that a driver's error is, if it is one."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.tell(error)
        super().__exit__(kind, error, traceback)


def driver(database: BaseDatabaseWrapper) -> Any:
    """The driver's own connection, once Django would let a cursor of it run a statement.

    For the one statement that every act runs: Django's cursors around it take as long as it does. Statements
    belong in ``with database.wrap_database_errors``; they count to the transaction that is open, and are not
    in Django's log of queries.
    """
    database.close_if_health_check_failed()
    database.ensure_connection()
    database.validate_thread_sharing()
    database.validate_no_broken_transaction()
    return database.connection
