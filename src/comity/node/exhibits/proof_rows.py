"""Until when stored letters prove themselves, and the newer containers they were sealed into. Rows only."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class LetterProof(models.Model):
    """Until when the newest container of a letter proves itself (``ends``); ``code``: why nobody can say.

    Of a letter whose container was erased: until when what remains of it does.

    ``asked_by``: an official has asked to seal it again, and a job has not done so yet.
    """

    letter = models.OneToOneField(
        "exchange.Letter", on_delete=models.PROTECT, primary_key=True, related_name="proof"
    )
    ends = models.DateTimeField(null=True, db_index=True)
    code = models.CharField(max_length=60, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )


class Renewal(models.Model):
    """The ``n``-th newer container around a letter's: ``key`` the stored, encrypted file.

    ``of_remains``: around what remains of it (docs/sealing.md, clause 18), which is numbered by itself.
    """

    letter = models.ForeignKey("exchange.Letter", on_delete=models.PROTECT, related_name="renewals")
    n = models.SmallIntegerField()
    of_remains = models.BooleanField(default=False)
    key = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    sealed_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["n"]
        constraints = [
            models.UniqueConstraint(fields=["letter", "of_remains", "n"], name="one_renewal_a_number")
        ]
