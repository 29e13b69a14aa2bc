"""Django's registration of the alerts room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The alerts room."""

    name = "comity.node.alerts"
    label = "alerts"
    default_auto_field = "django.db.models.BigAutoField"
