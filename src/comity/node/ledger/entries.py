"""Add what was done to the ledger, inside the transaction that does it."""

from __future__ import annotations

import secrets
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from comity.node.ledger import wall_clock
from comity.node.ledger.models import Entry
from comity.proofs.entries import SALT_BYTES, commit

_COLUMNS = [field for field in Entry._meta.concrete_fields if not field.primary_key]


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
    salt = secrets.token_bytes(SALT_BYTES)
    entry = Entry(
        kind=kind,
        subject=subject,
        content=content,
        salt=salt,
        commitment=commit(salt, content),
        written_at=now,
    )
    # Every act appends: a statement that stands already spares most of what saving a model takes.
    row = [column.get_db_prep_save(getattr(entry, column.attname), connection) for column in _COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(_insertion(connection.vendor), row)
        entry.pk = cursor.lastrowid if connection.vendor == "sqlite" else cursor.fetchone()[0]
    entry._state.adding, entry._state.db = False, connection.alias
    return entry


@lru_cache(maxsize=2)
def _insertion(vendor: str) -> str:
    quoted = connection.ops.quote_name
    names = ", ".join(quoted(column.attname) for column in _COLUMNS)
    places = ", ".join(["%s"] * len(_COLUMNS))
    table, key = quoted(Entry._meta.db_table), quoted(Entry._meta.pk.attname)
    asked = "" if vendor == "sqlite" else f" RETURNING {key}"  # SQLite says it anyway
    return f"INSERT INTO {table} ({names}) VALUES ({places}){asked}"  # noqa: S608  own names
