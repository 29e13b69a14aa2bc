"""An authority's card: its public data in one canonical JSON text, confirmed by voice.

Two nodes exchange cards by any channel; then two people who know each other compare the fingerprint over
the telephone. Only what was compared is imported.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from comity import canonical
from comity.directory.cards import (
    CERTIFICATES,
    Card,
    CardUnreadableError,
    fingerprint,
    grouped,
    read_card,
    tls_fingerprint,
)
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.directory import designating, successors
from comity.node.directory.models import Authority
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

__all__ = [
    "CERTIFICATES",
    "Card",
    "CardUnreadableError",
    "export_card",
    "fingerprint",
    "grouped",
    "import_card",
    "read_card",
    "tls_fingerprint",
]
_OF_RECIPIENT = ("recipient", *(f"recipient_{of}" for of in ("number", "until", "withdrawn_at", "told")))


class FingerprintDiffersError(ComityError):
    """The fingerprint that was compared by voice is not the card's."""

    code = "fingerprint_differs"
    message = gettext_noop("The card's fingerprint is not the one that was compared.")
    next_step = gettext_noop("Do not use this card. Call the authority on a known number and compare again.")


class ComparerUnnamedError(ComityError):
    """Nobody is named who compared the fingerprint."""

    code = "comparer_unnamed"
    message = gettext_noop("Nobody is named who compared the fingerprint by voice.")
    next_step = gettext_noop("Name the officer of this authority who did.")


def export_card(authority: Authority) -> bytes:
    """The authority's card as canonical JSON."""
    values: dict[str, Any] = {"schema": "comity-card/1"}
    for field in set(Card.model_fields) - {"format", "certificates"}:
        values[field] = getattr(authority, field)
    until = authority.recipient_until
    values["recipient_until"] = canonical.instant_text(until) if until else None
    values["certificates"] = {name: getattr(authority, f"{name}_certificate") for name in CERTIFICATES}
    return canonical.write(values)


def import_card(
    card: bytes, *, confirmed_by: str, fingerprint: str, now: datetime, by: Official | None = None
) -> Authority:
    """Add or update a peer from its card, if ``fingerprint`` (groups or not, any case) is the card's.

    ``by`` is None for whoever works on the machine itself, ``confirmed_by`` names who compared it by voice.
    Raises FingerprintDiffersError, ComparerUnnamedError or CardUnreadableError; nothing is changed then.
    """
    if by is not None:
        authorise(by, "manage_directory")
    if not confirmed_by.strip():
        raise ComparerUnnamedError
    compared = "".join(fingerprint.split()).lower()
    if not hmac.compare_digest(compared.encode(), sha256(card).hexdigest().encode()):
        raise FingerprintDiffersError
    read = read_card(card)
    with transaction.atomic():
        if Authority.objects.filter(id=read.id, own=True).exists():
            raise CardUnreadableError(detail="it is this node's own")
        values = columns(read) | {"confirmed_at": now, "confirmed_by": confirmed_by, "compared_at": now}
        values |= {"withdrawn_at": None, "listing": None, "recipient_told": read.recipient_number}
        before = Authority.objects.filter(id=read.id, log_key=read.log_key).first()
        if before is not None and read.recipient_number < before.recipient_told:
            values = without_recipient(values)
        row = before or Authority.objects.filter(id=read.id).first()
        values = successors.beside(row, values, confirmed_by, now)
        authority, _ = Authority.objects.update_or_create(id=read.id, defaults=values)
        content = {
            "what": "card_imported",
            "authority": read.id,
            "card": sha256(card).hexdigest(),
            "by": by.pk if by else None,
            "confirmed_by": confirmed_by,
            "at": canonical.instant_text(now),
        }
        designating.follow(now, authority=read.id)
        authority.refresh_from_db(fields=["roles"])
        entries.append("card_imported", read.id, content, now=now)
    return authority


def supersedes(authority: Authority, number: int, recipient: str) -> bool:
    """Whether a transport key may take the place of the present one: it is no older than the last that the
    authority told itself, nor another of that number. What a directory says of numbers binds nobody.
    """
    if number == authority.recipient_told == authority.recipient_number:
        return recipient == authority.recipient
    return number >= authority.recipient_told


def without_recipient(values: dict[str, Any]) -> dict[str, Any]:
    """The columns but for the transport key: an older one never returns."""
    return {name: value for name, value in values.items() if name not in _OF_RECIPIENT}


def columns(card: Card) -> dict[str, Any]:
    """What an authority's row takes over from its card."""
    values = card.model_dump(exclude={"format", "id", "certificates"})
    for name in CERTIFICATES:
        values[f"{name}_certificate"] = getattr(card.certificates, name)
    until = canonical.read_instant(card.recipient_until) if card.recipient_until else None
    values |= {"recipient_until": until, "recipient_withdrawn_at": None}
    return values | {"tls_fingerprint": tls_fingerprint(card.certificates.tls)}
