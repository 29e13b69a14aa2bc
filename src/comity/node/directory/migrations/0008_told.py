from __future__ import annotations

import json
from typing import Any

from django.db import migrations, models

_KEYS = ("peer_url", "log_key")
_CERTIFICATES = ("ca", "seal", "tsa", "ocsp")


def remember(apps: Any, schema_editor: Any) -> None:
    """What two people compared by voice, also where a directory names the peer since; which transport key the
    peer told last itself."""
    for row in apps.get_model("directory", "Authority").objects.filter(own=False):
        noted = apps.get_model("ledger", "Entry").objects.filter(subject=row.id).order_by("-id")
        of_directories = apps.get_model("directory", "Listing").objects.filter(
            authority=row.id, in_force_at__isnull=False
        )
        if row.compared_at is None and row.listing_id is not None and row.withdrawn_at is None:
            row.compared_at = _compared_at(row, noted, of_directories)
        learned = noted.filter(kind="transport_key_learned").first()
        if learned is not None and learned.content:
            row.recipient_told = min(learned.content["number"], row.recipient_number)  # a peer began anew
        elif row.compared_at is not None and not of_directories.exists():
            row.recipient_told = row.recipient_number
        row.save(update_fields=["compared_at", "recipient_told"])


def _compared_at(row: Any, noted: Any, of_directories: Any) -> Any:
    """When the peer's card was imported, unless an official or an entry in effect replaced its keys since."""
    card = noted.filter(kind="card_imported").first()
    if card is None or noted.filter(kind="listing_chosen", id__gt=card.id).exists():
        return None
    since = of_directories.filter(in_force_at__gte=card.written_at)
    agree = all(_agrees(json.loads(each.document).get("card"), row) for each in since)
    return card.written_at if agree else None


def _agrees(card: dict[str, Any] | None, row: Any) -> bool:
    """The certificate of the connection is left out: it changes as the authority announced."""
    if card is None:
        return True
    said = {name: card[name] for name in _KEYS}
    said |= {f"{name}_certificate": card["certificates"][name] for name in _CERTIFICATES}
    return all(value.strip() == getattr(row, name).strip() for name, value in said.items())


class Migration(migrations.Migration):
    dependencies = [("directory", "0007_compared"), ("ledger", "0001_initial")]

    operations = [
        migrations.AddField("authority", "recipient_told", models.IntegerField(default=0)),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
