"""Making and recognising tokens."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from comity.node.accounts.models import Official
from comity.node.api.models import Token


def make(official: Official, label: str, *, days: int, now: datetime) -> str:
    """Return a fresh secret for ``official``, valid ``days`` days; it cannot be shown again."""
    secret = secrets.token_urlsafe(32)
    Token.objects.create(
        digest=_digest(secret),
        official=official,
        label=label,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    return secret


def owner(secret: str, *, now: datetime) -> Official | None:
    """The active official whose unexpired token this is, or None."""
    token = (
        Token.objects.select_related("official")
        .filter(digest=_digest(secret), expires_at__gt=now, official__is_active=True)
        .first()
    )
    return token.official if token else None


def _digest(secret: str) -> str:
    """Secrets have 256 random bits, so a plain digest cannot be guessed back."""
    return hashlib.sha256(secret.encode()).hexdigest()
