"""The log's rows. A leaf is a salted commitment: erasing content and salt leaves the log valid."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One thing done. ``index`` is given by the sequencer; until then the entry has no place in the log.

    ``content`` is what was committed to (no personal data beyond what its owner keeps) and ``salt`` its
    32 random bytes; both may be erased. ``commitment`` = SHA-256(salt || canonical JSON of content).
    """

    id = models.BigAutoField(primary_key=True)
    index = models.BigIntegerField(null=True, unique=True)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80, db_index=True)
    content = models.JSONField(null=True)
    salt = models.BinaryField(max_length=32, null=True)
    commitment = models.BinaryField(max_length=32)
    written_at = models.DateTimeField()


class Subtree(models.Model):
    """The hash of a complete subtree: ``number`` counts subtrees of 2**level leaves from the left."""

    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "number"], name="one_hash_per_subtree")]


class Checkpoint(models.Model):
    """A signed head of the log (C2SP tlog-checkpoint)."""

    size = models.BigIntegerField(primary_key=True)
    note = models.TextField()
    made_at = models.DateTimeField()
