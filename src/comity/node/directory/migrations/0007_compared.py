from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import F


def remember(apps: Any, schema_editor: Any) -> None:
    """A peer that no directory names is known by its card, which was compared by voice."""
    by_card = apps.get_model("directory", "Authority").objects.filter(own=False, listing=None, withdrawn_at=None)
    by_card.exclude(confirmed_at=None).update(compared_at=F("confirmed_at"))


class Migration(migrations.Migration):
    dependencies = [("directory", "0006_updates")]

    operations = [
        migrations.AddField("authority", "compared_at", models.DateTimeField(null=True)),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
