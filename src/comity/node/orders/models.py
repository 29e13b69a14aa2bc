"""Orders to whoever holds data or property in this State, and what is answered to them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models

from comity.node.directory.models import Authority
from comity.orders.form import Desired as Desired
from comity.orders.form import OrderKind as OrderKind
from comity.orders.form import OrderState as OrderState
from comity.orders.form import Outcome as Outcome


def _official() -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")


class Order(models.Model):
    """One order for one item of a case, to a provider or to ``holder`` when it is carried out by hand.

    ``desired`` is set by the authority alone, with ``generation``, which counts what it signed (0: nothing
    yet); ``state`` is the actual status: from ``received`` on the addressee's. ``canonical`` and
    ``signature`` are the newest generation, ``sent_generation`` the one that reached the provider.
    ``certificates`` (PEM) are of the seal that signed it and of its issuer; the authority may have others
    by now.
    ``necessity`` and ``proportionality`` stay with the authority. ``secret`` ends at ``secret_until``, on
    ``secret_event``, or by the act of ``secret_ended_by``. ``renews`` is the order that this one lets go on.
    """

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=60, unique=True)
    case_reference = models.CharField(max_length=40, db_index=True)
    item_number = models.IntegerField()
    kind = models.CharField(max_length=20, choices=[(each.value, each.value) for each in OrderKind])
    provider = models.ForeignKey(Authority, null=True, on_delete=models.PROTECT)
    holder = models.CharField(max_length=300, blank=True)
    issuing_body = models.CharField(max_length=300, blank=True)
    data_kinds = models.JSONField(default=list)
    period_from = models.DateTimeField(null=True)
    period_to = models.DateTimeField(null=True)
    offence = models.CharField(max_length=300, blank=True)
    legal_basis = models.CharField(max_length=400)
    necessity = models.TextField(blank=True)
    proportionality = models.TextField(blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    renews = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="renewed_by")
    review_body = models.CharField(max_length=300, blank=True)
    review_reference = models.CharField(max_length=300, blank=True)
    review_decided_on = models.DateField(null=True)
    secret = models.BooleanField(default=True)
    secret_until = models.DateTimeField(null=True)
    secret_event = models.CharField(max_length=400, blank=True)
    secret_ended_at = models.DateTimeField(null=True)
    secret_ended_by = _official()
    secret_ended_why = models.TextField(blank=True)
    answer_by = models.DateTimeField(null=True)
    desired = models.CharField(
        max_length=20, choices=[(each.value, each.value) for each in Desired], default=Desired.EXECUTED
    )
    generation = models.IntegerField(default=0)
    sent_generation = models.IntegerField(default=0)
    state = models.CharField(
        max_length=20, choices=[(each.value, each.value) for each in OrderState], default=OrderState.PREPARED
    )
    canonical = models.BinaryField(default=b"")
    signature = models.TextField(blank=True)
    certificates = models.TextField(blank=True)
    answer = models.JSONField(null=True)
    answered_at = models.DateTimeField(null=True)
    prepared_at = models.DateTimeField(null=True)
    prepared_by = _official()
    issued_at = models.DateTimeField(null=True)
    issued_by = _official()
    ended_at = models.DateTimeField(null=True)
    ended_by = _official()
    ended_why = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["provider", "state", "answer_by"], name="orders_of_a_provider"),
            models.Index(fields=["desired", "ends_at"], name="orders_by_end"),
        ]


class Identifier(models.Model):
    """Something the order is about, and what the addressee answered for it."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="identifiers")
    number = models.IntegerField()
    type = models.CharField(max_length=40)
    value = models.CharField(max_length=400)
    outcome = models.CharField(
        max_length=30, choices=[(each.value, each.value) for each in Outcome], blank=True
    )
    note = models.TextField(blank=True)
    reference = models.CharField(max_length=400, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["order", "number"], name="one_identifier_a_number")]


class Message(models.Model):
    """A question of the addressee about the order, or the authority's reply; ``name`` is who wrote."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="messages")
    reply = models.BooleanField(default=False)
    text = models.TextField()
    name = models.CharField(max_length=300)
    official = _official()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]


class Superseded(models.Model):
    """A generation of the order that a later one replaced, as it was signed."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="superseded")
    generation = models.IntegerField()
    canonical = models.BinaryField()
    signature = models.TextField()
    certificates = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["generation"]
        constraints = [
            models.UniqueConstraint(fields=["order", "generation"], name="one_signing_a_generation")
        ]
