"""The form of a database, told alike however it came about."""

from __future__ import annotations

import re

from django.db.backends.base.base import BaseDatabaseWrapper

POSTGRESQL = {
    "columns": "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, "
    "column_default, is_identity FROM information_schema.columns WHERE table_schema = 'public'",
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) "
    "FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    "indexes": "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "triggers": "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) "
    "FROM pg_trigger WHERE NOT tgisinternal",
}


def form(connection: BaseDatabaseWrapper) -> set[str]:
    """Each column, constraint, index and trigger as the database tells it; columns have no order."""
    if connection.vendor == "postgresql":
        return {f"{kind}: {row}" for kind, query in POSTGRESQL.items() for row in _rows(connection, query)}
    return {
        f"{table}: {part}"
        for table, sql in _rows(connection, "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        if table != "sqlite_sequence"
        for part in _parts(sql)
    }


def rows(connection: BaseDatabaseWrapper) -> dict[str, int]:
    """How many rows each table has."""
    tables = connection.introspection.table_names()
    return {table: _rows(connection, f'SELECT count(*) FROM "{table}"')[0][0] for table in tables}


def _rows(connection: BaseDatabaseWrapper, query: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def _parts(sql: str) -> list[str]:
    """What stands between the outermost commas of a statement."""
    head, _, inner = sql.partition("(")
    if not head.startswith("CREATE TABLE"):
        return [sql]
    parts, depth = [""], 0
    for sign in inner[: inner.rindex(")")]:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [re.sub(r"\s+", " ", part).strip() for part in parts]
