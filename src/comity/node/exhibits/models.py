"""Exhibits, their segments, their custody."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from comity.node.exhibits.proof_rows import LetterProof as LetterProof
from comity.node.exhibits.proof_rows import Renewal as Renewal


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
    sha512 = models.CharField(max_length=128, blank=True)  # where it was asked for
    acquisition = models.JSONField(default=dict)  # who, what, when, where, how (acquisition.py)
    organisation = models.CharField(max_length=50, blank=True)  # the body that took it in, for its quota
    checked_at = models.DateTimeField(null=True, db_index=True)  # when its segments were last re-hashed
    damage = models.CharField(max_length=40, blank=True)  # the code of what was found wrong then
    keep_until = models.DateField(null=True)  # the last day of its retention period
    made_from = models.ForeignKey(
        "WorkingCopy", on_delete=models.PROTECT, null=True, related_name="derivatives"
    )  # what an examination of a working copy gave

    @property
    def is_there(self) -> bool:
        """Whether its content can be read: its key was not destroyed."""
        return self.wrapped_key is not None


class Segment(models.Model):
    """A part of an exhibit, in order, named by the hash of its ciphertext."""

    exhibit = models.ForeignKey(Exhibit, on_delete=models.PROTECT, related_name="segments")
    position = models.IntegerField()
    bytes = models.BigIntegerField()
    ciphertext_sha256 = models.CharField(max_length=64)
    checked_at = models.DateTimeField(null=True)

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


class CopyState(models.TextChoices):
    """How far a working copy has come. ``failed``: the original could not be read as it was taken in."""

    ASKED = "asked"
    READY = "ready"
    FAILED = "failed"
    DESTROYED = "destroyed"


class WorkingCopy(models.Model):
    """A copy of an original on which officials work; its ``segments`` lie under a key of its own.

    What is done with it stands in the original's custody, under its ``number``.
    """

    id = models.UUIDField(primary_key=True)
    exhibit = models.ForeignKey(Exhibit, on_delete=models.PROTECT, related_name="working_copies")
    number = models.CharField(max_length=70, unique=True)
    purpose = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=CopyState.choices, default=CopyState.ASKED)
    code = models.CharField(max_length=40, blank=True)
    wrapped_key = models.BinaryField(null=True)
    segments = models.JSONField(default=list)  # of each, in order: bytes, sha256 of its ciphertext
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at", "id"]


class UploadState(models.TextChoices):
    """How far an upload has come. ``failed``: what came is not what was announced."""

    RECEIVING = "receiving"
    FINISHING = "finishing"
    DONE = "done"
    FAILED = "failed"


class Upload(models.Model):
    """A content that comes in chunks. ``description`` is that of intake; ``exhibit`` what became of it.

    The exhibit has the upload's id. ``wrapped_key`` is handed over to it.
    """

    id = models.UUIDField(primary_key=True)
    case_reference = models.CharField(max_length=40, db_index=True)
    description = models.JSONField()
    length = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    announced_sha256 = models.CharField(max_length=64, blank=True)
    wrapped_key = models.BinaryField(null=True)
    state = models.CharField(max_length=10, choices=UploadState.choices, default=UploadState.RECEIVING)
    code = models.CharField(max_length=40, blank=True)
    exhibit = models.UUIDField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["begun_at", "id"]


class UploadPart(models.Model):
    """A chunk that is stored: a segment of the exhibit to come."""

    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="parts")
    position = models.IntegerField()
    bytes = models.BigIntegerField()
    ciphertext_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["upload", "position"], name="one_chunk_a_position")]


class Hold(models.Model):
    """A legal hold: while one stands, the exhibit is neither destroyed nor returned."""

    exhibit = models.ForeignKey(Exhibit, on_delete=models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=400)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    lifting = models.CharField(max_length=400, blank=True)  # why it was lifted
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["placed_at", "id"]


class Viewing(models.Model):
    """One official asks to open an exhibit that nobody opens alone; another agrees; it is opened once."""

    exhibit = models.ForeignKey(Exhibit, on_delete=models.PROTECT, related_name="viewings")
    purpose = models.CharField(max_length=200)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    agreed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    agreed_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at", "id"]


class Opening(models.Model):
    """An exhibit, or a working copy of it, that an official opened on record and reads until it expires."""

    id = models.UUIDField(primary_key=True)
    exhibit = models.ForeignKey(Exhibit, on_delete=models.PROTECT, related_name="openings")
    copy = models.ForeignKey(WorkingCopy, on_delete=models.PROTECT, null=True, related_name="openings")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)


class DisposalKind(models.TextChoices):
    """How an exhibit leaves for good."""

    DESTROY = "destroy"
    RETURN = "return"


class DisposalState(models.TextChoices):
    """How far a disposal has come."""

    PROPOSED = "proposed"
    DONE = "done"
    DECLINED = "declined"


class Disposal(models.Model):
    """One official proposes that an exhibit is destroyed or returned (``to`` whom); another decides."""

    exhibit = models.ForeignKey(Exhibit, on_delete=models.PROTECT, related_name="disposals")
    kind = models.CharField(max_length=10, choices=DisposalKind.choices)
    reason = models.CharField(max_length=400)
    to = models.CharField(max_length=200, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=DisposalState.choices, default=DisposalState.PROPOSED)
    decision = models.CharField(max_length=400, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["proposed_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["exhibit"], condition=models.Q(state="proposed"), name="one_disposal_proposed"
            )
        ]


class Continuation(models.Model):
    """How an authority that received the exhibit tells its custody; ``records`` follow the hand-over."""

    exhibit = models.ForeignKey(Exhibit, on_delete=models.PROTECT, related_name="continuations")
    authority = models.CharField(max_length=80)
    records = models.JSONField()
    letter = models.UUIDField()
    told_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["exhibit", "authority"], name="one_continuation_an_authority")
        ]


class BundleState(models.TextChoices):
    """How far a court bundle has come."""

    ASKED = "asked"
    MAKING = "making"
    READY = "ready"
    GONE = "gone"  # it held an exhibit that was destroyed


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
