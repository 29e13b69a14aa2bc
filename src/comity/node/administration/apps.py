"""Django's registration of the administration room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The administration room."""

    name = "comity.node.administration"
    label = "administration"
    default_auto_field = "django.db.models.BigAutoField"
