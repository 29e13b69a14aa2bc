"""Make this process serve one node's folder."""

from __future__ import annotations

import os
from pathlib import Path

import django
from django.apps import apps
from django.core.management import call_command
from django.db import Error, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from comity.node import config
from comity.node.config import NodeConfig
from comity.node.databases import troubles
from comity.terms import ComityError, gettext_noop


def prepare(folder: Path) -> NodeConfig:
    """Set Django up for the node in this folder and connect the rooms; once in a process."""
    node = config.read(folder)  # a clear error before Django starts
    os.environ[config.ENVIRONMENT] = str(folder)
    os.environ["DJANGO_SETTINGS_MODULE"] = "comity.node.settings"
    config.current.cache_clear()
    django.setup()
    from comity.node import wiring  # models can be imported only now

    wiring.connect()
    return node


class DatabaseNewerError(ComityError):
    """A later version of the software has changed the database."""

    code = "database_newer"
    message = gettext_noop("A later version changed the database ({change}); this one cannot undo that.")
    next_step = gettext_noop("Install that version again, or restore the backup that was made before it.")


def migrate(*, anew: bool = False) -> None:
    """Bring the database to the form that this version of the software uses; never back to an older one.

    Only a node that is being made (``anew``) fills an empty database: another one has lost its own, and would
    begin a second ledger under the same key.
    """
    try:
        if not anew:
            troubles.demand_kept()
        demand_known_form()
        call_command("migrate", interactive=False, verbosity=0)
    except Error as error:
        known = troubles.told(error)
        if known is None:
            raise
        raise known from error
    finally:
        connections.close_all()  # no open connection may be shared with a process that is forked later


def missing_changes() -> list[str]:
    """The changes of form that the database lacks."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _ in plan]


def demand_known_form() -> None:
    """Raise DatabaseNewerError where a later version of the software has changed the database."""
    loader = MigrationLoader(connection)
    rooms = {label for label in loader.migrated_apps if apps.get_app_config(label).name.startswith("comity.")}
    for room, change in sorted(loader.applied_migrations):
        if room in rooms and (room, change) not in loader.disk_migrations:
            raise DatabaseNewerError(change=f"{room}.{change}")
