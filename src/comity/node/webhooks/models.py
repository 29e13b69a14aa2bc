"""Endpoints that are told of events, and what was sent to them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Happening(models.TextChoices):
    """What an endpoint may be told of."""

    LETTER_RECEIVED = "letter.received", _("a letter was received")
    LETTER_ACCEPTED = "letter.accepted", _("a letter was accepted by the other side")
    LETTER_FAILED = "letter.failed", _("a letter failed")
    CLOCK_REMINDER = "clock.reminder", _("a time limit is near its end")
    CLOCK_RAN_OUT = "clock.ran_out", _("a time limit ran out")
    CASE_CHANGED = "case.changed", _("a case changed")


class EndpointChange(models.TextChoices):
    """What an administrator did with an endpoint, as the administration log names it."""

    ADDED = "endpoint_added", _("Webhook registered")
    CHANGED = "endpoint_changed", _("Webhook switched on or off")
    SECRET_CHANGED = "endpoint_secret", _("Secret of a webhook changed")
    REMOVED = "endpoint_removed", _("Webhook removed")


class DeliveryState(models.TextChoices):
    """How a notice fares."""

    WAITING = "waiting", _("waiting")
    DELIVERED = "delivered", _("delivered")
    FAILED = "failed", _("failed")


class Endpoint(models.Model):
    """Where notices go, and in whose name: only cases that ``official`` may see are told of.

    ``secret`` signs (encrypted under the node's secret); after a change ``old_secret`` signs too until
    ``old_until``. ``failures`` counts attempts that failed since one succeeded.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    url = models.CharField(max_length=500)
    events = models.JSONField()
    official = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    secret = models.TextField()
    old_secret = models.TextField(blank=True)
    old_until = models.DateTimeField(null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    is_active = models.BooleanField(default=True)
    failures = models.IntegerField(default=0)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-made_at", "id"]


class Delivery(models.Model):
    """One notice to one endpoint. ``body`` is frozen: every attempt sends the same bytes and the same id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deliveries")
    event = models.CharField(max_length=30, choices=Happening.choices)
    case_reference = models.CharField(max_length=40)
    body = models.TextField()
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.IntegerField(default=0)
    last_code = models.CharField(max_length=40, blank=True)
    last_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at", "id"]
        indexes = [models.Index(fields=["endpoint", "-at"], name="notices_latest")]
