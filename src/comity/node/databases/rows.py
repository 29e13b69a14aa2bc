"""Rows written by statements that stand already.

Receives a model's instance, or SQL and its values, of what every letter does many times; spares what Django
takes to build the same statement each time. Names stand between double quotes, which both databases take.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Model


def insert(row: Model, *, unless_there: bool = False) -> bool:
    """Insert a new row, and give it its key; whether it was.

    With ``unless_there`` one that a unique constraint forbids is left out. No signal is sent.
    """
    columns, sql = _insertion(type(row), row.pk is None, unless_there)
    values = [column.get_db_prep_save(getattr(row, column.attname), connection) for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchone()
    if found is None:
        return False
    row.pk = row._meta.pk.to_python(found[0])
    row._state.adding, row._state.db = False, connection.alias
    return True


def execute(sql: str, values: Mapping[str, Any]) -> int:
    """Execute a statement; how many rows it changed."""
    with connection.cursor() as cursor:
        cursor.execute(sql, _prepared(values))
        return int(cursor.rowcount)


def execute_each(sql: str, each: Iterable[Mapping[str, Any]]) -> None:
    """Execute one statement with the values of each in turn."""
    with connection.cursor() as cursor:
        cursor.executemany(sql, [_prepared(values) for values in each])


def _prepared(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as the database takes them."""
    moment = connection.ops.adapt_datetimefield_value
    return {name: moment(value) if isinstance(value, datetime) else value for name, value in values.items()}


@lru_cache(maxsize=64)
def _insertion(model: type[Model], unkeyed: bool, unless_there: bool) -> tuple[list[Any], str]:
    """The columns of a new row and the statement; ``unkeyed``: the database gives the key."""
    columns = [field for field in model._meta.concrete_fields if not (field.primary_key and unkeyed)]
    names = ", ".join(f'"{column.column}"' for column in columns)
    places = ", ".join(["%s"] * len(columns))
    conflict = " ON CONFLICT DO NOTHING" if unless_there else ""
    table, key = model._meta.db_table, model._meta.pk.column
    added = f'INSERT INTO "{table}" ({names}) VALUES ({places}){conflict} RETURNING "{key}"'  # noqa: S608  own names
    return columns, added
