"""What an error of the database means to whoever runs the node.

Receives Django's errors; returns errors with a code and a next step. It goes by the driver's own code where
there is one, never by its words: those are in the server's language. Django's own are always the same.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import psycopg
from django.db import (
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    connection,
)

from comity.terms import ComityError, gettext_noop

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR)
_PRIMARY = 0xFF
"""The part of SQLite's extended codes that says of which kind an error is."""
_DAMAGED_CLASSES = ("XX", "58")
"""SQLSTATE: internal errors (of which corrupted data and indexes are some), and errors of the system."""
_LACKING = ("42P01", "42703", "3F000")
"""SQLSTATE: no such table, no such column, no such schema."""
_NOT_ADMITTED = "42501"
"""SQLSTATE: this user may not."""
_OF_ONE_STATEMENT = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
"""The database is well: a value does not fit, or the statement is wrong."""
_TOO_OLD = re.compile(r".+ or later is required \(found .+\)\.")
"""What Django says of a server or library that it does not know any more, at the first connection."""


class DatabaseUnreachableError(ComityError):
    """The database that node.toml names does not answer."""

    code = "database_unreachable"
    temporary = True
    message = gettext_noop("The node's database does not answer: {reason}")
    next_step = gettext_noop("Check the address in node.toml and that the server runs and admits this node.")


class DatabaseBrokenError(ComityError):
    """The database answers that what it keeps cannot be read."""

    code = "database_broken"
    message = gettext_noop("The node's database is damaged: {reason}")
    next_step = gettext_noop("Stop the node, keep the files as they are, check the disk, restore a backup.")


class DatabaseOutdatedError(ComityError):
    """The database has no such table or column."""

    code = "database_outdated"
    message = gettext_noop("The node's database lacks what this version keeps in it: {reason}")
    next_step = gettext_noop("Bring it to this version's form: comity node upgrade DIR --backup PLACE")


class DatabaseTooOldError(ComityError):
    """The server, or the library of SQLite, is of a version that Django does not work with."""

    code = "database_too_old"
    message = gettext_noop("The node's database is of a version that is too old: {reason}")
    next_step = gettext_noop(
        "Upgrade the server of PostgreSQL, or the system's library of SQLite, and start again."
    )


class DatabaseEmptyError(ComityError):
    """The database answers and has no table at all."""

    code = "database_empty"
    message = gettext_noop("The node's database is empty: it is the wrong one, or was lost.")
    next_step = gettext_noop("Name the right one in node.toml, or restore a backup.")


def told(error: Error) -> ComityError | None:
    """The error as one that says what to do; what is not known counts as damage.

    None where the database is well, and one statement or its values are to blame.
    """
    said = (str(error).splitlines() or [type(error).__name__])[0]
    cause = error.__cause__
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    if state in _LACKING:
        return DatabaseOutdatedError(reason=said)
    if state == _NOT_ADMITTED:
        return DatabaseUnreachableError(reason=said)
    if isinstance(error, NotSupportedError) and cause is None and _TOO_OLD.fullmatch(said):
        return DatabaseTooOldError(reason=said)
    if isinstance(error, _OF_ONE_STATEMENT):
        return None
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause, said)
    if state is not None and state.startswith(_DAMAGED_CLASSES):
        return DatabaseBrokenError(reason=said)
    if isinstance(error, (OperationalError, InterfaceError)):
        return DatabaseUnreachableError(reason=said)
    return DatabaseBrokenError(reason=said)


def _of_sqlite(cause: sqlite3.Error, said: str) -> ComityError:
    code = getattr(cause, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & _PRIMARY
    if code in _DAMAGED:
        return DatabaseBrokenError(reason=said)
    if code == sqlite3.SQLITE_ERROR:  # a statement that this database cannot be asked
        return DatabaseOutdatedError(reason=said)
    return DatabaseUnreachableError(reason=said)


def demand_there() -> None:
    """Raise DatabaseUnreachableError where the database does not answer; make none where there is none."""
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        if not path.is_file():  # SQLite would make an empty one
            raise DatabaseUnreachableError(reason=f"{path.name} is not there")
    connection.ensure_connection()


def demand_kept() -> None:
    """The same, and raise DatabaseEmptyError where nothing is in it."""
    demand_there()
    if not connection.introspection.table_names():
        raise DatabaseEmptyError
