"""``migrate``: an empty database gets the form of today at once, one with tables the changes it lacks.

Change after change, Django renders every model anew for each, which costs a new node most of its making.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor


class Command(migrate.Command):
    """Django's own command, which from an empty database takes the short way."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Lay an empty database out, unless only a part of the changes is asked for."""
        connection = connections[options["database"]]
        if not options["app_label"] and not connection.introspection.table_names():
            lay_out(connection)
        super().handle(*args, **options)


def lay_out(connection: BaseDatabaseWrapper) -> None:
    """Make every table as its model is now and note every change as made, all in one transaction."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    made = [
        key
        for migration, _ in plan
        for key in (migration.replaces or [(migration.app_label, migration.name)])
    ]
    changes = executor.recorder.Migration
    with connection.schema_editor(atomic=True) as editor:
        for model in (changes, *apps.get_models()):
            editor.create_model(model)
        changes.objects.using(connection.alias).bulk_create(changes(app=app, name=name) for app, name in made)
