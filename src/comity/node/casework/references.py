"""Reference numbers: ``KZ-2026-000001``. A number is given once and never again."""

from __future__ import annotations

from django.db.models import F

from comity.node.casework.models import Counter


def following(state: str, year: int) -> str:
    """The next reference of a State's authority within a year; inside the act's transaction."""
    series = f"{state}-{year}"
    Counter.objects.get_or_create(pk=series)
    Counter.objects.filter(pk=series).update(value=F("value") + 1)
    return f"{series}-{Counter.objects.get(pk=series).value:06d}"
