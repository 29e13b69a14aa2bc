"""Who is on duty, what they noted, acknowledged and passed on, and what they were trained in."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q

_OFFICIAL = settings.AUTH_USER_MODEL


class Shift(models.Model):
    """A time on duty. Planned until somebody takes it over (``taken_at``), open until another takes over.

    ``running`` is true for the one shift that is open and null for every other, so that the database lets
    no two be open. ``contact`` says how the officer is reached. ``reason`` is why it was taken over from
    somebody who had not handed over. ``log`` is what the officer did, compiled when the shift closed; its
    digest stands in the ledger under ``entry``.
    """

    official = models.ForeignKey(_OFFICIAL, on_delete=models.PROTECT, related_name="shifts")
    backup = models.ForeignKey(_OFFICIAL, null=True, on_delete=models.PROTECT, related_name="+")
    contact = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    planned_by = models.ForeignKey(_OFFICIAL, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, blank=True)
    closed_at = models.DateTimeField(null=True)
    running = models.BooleanField(null=True, unique=True)
    log = models.JSONField(null=True)
    entry = models.ForeignKey("ledger.Entry", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_it_begins")
        ]
        indexes = [models.Index(fields=["ends_at", "starts_at"], name="shifts_by_time")]


class HandOver(models.Model):
    """What the next officer has to know, written at the end of a shift; accepted by whoever takes over."""

    shift = models.OneToOneField(Shift, on_delete=models.PROTECT, related_name="hand_over")
    text = models.TextField()
    to = models.ForeignKey(_OFFICIAL, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    accepted_by = models.ForeignKey(_OFFICIAL, null=True, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    cases = models.ManyToManyField("casework.Case", related_name="+")


class ShiftNote(models.Model):
    """A free note in a shift's log, of a case or of none."""

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="notes")
    case = models.ForeignKey("casework.Case", null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    by = models.ForeignKey(_OFFICIAL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]


class Acknowledgement(models.Model):
    """An official has seen a letter that came in and takes it on."""

    letter = models.UUIDField(unique=True)
    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(_OFFICIAL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Capacity(models.TextChoices):
    """As what an authority of this State is told of a case."""

    CENTRAL_AUTHORITY = "central_authority"
    EXTRADITION_AUTHORITY = "extradition_authority"
    COMPETENT_BODY = "competent_body"


class Referral(models.Model):
    """A case that the desk passed on within this State, and when the receiving body took it.

    ``organisation`` is null for the authority that keeps this node.
    """

    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(
        "accounts.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    capacity = models.CharField(max_length=30, choices=Capacity.choices)
    note = models.TextField()
    by = models.ForeignKey(_OFFICIAL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    taken_by = models.ForeignKey(_OFFICIAL, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["taken_at", "at"], name="referrals_not_taken")]


class Training(models.Model):
    """What an official was trained in for the desk, by whom, until when it counts; with what they work.

    ``languages`` are those in which the official works, by their codes of ISO 639. A mistaken record is
    withdrawn, not deleted.
    """

    official = models.ForeignKey(_OFFICIAL, on_delete=models.PROTECT, related_name="trainings")
    subject = models.CharField(max_length=200)
    given_by = models.CharField(max_length=200)
    completed_on = models.DateField()
    valid_until = models.DateField(null=True)
    languages = models.JSONField(default=list)
    equipment = models.CharField(max_length=400, blank=True)
    recorded_by = models.ForeignKey(_OFFICIAL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-completed_on", "-id"]

    def counts_on(self, day: date) -> bool:
        """Whether the training is over by that day and still valid."""
        ended = self.valid_until is not None and self.valid_until < day
        return self.withdrawn_at is None and self.completed_on <= day and not ended
