"""Django's registration of the orders room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The orders room."""

    name = "comity.node.orders"
    label = "orders"
    default_auto_field = "django.db.models.BigAutoField"
