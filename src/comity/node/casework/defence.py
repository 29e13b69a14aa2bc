"""What the defence is shown of a case's exhibits, mark by mark. Rows only."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class DefenceDecision(models.TextChoices):
    """Whether the defence sees an exhibit."""

    DISCLOSED = "disclosed"
    WITHHELD = "withheld"


class WithholdingGround(models.TextChoices):
    """Why an exhibit is withheld. The first two rest on a marking of the exhibit."""

    PRIVILEGED = "privileged"
    STATE_SECRET = "state_secret"  # noqa: S105 -- a marking, no password
    PROTECTED_PERSON = "protected_person"
    OTHER = "other"


class DefenceMark(models.Model):
    """What was decided of one exhibit (by its id); the latest that counts stands on the list.

    A withholding counts once ``agreed`` by a second official; None while it waits, False when declined.
    """

    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="defence_marks")
    exhibit = models.UUIDField(db_index=True)
    decision = models.CharField(max_length=10, choices=DefenceDecision.choices)
    ground = models.CharField(max_length=20, choices=WithholdingGround.choices, blank=True)
    reason = models.CharField(max_length=400, blank=True)
    exculpatory = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    agreed = models.BooleanField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["at", "id"]
