"""Django's two databases, with a full or failing disk told by name.

Receives what the database's driver raises; raises errors that are a ComityError and Django's OperationalError
at once, so that transactions end as Django ends them. After a sync that failed nothing is known of what was
committed before, so the process ends (``comity.node.durable``).
"""

from __future__ import annotations

from django.db.utils import OperationalError

from comity.node import durable


class DatabaseFullError(durable.DiskFullError, OperationalError):
    """The disk had no room for a change of the database; the transaction did not happen."""


class DatabaseFailedError(durable.DiskFailedError, OperationalError):
    """The disk refused a change of the database; the transaction did not happen."""
