"""Django's registration of the desk room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The desk room."""

    name = "comity.node.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"
