"""Django's registration of the jobs room."""

from __future__ import annotations

from django.apps import AppConfig


class Room(AppConfig):
    """The jobs room."""

    name = "comity.node.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"
