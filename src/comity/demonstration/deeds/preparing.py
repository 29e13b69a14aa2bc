"""What an administrator does before the story: tables, people, own entry, the other side's card."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from django.core.management import call_command

from comity import canonical
from comity.demonstration.deeds.telling import Told, deed
from comity.node import config
from comity.node.accounts import people as accounts
from comity.node.accounts.models import Official
from comity.node.directory import cards, known, owner
from comity.node.directory.models import Authority
from comity.node.exchange import transport


@deed
def found(now: datetime, people: list[dict[str, Any]], provider: dict[str, Any] | None) -> Told:
    """Make the tables, the accounts and the own entry; tell the own card and its fingerprint."""
    call_command("migrate", verbosity=0, interactive=False)
    owner.enter(
        config.current(),
        created_at=canonical.instant_text(now),
        roles=["point_of_contact_24_7", "central_authority"],
    )
    transport.begin(now)
    for person in people:
        if not Official.objects.filter(username=person["username"]).exists():
            accounts.add(**person)
    if provider:
        values = {"state": known.own().state, "names": {"en": provider["name"]}, "roles": ["provider"]}
        Authority.objects.update_or_create(
            id=provider["id"], defaults={**values, "peer_url": provider["url"]}
        )
    card = cards.export_card(known.own())
    told = {"card": base64.b64encode(card).decode("ascii"), "fingerprint": cards.fingerprint(card)}
    return Told(True, [], told)


@deed
def know(now: datetime, card: str, fingerprint: str) -> Told:
    """Enter the other side's card, after its fingerprint was compared."""
    cards.import_card(
        base64.b64decode(card), confirmed_by="the demonstration", fingerprint=fingerprint, now=now
    )
    return Told(True)
