"""Whom this node knows."""

from __future__ import annotations

from django.db import models


class Authority(models.Model):
    """An authority of a State (role ids of law/vocabulary), or a provider in this State.

    Certificates are PEM text, ``log_key`` a C2SP verifier key, ``recipient`` an age recipient,
    ``tls_fingerprint`` the SHA-256 of the peer's certificate (DER, lower-case hex): mutual TLS admits
    exactly that certificate. ``recipient_number`` counts the authority's transport keys,
    ``recipient_until`` is when the present one may no longer be encrypted to (None: nobody said), and
    ``recipient_withdrawn_at`` when an administrator of this node withdrew a peer's. ``created_at`` is when
    the authority's keys were made (RFC 3339, as in ``authority.json``).
    ``confirmed_at``/``confirmed_by`` say who compared the fingerprint and when.
    """

    id = models.SlugField(primary_key=True)
    state = models.CharField(max_length=2)
    names = models.JSONField(default=dict)
    roles = models.JSONField(default=list)
    own = models.BooleanField(default=False)
    peer_url = models.URLField(blank=True)
    hours = models.CharField(max_length=60, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC")
    languages = models.JSONField(default=list)
    contact = models.CharField(max_length=200, blank=True)
    created_at = models.CharField(max_length=20, blank=True)
    ca_certificate = models.TextField(blank=True)
    seal_certificate = models.TextField(blank=True)
    tsa_certificate = models.TextField(blank=True)
    ocsp_certificate = models.TextField(blank=True)
    tls_certificate = models.TextField(blank=True)
    tls_fingerprint = models.CharField(max_length=64, blank=True, db_index=True)
    log_key = models.CharField(max_length=200, blank=True)
    recipient = models.CharField(max_length=4000, blank=True)
    recipient_number = models.IntegerField(default=1)
    recipient_until = models.DateTimeField(null=True)
    recipient_withdrawn_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=200, blank=True)

    def name(self, language: str) -> str:
        """The authority's name in a language, or in English, or its id."""
        return str(self.names.get(language) or self.names.get("en") or self.id)

    def __str__(self) -> str:
        return self.name("en")
