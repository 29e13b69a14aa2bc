"""What became of hearings by video, as this side puts it on record. Rows only."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class HearingRecord(models.Model):
    """A hearing was held, broken off or not held. A later record of the same hearing corrects it.

    ``letter`` agreed to the hearing. ``attended`` are its participants who took part, by role and post, as
    the letter names them. ``language`` is that in which the person spoke, ``interpreter`` the interpreter's
    post, ``oath`` how the person was bound to the truth by the law where they were, ``exhibit`` the record.
    """

    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="hearing_records")
    letter = models.UUIDField()
    outcome = models.CharField(max_length=20)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    attended = models.JSONField(default=list)
    language = models.CharField(max_length=8, blank=True)
    interpreter = models.CharField(max_length=300, blank=True)
    oath = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    exhibit = models.UUIDField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["letter"], name="hearing_records_of")]

    @property
    def minutes(self) -> int | None:
        """How long it lasted, in whole minutes; None for one that was not held."""
        if self.began_at is None or self.ended_at is None:
            return None
        return int((self.ended_at - self.began_at).total_seconds() // 60)
