"""Django's registration of the witnesses room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The witnesses room."""

    name = "comity.node.witnesses"
    label = "witnesses"
    default_auto_field = "django.db.models.BigAutoField"
