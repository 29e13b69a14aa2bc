"""Clocks that a provision starts and that a day or an event ends, and the reminders before they end."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class ClockState(models.TextChoices):
    """Where a clock stands. ``ceased``: what it measured fell away, so nothing was met and nothing missed."""

    RUNNING = "running"
    MET = "met"
    REPLACED = "replaced"
    CEASED = "ceased"
    RAN_OUT = "ran_out"


class Clock(models.Model):
    """One clock of one case. ``due_at`` null means: until the event named in ``until``.

    ``zone`` is the IANA zone by whose calendar its days were counted; ``working_days`` the State whose
    working days they were (``weekends``: its calendar is not on record), empty for days of the calendar.
    ``certain`` is false where the law asks for it only if something is so that is not known. ``remind_at``
    is when whoever owes it is reminded; ``entry`` the ledger's record that it ran out.
    """

    id = models.BigAutoField(primary_key=True)
    case_reference = models.CharField(max_length=40, db_index=True)
    kind = models.CharField(max_length=60)
    cite = models.CharField(max_length=120)
    of = models.CharField(max_length=12)  # requesting or requested: whose duty the clock measures
    starts_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    until = models.CharField(max_length=60, blank=True)
    zone = models.CharField(max_length=64, default="UTC")
    working_days = models.CharField(max_length=8, blank=True)
    certain = models.BooleanField(default=True)
    remind_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=ClockState.choices, default=ClockState.RUNNING)
    ended_at = models.DateTimeField(null=True)
    replaced_by = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaces")
    entry = models.ForeignKey("ledger.Entry", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_at", "id"], name="clocks_by_urgency"),
            models.Index(fields=["state", "remind_at", "id"], name="clocks_to_remind_of"),
        ]


class Reminder(models.Model):
    """That a clock ends soon, noted once; it stands on the desk until an official has seen it."""

    clock = models.OneToOneField(Clock, on_delete=models.PROTECT, related_name="reminder")
    noted_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["seen_at", "id"], name="reminders_unseen")]
