"""Reports, their files, what was said between reporter and desk, and who did what with them.

Times of what the reporter does are whole hours. What anybody wrote is sealed under the report's own key
(sealed.py): destroying ``wrapped_key`` destroys it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """How far a report has come."""

    NEW = "new", pgettext_lazy("report", "not read yet")
    OPEN = "open", pgettext_lazy("report", "being looked into")
    PASSED_ON = "passed_on", pgettext_lazy("report", "passed on to the body that is competent")
    CLOSED = "closed", pgettext_lazy("report", "closed with an answer")
    DUPLICATE = "duplicate", pgettext_lazy("report", "the same as an earlier report")
    NOT_OURS = "not_ours", pgettext_lazy("report", "not within this authority’s competence")
    SPAM = "spam", pgettext_lazy("report", "not taken up")
    WITHDRAWN = "withdrawn", pgettext_lazy("report", "withdrawn")


ENDED = (State.CLOSED, State.DUPLICATE, State.NOT_OURS, State.SPAM, State.WITHDRAWN)


class Act(models.TextChoices):
    """What was done with a report; each leaves a line here and in the ledger."""

    RECEIVED = "received", _("Received")
    READ = "read", _("Read")
    ASKED = "asked", _("Question put to the reporter")
    MARKED = "marked", _("Marked")
    CONTACT_OPENED = "contact_opened", _("Contact opened")
    READER_NAMED = "reader_named", _("Reader of the contact named")
    WITHHELD = "withheld", _("Withheld from an official")
    ATTACHED = "attached", _("Taken into a case as evidence")
    PASSED_ON = "passed_on", _("Passed on")
    CLOSED = "closed", _("Closed with an answer")
    ANSWERED = "answered", _("The reporter wrote")
    WITHDRAWN = "withdrawn", _("Withdrawn by the reporter")
    ERASED = "erased", _("Erased")


class Report(models.Model):
    """One report. ``code`` is a keyed hash of its follow-up code, which nobody but the reporter has.

    ``about_us``: it concerns this authority or its officials, so that only those who oversee read it.
    ``content`` and ``contact`` are sealed; ``case_reference`` names the case it was taken into.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=30, unique=True)
    code = models.CharField(max_length=64, unique=True)
    received_hour = models.DateTimeField()
    language = models.CharField(max_length=2)
    about_us = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    wrapped_key = models.BinaryField(null=True)
    content = models.BinaryField(null=True)
    contact = models.BinaryField(null=True)
    duplicate_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    passed_to = models.ForeignKey(
        "accounts.Organisation", on_delete=models.PROTECT, null=True, related_name="+"
    )
    case_reference = models.CharField(max_length=40, blank=True)
    waits_for_us = models.BooleanField(default=True)  # the reporter spoke last
    erase_on = models.DateField(null=True, db_index=True)

    class Meta:
        ordering = ["-received_hour", "-number"]

    @property
    def is_there(self) -> bool:
        """Whether what it says can still be read."""
        return self.wrapped_key is not None

    @property
    def is_ended(self) -> bool:
        """Whether nothing more is done with it."""
        return self.state in ENDED


class Metadata(models.TextChoices):
    """What became of the data about themselves that files carry. ``undecided``: the reporter has not said."""

    REMOVED = "removed", _("removed")
    KEPT = "kept", _("kept, as the reporter decided")
    UNDECIDED = "undecided", _("could not be removed; the reporter has not decided yet")


class ReportFile(models.Model):
    """A file of a report. Its name is sealed under the report's key, its content has a key of its own."""

    id = models.UUIDField(primary_key=True)
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="files")
    name = models.BinaryField(null=True)
    kind = models.CharField(max_length=10)
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    wrapped_key = models.BinaryField(null=True)
    segments = models.JSONField(default=list)
    metadata = models.CharField(max_length=10, choices=Metadata.choices)
    left = models.JSONField(default=list)  # what could not be removed (stripping.LEFT)
    added_hour = models.DateTimeField()
    exhibit = models.UUIDField(null=True)  # what it became in a case

    class Meta:
        ordering = ["added_hour", "id"]


class Message(models.Model):
    """What the desk asked or answered (``by``), or what the reporter wrote (nobody)."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="messages")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    hour = models.DateTimeField()
    text = models.BinaryField(null=True)

    class Meta:
        ordering = ["id"]


class Line(models.Model):
    """One thing done with a report, and the ledger's entry of it."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="lines")
    act = models.CharField(max_length=20, choices=Act.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    of = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=400, blank=True)
    entry = models.ForeignKey("ledger.Entry", on_delete=models.PROTECT, null=True)

    class Meta:
        ordering = ["id"]


class Barred(models.Model):
    """An official from whom a report is withheld: it may concern them."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="barred")
    official = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "official"], name="barred_once")]


class ContactReader(models.Model):
    """An official who may open who the reporter is."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="readers")
    official = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "official"], name="contact_reader_once")]
