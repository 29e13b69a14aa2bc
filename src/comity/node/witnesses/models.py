"""Heads of peers' ledgers, cosignatures under our own heads, what each witness said last, proofs of fork."""

from __future__ import annotations

from django.db import models

from comity.node.directory.models import Authority
from comity.node.ledger.models import Checkpoint


class Head(models.Model):
    """A head that a peer signed, as the first note that brought it, and when this node cosigned it.

    ``after`` is the size of the head that the peer signed before it (None: it did not say). Heads of a
    ledger whose break was accepted stay as evidence with ``closed_at`` and bind nobody any more.
    """

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    size = models.BigIntegerField()
    after = models.BigIntegerField(null=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()
    seen_at = models.DateTimeField()
    cosigned_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "size"],
                condition=models.Q(closed_at=None),
                name="one_open_head_of_a_size",
            )
        ]


class Cosignature(models.Model):
    """A witness's checked cosignature line under one of our heads, and the time that it gives."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="cosignatures")
    witness = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    line = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["checkpoint", "witness"], name="one_cosignature_of_a_witness")
        ]


class Contact(models.Model):
    """What a witness said last: ``known_size`` of our ledger, and the ``code`` of what went wrong."""

    witness = models.OneToOneField(Authority, on_delete=models.PROTECT, primary_key=True, related_name="+")
    asked_size = models.BigIntegerField(default=0)
    known_size = models.BigIntegerField(default=0)
    code = models.CharField(max_length=60, blank=True)
    asked_at = models.DateTimeField()


class ForkProof(models.Model):
    """Two heads of a peer that contradict each other (``comity.proofs.forks``), as the file that proves it.

    ``kind`` is empty where nothing but the missing proof of consistency speaks against the peer.
    ``closed_at`` is when an administrator accepted the break that the peer had declared, for ``reason``.
    """

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, blank=True)
    smaller = models.BigIntegerField()
    larger = models.BigIntegerField()
    document = models.TextField()
    found_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)
