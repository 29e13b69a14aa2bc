"""Django's registration of the ledger room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The ledger room."""

    name = "comity.node.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"
