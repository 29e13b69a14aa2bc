"""Orders to providers in this State."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from comity.node.directory.models import Authority


class OrderKind(models.TextChoices):
    """What the provider is told to do with what it holds."""

    PRESERVE = "preserve"
    PRODUCE = "produce"


class OrderState(models.TextChoices):
    """Desired and answered, in the provider's words."""

    ISSUED = "issued"
    RECEIVED = "received"  # the provider confirmed the order
    DONE = "done"
    NOT_HELD = "not_held"
    FAILED = "failed"


class Order(models.Model):
    """One order: preserve or produce what is held under one identifier of one item."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=60, unique=True)
    case_reference = models.CharField(max_length=40, db_index=True)
    item_number = models.IntegerField()
    kind = models.CharField(max_length=20, choices=OrderKind.choices)
    provider = models.ForeignKey(Authority, on_delete=models.PROTECT)
    identifier_type = models.CharField(max_length=40)
    identifier_value = models.CharField(max_length=400)
    data_kinds = models.JSONField(default=list)
    legal_basis = models.CharField(max_length=400)
    secret = models.BooleanField(default=True)
    canonical = models.BinaryField()
    signature = models.TextField()
    state = models.CharField(max_length=10, choices=OrderState.choices, default=OrderState.ISSUED)
    answer = models.JSONField(null=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
