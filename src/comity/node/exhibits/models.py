"""Exhibits, their segments, their custody."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Exhibit(models.Model):
    """One piece of evidence. ``raw_name`` is kept as it came; pages show it escaped.

    The content is a list of segments, each encrypted under the exhibit's own key; ``wrapped_key`` is that
    key, encrypted to the node's storage key. Destroying it destroys the exhibit.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=60, unique=True)
    case_reference = models.CharField(max_length=40, db_index=True)
    item_number = models.IntegerField(null=True)
    raw_name = models.CharField(max_length=255)
    description = models.CharField(max_length=400, blank=True)
    source = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    data_kind = models.CharField(max_length=20, blank=True)
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    wrapped_key = models.BinaryField(null=True)
    origin = models.CharField(max_length=80)  # the authority that took it in first
    letter = models.UUIDField(null=True)  # the result letter it came or went with
    taken_in_at = models.DateTimeField()


class Segment(models.Model):
    """A part of an exhibit, in order, named by the hash of its ciphertext."""

    exhibit = models.ForeignKey(Exhibit, on_delete=models.PROTECT, related_name="segments")
    position = models.IntegerField()
    bytes = models.BigIntegerField()
    ciphertext_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["exhibit", "position"], name="one_segment_a_position")]


class CustodyRecord(models.Model):
    """One touch of an exhibit, by this State or (``foreign``) as the other State's letter told it."""

    exhibit = models.ForeignKey(Exhibit, on_delete=models.PROTECT, related_name="custody")
    n = models.IntegerField()
    act = models.CharField(max_length=20)
    at = models.DateTimeField()
    record = models.JSONField()
    foreign = models.BooleanField(default=False)
    entry = models.ForeignKey("ledger.Entry", on_delete=models.PROTECT, null=True)

    class Meta:
        ordering = ["n"]
        constraints = [models.UniqueConstraint(fields=["exhibit", "n"], name="one_custody_record_a_number")]


class BundleState(models.TextChoices):
    """How far a court bundle has come."""

    ASKED = "asked"
    MAKING = "making"
    READY = "ready"


class Bundle(models.Model):
    """One court bundle of a case. ``description`` is its case.json; ``key`` the stored, encrypted file."""

    id = models.UUIDField(primary_key=True)
    case_reference = models.CharField(max_length=40, db_index=True)
    description = models.JSONField()
    state = models.CharField(max_length=10, choices=BundleState.choices, default=BundleState.ASKED)
    key = models.CharField(max_length=200, blank=True)
    bytes = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)

    @property
    def file_name(self) -> str:
        """How the file is called when it is handed out."""
        return f"{self.case_reference}-court-bundle.asice"
