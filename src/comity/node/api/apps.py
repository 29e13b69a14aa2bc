"""Django's registration of the api room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The api room."""

    name = "comity.node.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
