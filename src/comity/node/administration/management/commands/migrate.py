"""``migrate``: an empty database gets the form of today at once, one with tables the changes it lacks.

Django renders every model anew for each change, which would be most of what making a node costs.
"""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model


class Command(migrate.Command):
    """Django's own command, which from an empty database takes the short way."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Lay an empty database out, unless only a part of the changes is asked for."""
        connection = connections[options["database"]]
        if not options["app_label"] and not connection.introspection.table_names():
            lay_out(connection)
        super().handle(*args, **options)


def lay_out(connection: BaseDatabaseWrapper) -> None:
    """Make every table as the changes leave it and note each change as made, all in one transaction."""
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    plan = executor.migration_plan(leaves)
    left = executor.loader.project_state(leaves).apps.get_models()
    changes = executor.recorder.Migration
    models: list[type[Model]] = [changes, *left]
    made = [
        key
        for migration, _ in plan
        for key in (migration.replaces or [(migration.app_label, migration.name)])
    ]
    with connection.schema_editor(atomic=True) as editor:
        for model in models:
            editor.create_model(model)
        changes.objects.using(connection.alias).bulk_create(changes(app=app, name=name) for app, name in made)
