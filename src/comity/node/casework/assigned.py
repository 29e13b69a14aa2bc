"""Assignments: who executes an item here, by when."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Assignment(models.Model):
    """The execution of one item, given to an officer or to a body that names its officer, with a deadline.

    ``organisation`` is null for the authority that keeps this node. A row that another took the place of has
    ``ended_at``; each item has at most one that stands.
    """

    item = models.ForeignKey("casework.Item", on_delete=models.PROTECT, related_name="assignments")
    organisation = models.ForeignKey(
        "accounts.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    due_at = models.DateTimeField()
    instructions = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(ended_at=None), name="one_assignment_an_item"
            )
        ]
        indexes = [models.Index(fields=["ended_at", "due_at", "id"], name="assignments_by_deadline")]
