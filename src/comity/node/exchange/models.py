"""Letters, their sealed containers and their receipts."""

from __future__ import annotations

from django.db import models

from comity.node.accounts.models import Official
from comity.node.directory.models import Authority


class Direction(models.TextChoices):
    """Which way a letter goes."""

    OUT = "out"
    IN = "in"


class Stage(models.TextChoices):
    """How far a letter has come.

    Outgoing: frozen, sealed, relayed, delivered, retrieved, or failed.
    Incoming: accepted, delivered (verified), retrieved, or refused.
    """

    FROZEN = "frozen"  # its bytes are fixed; not yet sealed
    SEALED = "sealed"
    RELAYED = "relayed"  # the peer's node has it on disk
    DELIVERED = "delivered"  # verified and in the authority's inbox
    RETRIEVED = "retrieved"  # an official opened it
    FAILED = "failed"
    ACCEPTED = "accepted"  # incoming: on our disk, not verified yet
    REFUSED = "refused"


class Letter(models.Model):
    """One letter. ``canonical`` are the frozen bytes of letter.json; only stored containers are ever sent.

    ``container`` is the key of the stored container (encrypted to this node's storage key), ``sha256`` and
    ``bytes`` those of the encrypted container as it travels: ``travelling`` is its key in the store
    (outgoing) or its name in the quarantine (incoming, until opened). ``sealed_sha256`` is that of the
    container itself, ``report`` what verifying it gave, ``stepup`` how its signatory was verified
    (``comity.sealing.stepup``), ``national`` the signatory's national signature, ``national_report`` what
    this node finds of it and ``signed_pdf_report`` what it finds of one inside a readable form.
    ``attachments`` name the exhibits whose originals go along, in order; ``attempts`` and ``tried_at`` count
    how often an outgoing letter was offered, ``tried_code`` says what went wrong the last time;
    ``asked_again_at`` is when an official asked that it be offered again, after its time was over.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=40)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    peer = models.ForeignKey(Authority, on_delete=models.PROTECT)
    case_reference = models.CharField(max_length=40, blank=True, db_index=True)
    generation = models.IntegerField()
    stage = models.CharField(max_length=10, choices=Stage.choices)
    canonical = models.BinaryField(null=True)
    attachments = models.JSONField(default=list)
    container = models.CharField(max_length=200, blank=True)
    travelling = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    bytes = models.BigIntegerField(null=True)
    sealed_sha256 = models.CharField(max_length=64, blank=True)
    report = models.JSONField(null=True)
    stepup = models.JSONField(null=True)
    national = models.BinaryField(null=True)
    national_report = models.JSONField(null=True)
    signed_pdf_report = models.JSONField(null=True)
    urgent = models.BooleanField(default=False)
    frozen_at = models.DateTimeField(null=True)
    sealed_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    stage_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    refusal_code = models.CharField(max_length=64, blank=True)
    attempts = models.IntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    tried_code = models.CharField(max_length=60, blank=True, default="")
    asked_again_at = models.DateTimeField(null=True)
    may_have_failed = True
    """Of a row in memory: false once a receipt moved it on from where it had not failed."""

    class Meta:
        indexes = [
            models.Index(fields=["direction", "stage", "stage_at"], name="letters_by_stage"),
            models.Index(fields=["case_reference", "peer", "generation"], name="letters_of_case"),
        ]


class SignedPdf(models.Model):
    """A readable form (``form``) that the signatory's national token signed, until its letter is sealed.

    The first ``base`` bytes are those that were shown; afterwards both lie in the container.
    """

    letter = models.OneToOneField(Letter, on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=20)
    base = models.IntegerField()
    data = models.BinaryField()


class Receipt(models.Model):
    """A signed receipt about a letter (ETSI REM evidence names). The stored note is what is sent, always."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="receipts")
    kind = models.CharField(max_length=40)
    issued_by = models.CharField(max_length=80)
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "kind", "issued_by"], name="one_receipt_of_a_kind")
        ]


class Rejection(models.Model):
    """A letter that this node did not take in, and the stored note that says why; it is no letter here."""

    letter = models.UUIDField()
    peer = models.ForeignKey(Authority, on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)
    code = models.CharField(max_length=60)
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "peer", "sha256"], name="one_rejection_of_a_container")
        ]


class Shipment(models.Model):
    """A consignment that a courier carries or carried (``comity.delivery.consignment``).

    ``by`` packed it or took it in at ``at``; ``listed`` is its list in canonical bytes. Who carried it, in
    which bag, when and to whom it was handed over is empty until it is recorded.
    """

    id = models.UUIDField(primary_key=True)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    peer = models.ForeignKey(Authority, on_delete=models.PROTECT)
    by = models.ForeignKey(Official, on_delete=models.PROTECT)
    at = models.DateTimeField()
    listed = models.BinaryField()
    carrier = models.CharField(max_length=200, blank=True)
    bag_number = models.CharField(max_length=80, blank=True)
    handed_at = models.DateTimeField(null=True)
    handed_to = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-at", "id"], name="shipments_by_time")]

    @property
    def filename(self) -> str:
        """What its package is called on a disk."""
        return f"{self.id}.asice.age"


class Carried(models.Model):
    """A letter or a receipt in a consignment: ``sha256`` of the container or the note, and whose it is.

    ``outcome`` says what became of it where it arrived. ``note`` is an outgoing receipt.
    """

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="carried")
    what = models.CharField(max_length=10)
    letter = models.UUIDField(null=True, db_index=True)
    sha256 = models.CharField(max_length=64)
    outcome = models.CharField(max_length=60, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "what", "sha256"], name="carried_once_in_a_consignment"
            )
        ]


class Announcement(models.Model):
    """What this node told every peer of itself by letters of kind ``directory_update`` (``number``).

    ``certificate`` (PEM) follows the one of SHA-256 ``replaces``; empty where only how the authority is
    reached changed. It is shown from ``changes_at`` on at the latest; ``changed_at`` says since when it was.
    """

    number = models.IntegerField(unique=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Official, on_delete=models.PROTECT)
    certificate = models.TextField(blank=True)
    replaces = models.CharField(max_length=64, blank=True)
    changes_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]


class Told(models.Model):
    """A peer that was told, by which letter, and since when it admits the next certificate."""

    announcement = models.ForeignKey(Announcement, on_delete=models.PROTECT, related_name="told")
    peer = models.ForeignKey(Authority, on_delete=models.PROTECT)
    letter = models.OneToOneField(Letter, on_delete=models.PROTECT, related_name="+")
    admitted_at = models.DateTimeField(null=True)


class TransportKey(models.Model):
    """One of this node's own transport keys; its identity lies in the key folder under its ``number``.

    Letters may be encrypted to it from ``valid_from`` until ``valid_until``; the latest is the one that peers
    are told. It opens letters until it is destroyed.
    """

    number = models.IntegerField(primary_key=True)
    recipient = models.CharField(max_length=4000)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)
