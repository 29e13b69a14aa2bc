"""Django's registration of the accounts room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The accounts room."""

    name = "comity.node.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
