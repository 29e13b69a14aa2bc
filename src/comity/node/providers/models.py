"""People of providers, how they come in, and what they did with orders."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from comity.node.directory.models import Authority
from comity.node.orders.models import Order


class Part(models.TextChoices):
    """What a person may do at a provider. ``reader``: sees the orders for which somebody named them."""

    LEGAL = "legal"
    READER = "reader"


def _official() -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")


class Person(models.Model):
    """Somebody at one provider; never an official.

    Without ``password`` and ``totp_secret`` (encrypted) the invitation was not used yet. ``totp_counter`` is
    the 30 seconds whose code was used last: no code opens twice.
    """

    provider = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    username = models.CharField(max_length=60, unique=True)
    full_name = models.CharField(max_length=200)
    post = models.CharField(max_length=200)
    part = models.CharField(max_length=10, choices=Part.choices)
    language = models.CharField(max_length=8, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    password = models.CharField(max_length=128, blank=True)
    totp_secret = models.TextField(blank=True)
    totp_counter = models.BigIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    added_by = _official()
    added_at = models.DateTimeField()
    signed_in_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["provider", "username"]

    @property
    def is_legal(self) -> bool:
        """Whether the person acts for the provider, not only reads."""
        return self.part == Part.LEGAL

    def __str__(self) -> str:
        return self.full_name


class Invitation(models.Model):
    """A link that opens an account once. Only the SHA-256 of its secret is stored."""

    digest = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    expires_at = models.DateTimeField()


class Session(AbstractBaseSession):
    """A session of a person of a provider; those of officials lie elsewhere."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="sessions")

    @classmethod
    def get_session_store_class(cls) -> type:
        """Who reads and writes these rows."""
        from comity.node.providers.sessions import SessionStore

        return SessionStore


class Failure(models.Model):
    """A sign-in that failed: the hash of the user name, or of the address it came from."""

    of = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)


class Token(models.Model):
    """A bearer token of a provider's program. Only the SHA-256 of its secret is stored."""

    digest = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=100)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at", "-id"]


class Reader(models.Model):
    """Somebody who was named for an order: readers see no other."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="readers")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    named_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField()

    class Meta:
        ordering = ["person__username"]
        constraints = [models.UniqueConstraint(fields=["order", "person"], name="named_once")]


class Deed(models.Model):
    """One thing a person did with an order, looking at it too; the ledger holds it as well."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="deeds")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]


class Statement(models.Model):
    """A person's statement that files are what they are said to be; ``document`` is its canonical JSON."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="statements")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    document = models.TextField()
    sha256 = models.CharField(max_length=64)
    exhibit = models.UUIDField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "id"]


class ProducedFile(models.Model):
    """A file that a person announced for an identifier of an order, and sends.

    Its id is that of the exhibit which it becomes; ``upload`` is where it comes in pieces.
    """

    id = models.UUIDField(primary_key=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="files")
    identifier = models.IntegerField()
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100)
    data_kind = models.CharField(max_length=20)
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    announced_at = models.DateTimeField()
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, null=True, related_name="files")

    class Meta:
        ordering = ["announced_at", "id"]
