"""Django's registration of the room of reports."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The room of reports."""

    name = "comity.node.reports"
    label = "reports"
    default_auto_field = "django.db.models.BigAutoField"
