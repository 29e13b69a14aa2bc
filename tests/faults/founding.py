"""A node's folder for the rigs, made once: settings, keys, an empty database, one peer in its directory."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from tests.node.conftest import START

NODE, PEER, PLACE = "node", "xb-247", "place"
NOW = START + timedelta(minutes=1)


def use(base: Path) -> None:
    """Make this process serve the node in ``base``, before Django reads its settings."""
    os.environ["COMITY_NODE"] = str(base / NODE)
    os.environ["DJANGO_SETTINGS_MODULE"] = "comity.node.settings"
    from comity.node import start

    start.prepare(base / NODE)


def found(base: Path, database: str = "sqlite") -> None:
    """Make the folder; once in a process. ``database`` as node.toml says it."""
    from comity.node import config, durable, folders

    durable.make_directories(base / NODE)
    values = {"id": "xa-247", "state": "XA", "name": "Point of contact of State XA", "demonstration": True}
    folders.make(base / NODE, values | {"database": database}, now=START)
    use(base)
    from django.db import connection, connections
    from tests.node.conftest import peer_card

    from comity import canonical
    from comity.node.directory import cards, owner
    from comity.sealing import keys

    _make_tables()
    node = config.current()
    roles = ["point_of_contact_24_7"]
    keys.create_authority(base / PEER, id=PEER, name="Point of contact of State XB", state="XB", now=START)
    owner.enter(node, created_at=canonical.instant_text(START), roles=roles)
    card = peer_card(base / PEER)
    cards.import_card(card, confirmed_by="test", fingerprint=cards.fingerprint(card), now=START)
    folders.make_recovery_key(node)
    from comity.node.accounts.models import Official

    Official.objects.create_user("official", password="x" * 20, full_name="Official", post="Officer")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connections.close_all()


def _make_tables() -> None:
    """The tables as the models say, at once: how a database came to its form does not matter here."""
    from django.apps import apps
    from django.conf import settings
    from django.core.management import call_command

    settings.MIGRATION_MODULES = {each.label: None for each in apps.get_app_configs()}
    call_command("migrate", interactive=False, verbosity=0, run_syncdb=True)
