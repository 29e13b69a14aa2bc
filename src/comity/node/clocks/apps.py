"""Django's registration of the clocks room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The clocks room."""

    name = "comity.node.clocks"
    label = "clocks"
    default_auto_field = "django.db.models.BigAutoField"
