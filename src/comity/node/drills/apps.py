"""Django's registration of the drills room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The drills room."""

    name = "comity.node.drills"
    label = "drills"
    default_auto_field = "django.db.models.BigAutoField"
