"""Tokens with which an official's program speaks to the node."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Token(models.Model):
    """A bearer token. Only the SHA-256 of its secret is stored; the secret is shown once."""

    digest = models.CharField(max_length=64, primary_key=True)
    official = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    label = models.CharField(max_length=100)
    roles = models.JSONField(null=True)  # those of the owner's roles that it speaks with; null: all of them
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
