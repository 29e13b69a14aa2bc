"""Add what was done to the ledger, inside the transaction that does it."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

from comity import canonical
from comity.node import databases
from comity.node.ledger import wall_clock
from comity.node.ledger.models import Entry
from comity.proofs.entries import SALT_BYTES, commit_written

NAMES = ("id", "index", "kind", "subject", "content", "salt", "commitment", "written_at")
"""Columns in the model's order; what the database gives and what the sequencer gives come first."""


def append(kind: str, subject: str, content: dict[str, Any], *, now: datetime) -> Entry:
    """Note one thing done; it commits, or not, with the caller's transaction.

    Exactly ``content`` (JSON values, no personal data beyond what its owner keeps) is committed to, under
    a new random salt; ``kind`` and ``subject`` are for finding it. The sequencer gives the entry its place
    in the log afterwards. Raises ClockSteppedError while the clock that gave ``now`` cannot be believed.
    """
    wall_clock.demand_steady()
    return append_though_stepped(kind, subject, content, now=now)


def append_though_stepped(kind: str, subject: str, content: dict[str, Any], *, now: datetime) -> Entry:
    """The same for the one act that says of a stepped clock that it is right."""
    salt, written = secrets.token_bytes(SALT_BYTES), canonical.write(content)
    commitment = commit_written(salt, written)
    database = connections[DEFAULT_DB_ALIAS]
    moment = database.ops.adapt_datetimefield_value(now)
    row = (kind, subject, written.decode(), salt, commitment, moment)
    driver = databases.driver(database)
    with database.wrap_database_errors:
        added = driver.execute(_insertion(database.vendor), row)
        key = added.lastrowid if database.vendor == "sqlite" else added.fetchone()[0]
    values = (key, None, kind, subject, content, salt, commitment, now)
    return Entry.from_db(database.alias, NAMES, values)


@lru_cache(maxsize=2)
def _insertion(vendor: str) -> str:
    """In the driver's own words."""
    quoted = connections[DEFAULT_DB_ALIAS].ops.quote_name
    given = NAMES[2:]
    place, asked = ("?", "") if vendor == "sqlite" else ("%s", f" RETURNING {NAMES[0]}")
    names, places = ", ".join(map(quoted, given)), ", ".join([place] * len(given))
    return f"INSERT INTO {quoted(Entry._meta.db_table)} ({names}) VALUES ({places}){asked}"  # noqa: S608  own names
