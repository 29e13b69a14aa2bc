"""The outbox: what must be done after the transaction that asked for it."""

from __future__ import annotations

from django.db import models


class JobState(models.TextChoices):
    """Where a job stands."""

    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given_up"


class Job(models.Model):
    """One piece of work. ``key`` makes asking twice the same as asking once.

    Lower ``priority`` goes first. A job with a ``lane`` may wait long for somebody outside: it runs aside of
    the others, and of one lane never two at once. ``woken``: what it waits for happened while it was claimed.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, unique=True)
    lane = models.CharField(max_length=40, blank=True, default="")
    payload = models.JSONField(default=dict)
    priority = models.SmallIntegerField(default=100)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    run_after = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    leased_by = models.CharField(max_length=80, blank=True)
    woken = models.BooleanField(default=False, db_default=False)
    attempts = models.IntegerField(default=0)
    last_code = models.CharField(max_length=60, blank=True)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "priority", "run_after", "id"], name="jobs_to_claim"),
            models.Index(fields=["state", "run_after"], name="jobs_due"),
            models.Index(
                fields=["lane"], condition=models.Q(leased_until__isnull=False), name="jobs_in_flight"
            ),
            models.Index(
                fields=["lane", "state", "run_after"],
                condition=models.Q(last_code="lane_rests"),
                name="jobs_resting",
            ),
        ]
