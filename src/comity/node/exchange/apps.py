"""Django's registration of the exchange room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The exchange room."""

    name = "comity.node.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"
