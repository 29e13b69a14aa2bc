"""Emergencies: requests for data to avert one, how they stand, the warnings that were answered. Rows only."""

from __future__ import annotations

from django.conf import settings
from django.db import models

AVERT = "disclose_in_emergency"
"""The measure by which data are asked for to avert an emergency."""


class Emergency(models.Model):
    """That a case asks for data to avert an emergency.

    ``request`` is the letter that asks (none while it was only asked orally), ``particulars`` what it says of
    the emergency, ``asked_at`` when it was signed here or arrived here. ``validation`` is ``given``,
    ``later`` or empty (unsaid); one that follows has its end in ``due_at``, and ``lapsed_at`` once that has
    passed without it. ``disclosed`` is the letter that gave the data first, ``validated`` and ``revoked``
    are the letters that say so.
    """

    case = models.OneToOneField("casework.Case", on_delete=models.PROTECT, related_name="emergency")
    request = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    particulars = models.JSONField(default=dict)
    validation = models.CharField(max_length=10, blank=True)
    due_at = models.DateTimeField(null=True)
    disclosed = models.UUIDField(null=True)
    disclosed_at = models.DateTimeField(null=True)
    validated = models.UUIDField(null=True)
    revoked = models.UUIDField(null=True)
    lapsed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-asked_at", "-id"], name="emergencies_latest")]

    @property
    def is_over(self) -> bool:
        """Whether it was revoked, or its validation did not come in time."""
        return self.revoked is not None or self.lapsed_at is not None

    @property
    def standing(self) -> str:
        """How it stands with its validation, by a word of the pages' list."""
        if self.revoked is not None:
            return "revoked"
        if self.lapsed_at is not None:
            return "lapsed"
        if self.validated is not None or self.validation == "given":
            return "validated"
        return "awaited" if self.validation == "later" else "unsaid"


class WarningAnswer(models.Model):
    """What an official said to a warning; ``mark`` is the warning with what it rests on, of one request."""

    emergency = models.ForeignKey(Emergency, on_delete=models.PROTECT, related_name="answers")
    request = models.UUIDField(null=True)
    mark = models.CharField(max_length=120)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["emergency", "request", "mark"], name="one_answer_to_a_warning_of_a_request"
            )
        ]
