"""Making and recognising tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from comity.node.accounts.models import Official
from comity.node.api.models import Token
from comity.terms import ComityError, gettext_noop


class TokenRolesError(ComityError):
    """A token was to carry a role that its owner does not hold."""

    code = "token_roles"
    message = gettext_noop("{name} does not hold the roles: {roles}")
    next_step = gettext_noop("Choose among the roles that the official holds.")


def make(
    official: Official, label: str, *, days: int, now: datetime, roles: Collection[str] | None = None
) -> str:
    """Return a fresh secret for ``official``, valid ``days`` days; it cannot be shown again.

    It speaks with ``roles`` alone, a part of what its owner holds; without them, with all.
    """
    beyond = set(roles or ()) - set(official.roles)
    if beyond or (roles is not None and not roles):
        raise TokenRolesError(name=str(official), roles=", ".join(sorted(beyond)) or "–")
    secret = secrets.token_urlsafe(32)
    Token.objects.create(
        digest=_digest(secret),
        official=official,
        label=label,
        roles=sorted(roles) if roles is not None else None,
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    return secret


def owner(secret: str, *, now: datetime) -> Official | None:
    """The active official whose unexpired token this is, or None; with the token's roles, and no others.

    A role that its owner lost is lost to the token too; of the roles delegated to them it carries none.
    """
    token = (
        Token.objects.select_related("official__organisation")
        .filter(digest=_digest(secret), expires_at__gt=now, official__is_active=True)
        .first()
    )
    if token is None:
        return None
    if token.roles is not None:
        token.official.narrow(token.roles)
    return token.official


def _digest(secret: str) -> str:
    """Secrets have 256 random bits, so a plain digest cannot be guessed back."""
    return hashlib.sha256(secret.encode()).hexdigest()
