"""Drills that were sent and received, and what was arranged with each peer."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from comity.node.directory.models import Authority


class Arrangement(models.Model):
    """What this desk does with one peer; without a row it neither asks nor takes drills.

    ``takes_every`` and ``asks_every`` are days between two drills (None: none). ``told`` is what the peer's
    desk signed of itself last (``comity-drill-standing/1``), ``next_at`` when the schedule asks again.
    """

    peer = models.OneToOneField(Authority, on_delete=models.PROTECT, primary_key=True, related_name="+")
    takes_every = models.PositiveSmallIntegerField(null=True)
    asks_every = models.PositiveSmallIntegerField(null=True)
    next_at = models.DateTimeField(null=True)
    told = models.TextField(blank=True)
    told_at = models.DateTimeField(null=True)


class State(models.TextChoices):
    """How a drill stands."""

    WAITING = "waiting"  # for the peer's node
    REACHED = "reached"  # the node has it, no person has answered yet
    ANSWERED = "answered"
    UNREACHED = "unreached"  # the node could not be reached in time
    SILENT = "silent"  # nobody answered in time
    DECLINED = "declined"  # the peer takes none, or not yet: counts for nothing


ENDED = (State.ANSWERED, State.UNREACHED, State.SILENT)
"""States of drills that figures count."""


class Drill(models.Model):
    """One drill, out to a peer or in from it, with every note that was signed about it.

    ``note`` is the asking desk's, ``reached`` and ``answer`` the asked one's, ``record`` the asking one's
    about the answer. ``seconds`` until the answer are counted by this node's own clock. ``by`` is who asked
    here (None: the schedule), or who answered here.
    """

    id = models.UUIDField(primary_key=True)
    peer = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    ours = models.BooleanField()
    state = models.CharField(max_length=10, choices=State.choices)
    sent_at = models.DateTimeField()
    answer_by = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(null=True)
    code = models.CharField(max_length=60, blank=True)
    note = models.TextField()
    reached = models.TextField(blank=True)
    answer = models.TextField(blank=True)
    record = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-sent_at", "id"]
        indexes = [
            models.Index(fields=["peer", "ours", "-sent_at"], name="drills_of_a_peer"),
            models.Index(fields=["state", "answer_by"], name="drills_that_wait"),
        ]

    @property
    def in_time(self) -> bool:
        """Whether a person answered by the time that was given."""
        return self.answered_at is not None and self.answered_at <= self.answer_by
