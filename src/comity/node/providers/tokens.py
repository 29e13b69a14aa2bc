"""Bearer tokens of a provider's programs."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from comity.node.accounts.authority import NotAuthorisedError
from comity.node.ledger import entries
from comity.node.providers.accounts import digest
from comity.node.providers.models import Person, Token

LONGEST_DAYS = 365


@transaction.atomic
def make(person: Person, label: str, *, days: int, now: datetime) -> str:
    """A fresh secret that speaks as the person; it is shown once."""
    if not person.is_legal:
        raise NotAuthorisedError
    secret = secrets.token_urlsafe(32)
    expires = now + timedelta(days=min(max(days, 1), LONGEST_DAYS))
    made = Token.objects.create(
        digest=digest(secret), person=person, label=label, made_at=now, expires_at=expires
    )
    _note("provider_token_made", person, made, now)
    return secret


@transaction.atomic
def revoke(person: Person, token: int, *, now: datetime) -> None:
    """End a token of the person; one that is not there stays so."""
    found = person.tokens.filter(pk=token).first()
    if found is not None:
        _note("provider_token_revoked", person, found, now)
        found.delete()


def owner(secret: str, *, now: datetime) -> Person | None:
    """The active person of a known provider whose unexpired token this is."""
    found = (
        Token.objects.select_related("person__provider")
        .filter(digest=digest(secret), expires_at__gt=now, person__is_active=True)
        .filter(person__provider__withdrawn_at=None)
        .first()
    )
    return found.person if found else None


def _note(kind: str, person: Person, token: Token, now: datetime) -> None:
    content = {"what": kind, "person": person.pk, "provider": person.provider_id, "token": token.pk}
    entries.append(kind, person.provider_id, content, now=now)
