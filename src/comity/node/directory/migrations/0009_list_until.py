from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    """Of entries that were entered before, the next reading says it."""

    dependencies = [("directory", "0008_told")]

    operations = [migrations.AddField("listing", "list_until", models.DateTimeField(null=True))]
