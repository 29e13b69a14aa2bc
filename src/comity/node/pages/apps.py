"""Django's registration of the pages room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The pages room."""

    name = "comity.node.pages"
    label = "pages"
    default_auto_field = "django.db.models.BigAutoField"
