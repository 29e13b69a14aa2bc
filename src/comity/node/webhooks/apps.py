"""Django's registration of the webhooks room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The webhooks room."""

    name = "comity.node.webhooks"
    label = "webhooks"
    default_auto_field = "django.db.models.BigAutoField"
