"""Until when each item stays preserved."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("casework", "0007_signing")]
    operations = [migrations.AddField("item", "preserved_until", models.DateTimeField(null=True))]
