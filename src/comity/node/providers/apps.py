"""Django's registration of the providers room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The providers room."""

    name = "comity.node.providers"
    label = "providers"
    default_auto_field = "django.db.models.BigAutoField"
