"""Documents served here, persons told that they are wanted abroad, persons under safe conduct. Rows only."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Attempt(models.Model):
    """One attempt to serve the document of an item. ``served``: it counts as service under our own law."""

    item = models.ForeignKey("casework.Item", on_delete=models.PROTECT, related_name="attempts")
    happened_at = models.DateTimeField()
    place = models.CharField(max_length=300)
    server = models.CharField(max_length=300)  # the post of whoever tried, never a name
    way = models.CharField(max_length=20)
    outcome = models.CharField(max_length=20)
    served = models.BooleanField()
    handed_to = models.TextField(blank=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["happened_at", "id"]


class Invitation(models.Model):
    """A person was told that the other State asks them to come, and what they answered (empty: nothing yet).

    ``freely``: they were told that nobody may make them come and that a refusal has no consequence.
    """

    item = models.ForeignKey("casework.Item", on_delete=models.PROTECT, related_name="invitations")
    informed_at = models.DateTimeField()
    informed_by = models.CharField(max_length=300)
    freely = models.BooleanField()
    answer = models.CharField(max_length=20, blank=True)
    answered_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["informed_at", "id"]


class SafeConduct(models.Model):
    """A person who comes here of their own will at our request.

    It is there once the other side tells that the person consents, or once they came (``arrived_at``); with
    ``left_at`` alone they did not come. ``cite`` is the provision. ``released_at`` is when they were
    officially told that they are no longer needed; ``period`` the time to leave that begins with it (the
    law's, or by ``agreement``, the other side's letter), ``ends_at`` its end, ``clock`` the clock of it.
    ``could_leave`` is null until an official says whether the person could leave in that time.
    """

    item = models.OneToOneField("casework.Item", on_delete=models.PROTECT, related_name="safe_conduct")
    cite = models.CharField(max_length=120)
    arrived_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=300, blank=True)
    period = models.CharField(max_length=20, blank=True)
    agreement = models.UUIDField(null=True)
    ends_at = models.DateTimeField(null=True)
    clock = models.ForeignKey("clocks.Clock", null=True, on_delete=models.PROTECT, related_name="+")
    could_leave = models.BooleanField(null=True)
    left_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["arrived_at", "id"]


class ConductAnswer(models.Model):
    """An official's answer to the warning that a case's measure would touch a person under safe conduct."""

    conduct = models.ForeignKey(SafeConduct, on_delete=models.PROTECT, related_name="answers")
    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="conduct_answers")
    reasons = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conduct", "case"], name="one_answer_a_safe_conduct")]
