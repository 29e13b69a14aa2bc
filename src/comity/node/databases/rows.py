"""Rows found and written by statements that stand already.

Receives a model's instance, or SQL and its values, of what every letter does many times; spares what Django
takes to build the same statement each time. Names stand between double quotes, which both databases take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import CharField, Model, TextField

from comity.node import databases

M = TypeVar("M", bound=Model)


def those(model: type[M], *, lock: bool = False, **wanted: Any) -> list[M]:
    """The rows whose columns are ``wanted`` (by attribute name, None: empty), in the order of their keys.

    With ``lock`` nobody changes them until the transaction ends; on SQLite it keeps others out by itself.
    """
    lock = lock and connection.features.has_select_for_update
    columns = tuple((name, sought is None) for name, sought in wanted.items())
    selection = _selection(model, columns, lock=lock)
    values = [
        selection.fields[name].get_db_prep_value(sought, connection)
        for name, sought in wanted.items()
        if sought is not None
    ]
    return _made(model, selection, values)


def among(model: type[M], name: str, sought: Sequence[Any]) -> list[M]:
    """The rows of which this column is one of the ``sought`` values, in the order of their keys."""
    if not sought:
        return []
    field = {each.attname: each for each in model._meta.concrete_fields}[name]
    places = ", ".join(["%s"] * len(sought))
    selection = _choice(model, f'WHERE "{field.column}" IN ({places}) ORDER BY "{model._meta.pk.column}"')
    return _made(model, selection, [field.get_db_prep_value(each, connection) for each in sought])


def find(model: type[M], *, lock: bool = False, **wanted: Any) -> M | None:
    """The first of those; None without any."""
    return next(iter(those(model, lock=lock, **wanted)), None)


def last(model: type[M]) -> M | None:
    """The row with the largest key; None without any."""
    made = _made(model, _selection(model, (), last=True), [])
    return made[0] if made else None


def get(model: type[M], **wanted: Any) -> M:
    """The same of one that is there; the model's DoesNotExist else."""
    found = find(model, **wanted)
    if found is None:
        raise model.DoesNotExist  # type: ignore[attr-defined]  # every model has it
    return found


def chosen(model: type[M], which: str, values: Mapping[str, Any]) -> list[M]:
    """The rows that a condition and an order in SQL choose (all that stands behind the table's name)."""
    return _made(model, _choice(model, which), _prepared(values))


def value(sql: str, values: Mapping[str, Any]) -> Any:
    """The one value that a question is answered with."""
    return tuples(sql, values)[0][0]


def tuples(sql: str, values: Mapping[str, Any] | list[Any]) -> list[tuple[Any, ...]]:
    """The rows that a question is answered with, their columns as the database gives them.

    ``values`` by name, or in their order and as the database takes them.
    """
    return _answered(sql, values if isinstance(values, list) else _prepared(values))[0]


def insert(row: Model, *, unless_there: bool = False) -> bool:
    """Insert a new row, and give it its key; whether it was.

    With ``unless_there`` one that a unique constraint forbids is left out. No signal is sent.
    """
    columns, sql = _insertion(type(row), row.pk is None, unless_there)
    found, _ = _answered(sql, _kept(row, columns))
    if not found:
        return False
    row.pk = row._meta.pk.to_python(found[0][0])
    row._state.adding, row._state.db = False, connection.alias
    return True


def update(row: Model, names: Iterable[str], **equal: Any) -> bool:
    """Write these fields of a row as they are now, if its stored fields are ``equal``; whether it was."""
    fields, asked, sql = _change(type(row), tuple(names), tuple(equal))
    values = _kept(row, fields)
    values += [field.get_db_prep_value(equal[field.attname], connection) for field in asked]
    values.append(row._meta.pk.get_db_prep_value(row.pk, connection))
    return bool(_answered(sql, values)[1])


def execute(sql: str, values: Mapping[str, Any]) -> int:
    """Execute a statement; how many rows it changed."""
    return _answered(sql, _prepared(values))[1]


def execute_each(sql: str, each: Iterable[Mapping[str, Any]]) -> None:
    """Execute one statement with the values of each in turn."""
    database, prepared = connections[DEFAULT_DB_ALIAS], [_prepared(values) for values in each]
    if _is_listened_to(database):
        with database.cursor() as cursor:
            cursor.executemany(sql, prepared)
        return
    words = _in_words_of(database.vendor, sql)
    with database.wrap_database_errors, closing(databases.driver(database).cursor()) as asked:
        asked.executemany(words, prepared)


def _answered(sql: str, values: list[Any] | dict[str, Any]) -> tuple[list[tuple[Any, ...]], int]:
    """The rows with which a statement is answered, and how many it changed.

    Asked of the driver: Django's cursors around it take eight times as long as it does. Where somebody
    listens to them (a test that counts statements), they are asked.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if _is_listened_to(database):
        with database.cursor() as cursor:
            cursor.execute(sql, values)
            return (cursor.fetchall() if cursor.description else []), cursor.rowcount
    driver, words = databases.driver(database), _in_words_of(database.vendor, sql)
    with database.wrap_database_errors:
        answer = driver.execute(words, values)
        return (answer.fetchall() if answer.description else []), answer.rowcount


def _is_listened_to(database: Any) -> bool:
    return bool(database.execute_wrappers or database.queries_logged)


_PLACE = re.compile(r"%(?:(s)|(%)|\((\w+)\)s)")


@lru_cache(maxsize=512)
def _in_words_of(vendor: str, sql: str) -> str:
    """A statement as the driver takes it: SQLite's has its own words for the places of values."""
    if vendor != "sqlite":
        return sql
    return _PLACE.sub(lambda place: "?" if place[1] else place[2] or f":{place[3]}", sql)


def _kept(row: Model, fields: Iterable[Any]) -> list[Any]:
    """What the database keeps of these fields of a row; a text and nothing are kept as they are."""
    database = connections[DEFAULT_DB_ALIAS]
    found = ((field, getattr(row, field.attname)) for field in fields)
    return [
        value
        if value is None or (type(value) is str and _is_text(field))
        else field.get_db_prep_save(value, database)
        for field, value in found
    ]


@cache
def _is_text(field: Any) -> bool:
    return type(field.target_field if field.remote_field else field) in (CharField, TextField)


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
def _change(
    model: type[Model], names: tuple[str, ...], asked: tuple[str, ...]
) -> tuple[list[Any], list[Any], str]:
    """The fields that change, those that are asked for, and the statement."""
    fields = {field.attname: field for field in model._meta.concrete_fields}
    changes = ", ".join(f'"{fields[name].column}" = %s' for name in names)
    condition = "".join(f'"{fields[name].column}" = %s AND ' for name in asked)
    sql = f'UPDATE "{model._meta.db_table}" SET {changes} WHERE {condition}"{model._meta.pk.column}" = %s'  # noqa: S608  own names
    return [fields[name] for name in names], [fields[name] for name in asked], sql


@dataclass(frozen=True, slots=True)
class _Selection:
    """A question, the fields that its rows have, and what turns columns (by place) into their values."""

    sql: str
    fields: dict[str, Any]
    converters: list[tuple[int, Callable[..., Any], Any]]


def _made(model: type[M], selection: _Selection, values: list[Any] | dict[str, Any]) -> list[M]:
    """The rows that answer a question."""
    found = [list(row) for row in _answered(selection.sql, values)[0]]
    for row in found:
        for at, convert, expression in selection.converters:
            row[at] = convert(row[at], expression, connection)
    return [model.from_db(connection.alias, list(selection.fields), row) for row in found]


@lru_cache(maxsize=64)
def _selection(
    model: type[Model], wanted: tuple[tuple[str, bool], ...], *, last: bool = False, lock: bool = False
) -> _Selection:
    """``wanted``: columns, and whether each is to be empty; ``last``: only the row with the largest key."""
    columns = {field.attname: field.column for field in model._meta.concrete_fields}
    conditions = [f'"{columns[name]}" {"IS NULL" if empty else "= %s"}' for name, empty in wanted]
    which = f"WHERE {' AND '.join(conditions)} " if conditions else ""
    end = (" DESC LIMIT 1" if last else "") + (" FOR UPDATE" if lock else "")
    return _choice(model, f'{which}ORDER BY "{model._meta.pk.column}"{end}')


@lru_cache(maxsize=128)
def _choice(model: type[Model], which: str) -> _Selection:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    table = model._meta.db_table
    # With their table's name: SQLite takes the bare name of a column that is not there for a text.
    names = ", ".join(f'"{table}"."{field.column}"' for field in fields.values())
    asked = f'SELECT {names} FROM "{table}" {which}'  # noqa: S608  own names
    expressions = [field.get_col(table) for field in fields.values()]
    converters = [
        (at, convert, each)
        for at, each in enumerate(expressions)
        for convert in (*connection.ops.get_db_converters(each), *each.get_db_converters(connection))
    ]
    return _Selection(asked, fields, converters)
