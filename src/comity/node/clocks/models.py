"""Clocks that a provision starts and that a day or an event ends."""

from __future__ import annotations

from django.db import models


class ClockState(models.TextChoices):
    """Where a clock stands."""

    RUNNING = "running"
    MET = "met"
    REPLACED = "replaced"
    RAN_OUT = "ran_out"


class Clock(models.Model):
    """One clock of one case. ``due_at`` null means: until the event named in ``until``."""

    id = models.BigAutoField(primary_key=True)
    case_reference = models.CharField(max_length=40, db_index=True)
    kind = models.CharField(max_length=60)
    cite = models.CharField(max_length=120)
    of = models.CharField(max_length=12)  # requesting or requested: whose duty the clock measures
    starts_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    until = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=ClockState.choices, default=ClockState.RUNNING)
    ended_at = models.DateTimeField(null=True)
    replaced_by = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaces")

    class Meta:
        indexes = [models.Index(fields=["state", "due_at", "id"], name="clocks_by_urgency")]
