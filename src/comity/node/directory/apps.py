"""Django's registration of the directory room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The directory room."""

    name = "comity.node.directory"
    label = "directory"
    default_auto_field = "django.db.models.BigAutoField"
