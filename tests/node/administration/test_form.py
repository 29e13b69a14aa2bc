"""A new database is laid out at once; that is the form to which the changes, one after the other, lead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from tests.forms import form, rows

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")
BY_DJANGO = {"django_migrations", "django_content_type", "auth_permission"}
"""The tables that Django fills itself: no change of ours puts a row into a new database."""


@pytest.fixture(scope="module", autouse=True)
def other(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[str]:
    """The alias of a second database on the same server; Django demands that it is known before a test."""
    name = str(tmp_path_factory.mktemp("other") / "other.sqlite3")
    if connection.vendor == "postgresql":
        name = f"{connection.settings_dict['NAME']}_other"
    connections.databases["other"] = {**connection.settings_dict, "NAME": name}
    yield "other"
    with django_db_blocker.unblock():
        empty(name)
    del connections["other"], connections.databases["other"]


def empty(name: str) -> None:
    """Remove it; a file is made anew by whoever opens it."""
    connections["other"].close()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
    else:
        Path(name).unlink(missing_ok=True)


@pytest.mark.parametrize("way", ["at once", "change by change"])
def test_an_empty_database_gets_one_form_on_either_way(other: str, way: str) -> None:
    """The database of the tests was laid out at once, by the same command."""
    name = connections[other].settings_dict["NAME"]
    empty(name)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
    command = migrate.Command() if way == "change by change" else "migrate"
    call_command(command, database=other, verbosity=0, interactive=False)
    made = connections[other]
    executor = MigrationExecutor(made)
    assert not executor.migration_plan(executor.loader.graph.leaf_nodes())
    assert form(made) == form(connection)
    assert {table for table, count in rows(made).items() if count} == BY_DJANGO
    for change in (
        "ALTER TABLE casework_case ADD COLUMN x integer",
        "CREATE INDEX y ON casework_case (side)",
    ):
        before = form(made)
        with made.cursor() as cursor:
            cursor.execute(change)
        assert form(made) != before, "and another form would be seen"
