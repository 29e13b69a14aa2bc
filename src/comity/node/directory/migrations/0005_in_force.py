"""Since when an entry was what the node went by."""

from django.db import migrations, models


def fill(apps, schema_editor):
    """Of an entry that is gone by now it is known; of those before it, it is not."""
    listings = apps.get_model("directory", "Listing").objects.filter(standing="current")
    listings.update(in_force_at=models.F("settled_at"))


class Migration(migrations.Migration):
    dependencies = [("directory", "0004_notices")]

    operations = [
        migrations.AddField("listing", "in_force_at", models.DateTimeField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
