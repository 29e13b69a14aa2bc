"""Django's registration of the exhibits room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The exhibits room."""

    name = "comity.node.exhibits"
    label = "exhibits"
    default_auto_field = "django.db.models.BigAutoField"
