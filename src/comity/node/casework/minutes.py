"""Minutes of oral requests: what was asked before anything was in writing, on either side."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from comity.letters.bodies import MEANS


class OralRequest(models.Model):
    """An oral request (or one by technical means), as an official of this side noted it down.

    ``person_name`` and ``person_post`` are of the other side: who was asked, or who asked. ``number`` is the
    number that was called; ``called_back`` says that the requested side called it to be sure who asks.
    ``items`` are identifiers as a draft has them; ``cite`` is the provision that admits the ``form``.
    ``letter`` is the letter that confirms it; what was never confirmed has ``ended_at`` and a reason.
    """

    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="oral_requests")
    made_at = models.DateTimeField()
    means = models.CharField(max_length=20, choices=[(means, means) for means in MEANS])
    person_name = models.CharField(max_length=300)
    person_post = models.CharField(max_length=300)
    number = models.CharField(max_length=300, blank=True)
    called_back = models.BooleanField(default=False)
    asked = models.TextField()
    urgency = models.TextField()
    agreed = models.TextField(blank=True)
    items = models.JSONField(default=list)
    form = models.CharField(max_length=40)
    cite = models.CharField(max_length=120)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    letter = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=models.Q(letter=None, ended_at=None),
                name="one_oral_request_awaits_a_case",
            )
        ]
