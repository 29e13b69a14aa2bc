"""Django's two databases, with a full or failing disk told by name.

Receives what the database's driver raises; raises errors that are a ComityError and Django's OperationalError
at once, so that transactions end as Django ends them. After a sync that failed nothing is known of what was
committed before, so the process ends (``comity.node.durable``).
"""

from __future__ import annotations

from abc import abstractmethod
from types import TracebackType

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
