from __future__ import annotations

from typing import Any

from django.db import migrations, models


def remember(apps: Any, schema_editor: Any) -> None:
    """The last transport key that a peer told itself: by the last notice, or by the card that it is known by."""
    for row in apps.get_model("directory", "Authority").objects.filter(own=False):
        noted = apps.get_model("ledger", "Entry").objects.filter(subject=row.id, kind="transport_key_learned")
        learned = noted.order_by("-id").first()
        told = learned.content["number"] if learned and learned.content else 0
        if row.compared_at is not None and row.listing_id is None:
            told = row.recipient_number
        if told:
            row.recipient_told = told
            row.save(update_fields=["recipient_told"])


class Migration(migrations.Migration):
    dependencies = [("directory", "0007_compared"), ("ledger", "0001_initial")]

    operations = [
        migrations.AddField("authority", "recipient_told", models.IntegerField(default=0)),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
