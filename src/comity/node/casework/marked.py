"""Markings of what a case holds, and the persons whose identity is kept apart. Rows only."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class MarkingKind(models.TextChoices):
    """What a marking says of the draft or an exhibit."""

    CLASSIFIED = "state_secret"
    PRIVILEGED = "privileged"
    PERSONAL_DATA = "personal_data"
    ABUSE = "child_abuse"  # nobody opens it alone


class MarkingState(models.TextChoices):
    """How a marking stands. One of privilege is cleared or withheld by a filter reviewer, never lifted."""

    STANDS = "stands"
    LIFTED = "lifted"
    CLEARED = "cleared"
    WITHHELD = "withheld"


class Marking(models.Model):
    """A marking of an exhibit (by its id), or of what is being prepared in the case (``exhibit`` is null)."""

    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="markings")
    kind = models.CharField(max_length=20, choices=MarkingKind.choices)
    exhibit = models.UUIDField(null=True, db_index=True)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=MarkingState.choices, default=MarkingState.STANDS)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "id"]


class ProtectedPerson(models.Model):
    """A person who stands in letters and pages under a pseudonym.

    ``sealed`` is the identity, encrypted to the node's storage key; only its readers may have it opened.
    """

    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, related_name="protected_persons")
    number = models.IntegerField()
    sealed = models.BinaryField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="one_pseudonym_a_number")]

    @property
    def pseudonym(self) -> str:
        """How letters and pages name the person: ``P-1``."""
        return f"P-{self.number}"


class IdentityReader(models.Model):
    """An official named for one protected person: may have the identity opened, each time on record."""

    person = models.ForeignKey(ProtectedPerson, on_delete=models.PROTECT, related_name="readers")
    official = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["given_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["official", "person"], name="one_reader_a_person"),
        ]
