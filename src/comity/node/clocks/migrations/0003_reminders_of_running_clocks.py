"""Clocks that were running before reminders were kept get the moment of theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import migrations


def set_moments(apps: Any, schema_editor: Any) -> None:
    """A tenth of the clock's time before its end, an hour at least, seven days at most."""
    clocks = apps.get_model("clocks", "Clock")
    for clock in clocks.objects.filter(state="running", due_at__isnull=False, remind_at=None).iterator():
        length = clock.due_at - clock.starts_at
        lead = min(max(length / 10, timedelta(hours=1)), timedelta(days=7), length / 2)
        clocks.objects.filter(pk=clock.pk).update(remind_at=clock.due_at - lead)


class Migration(migrations.Migration):
    dependencies = [("clocks", "0002_reminders_and_calendars")]
    operations = [migrations.RunPython(set_moments, migrations.RunPython.noop)]
