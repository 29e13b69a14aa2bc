"""Django's registration of the casework room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The casework room."""

    name = "comity.node.casework"
    label = "casework"
    default_auto_field = "django.db.models.BigAutoField"
