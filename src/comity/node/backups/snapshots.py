"""A copy of the database as it was at one moment, taken while others write; and a database made from one.

SQLite: the backup API inside a read transaction. PostgreSQL: ``pg_dump`` of an exported snapshot. Both begin
while no letter can change, so that what is linked in that moment belongs to the same moment.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from comity.node.databases.sqlite.base import disk_told
from comity.node.exchange.models import Letter
from comity.terms import ComityError, gettext_noop


class DatabaseNotCopiedError(ComityError):
    """The database's own tool failed."""

    code = "database_not_copied"
    message = gettext_noop("The database could not be copied: {reason}.")
    next_step = gettext_noop("Install PostgreSQL's client programs of the server's version, then try again.")


class DatabaseTakenError(ComityError):
    """A backup is restored into an empty database only."""

    code = "database_taken"
    message = gettext_noop("The database that node.toml names is not empty.")
    next_step = gettext_noop("Make an empty database, then restore again.")


def take(target: Path, meanwhile: Callable[[], None]) -> None:
    """Write the database of this moment to ``target``; ``meanwhile`` runs in that moment, and is short."""
    with _moment(meanwhile) as copy:
        copy(target)


@contextmanager
def _moment(meanwhile: Callable[[], None]) -> Iterator[Callable[[Path], None]]:
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None)) as reading:
            with transaction.atomic():  # IMMEDIATE: nobody writes
                reading.execute("BEGIN")
                reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
                meanwhile()
            yield lambda target: _copy_sqlite(reading, target)
        return
    import psycopg

    with psycopg.connect(**_address()) as reading:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {connection.ops.quote_name(Letter._meta.db_table)} IN SHARE MODE")
            reading.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            row = reading.execute("SELECT pg_export_snapshot()").fetchone()
            meanwhile()
        assert row is not None
        yield lambda target: _run("pg_dump", "--format=custom", f"--snapshot={row[0]}", f"--file={target}")


def _copy_sqlite(reading: sqlite3.Connection, target: Path) -> None:
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    with disk_told(), closing(sqlite3.connect(str(target))) as writing:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it


def put_back(copy: Path) -> None:
    """Make the tables and rows of a PostgreSQL copy in the database of this process; it must be empty."""
    with connection.cursor() as cursor:
        if connection.introspection.table_names(cursor):
            raise DatabaseTakenError
    _run("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(copy))


def _run(program: str, *arguments: str) -> None:
    """A client program of PostgreSQL, told what the address in node.toml says.

    The password goes through the environment, never the command line.
    """
    from psycopg.conninfo import make_conninfo

    found = shutil.which(program)
    if found is None:
        raise DatabaseNotCopiedError(reason=f"{program} is not installed")
    address = _address()
    password = address.pop("password", None)
    given = {} if password is None else {"PGPASSWORD": str(password)}
    command = [found, "--no-password", f"--dbname={make_conninfo(**address)}", *arguments]
    ran = subprocess.run(command, env=os.environ | given, capture_output=True, text=True, check=False)  # noqa: S603 -- our own arguments
    if ran.returncode:
        raise DatabaseNotCopiedError(reason=(ran.stderr.strip().splitlines() or [program])[-1][:300])


def _address() -> dict[str, Any]:
    settings = connection.settings_dict
    given = {name.lower(): settings[name] for name in ("HOST", "PORT", "USER", "PASSWORD") if settings[name]}
    return {**given, **settings["OPTIONS"], "dbname": settings["NAME"]}
