"""Rows found and written by statements that stand already.

Receives a model's instance, or SQL and its values, of what every letter does many times; spares what Django
takes to build the same statement each time. Names stand between double quotes, which both databases take.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.db.models.expressions import Col

_Found = TypeVar("_Found", bound=Model)


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


def find(model: type[_Found], *, lock: bool = False, **equal: Any) -> list[_Found]:
    """The rows whose fields (by attribute, ``peer_id``) are equal to these.

    With ``lock`` nobody changes them until the transaction ends; on SQLite it keeps others out by itself.
    """
    database = connections[DEFAULT_DB_ALIAS]
    lock = lock and database.features.has_select_for_update
    asked, sql = _selection(model, tuple(equal), lock)
    values = [field.get_db_prep_value(equal[field.attname], database) for field in asked]
    with database.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchall()
    names, readings = _readings(model, database)
    return [model.from_db(database.alias, names, list(map(_read, each, readings))) for each in found]


def get(model: type[_Found], *, lock: bool = False, **equal: Any) -> _Found:
    """The only one of them; the model's DoesNotExist where there is none."""
    found = find(model, lock=lock, **equal)
    if not found:
        raise model.DoesNotExist  # type: ignore[attr-defined]  # every model has it
    return found[0]


def update(row: Model, names: Iterable[str], **equal: Any) -> bool:
    """Write these fields of a row as they are now, if its stored fields are ``equal``; whether it was."""
    database = connections[DEFAULT_DB_ALIAS]
    fields, asked, sql = _change(type(row), tuple(names), tuple(equal))
    values = [field.get_db_prep_save(getattr(row, field.attname), database) for field in fields]
    values += [field.get_db_prep_value(equal[field.attname], database) for field in asked]
    with database.cursor() as cursor:
        cursor.execute(sql, [*values, row._meta.pk.get_db_prep_value(row.pk, database)])
        return bool(cursor.rowcount)


_Reading = tuple[Col, Sequence[Any], BaseDatabaseWrapper]


def _read(value: Any, how: _Reading) -> Any:
    column, readers, database = how
    for reader in readers:
        value = reader(value, column, database)
    return value


def _readings(model: type[Model], database: BaseDatabaseWrapper) -> tuple[list[str], list[_Reading]]:
    """The fields of a row, and what makes Python's values of the connection's; kept as long as it is."""
    kept: dict[type[Model], tuple[list[str], list[_Reading]]] = vars(database).setdefault("readings", {})
    if model not in kept:
        columns = [field.get_col(model._meta.db_table) for field in model._meta.concrete_fields]
        readers = [
            database.ops.get_db_converters(each) + each.get_db_converters(database) for each in columns
        ]
        readings = [(column, each, database) for column, each in zip(columns, readers, strict=True)]
        kept[model] = [column.target.attname for column in columns], readings
    return kept[model]


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


@lru_cache(maxsize=64)
def _selection(model: type[Model], asked: tuple[str, ...], lock: bool) -> tuple[list[Any], str]:
    """The fields that are asked for, and the statement."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    names = ", ".join(f'"{field.column}"' for field in fields.values())
    condition = " AND ".join(f'"{fields[name].column}" = %s' for name in asked)
    locked = " FOR UPDATE" if lock else ""
    sql = f'SELECT {names} FROM "{model._meta.db_table}" WHERE {condition}{locked}'  # noqa: S608  own names
    return [fields[name] for name in asked], sql


@lru_cache(maxsize=64)
def _change(
    model: type[Model], names: tuple[str, ...], asked: tuple[str, ...]
) -> tuple[list[Any], list[Any], str]:
    """The fields that change, those that are asked for, and the statement."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    changes = ", ".join(f'"{fields[name].column}" = %s' for name in names)
    condition = "".join(f'"{fields[name].column}" = %s AND ' for name in asked)
    sql = f'UPDATE "{model._meta.db_table}" SET {changes} WHERE {condition}"{model._meta.pk.column}" = %s'  # noqa: S608  own names
    return [fields[name] for name in names], [fields[name] for name in asked], sql
