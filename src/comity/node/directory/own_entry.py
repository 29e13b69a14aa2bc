"""This node's own entry, as its State may sign it for a keeper."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from comity import canonical
from comity.directory.entries import read_entry
from comity.node.directory import cards, known
from comity.treaties import load


def draft(instruments: Iterable[str], now: datetime) -> dict[str, Any]:
    """The entry from what the node knows of itself, valid and confirmed from now on; contacts as in its card.

    Raises InstrumentUnknownError (of ``comity.treaties``).
    """
    own, library = known.own(), load()
    instruments = [library.instrument(name).id for name in dict.fromkeys(instruments)]
    contact = {
        "purpose": "duty",
        "post": own.contact or own.name("en"),
        "hours": own.hours,
        "time_zone": own.time_zone,
        "languages": own.languages,
        "telephone": "",
        "email": "",
        "address": "",
    }
    day = now.date().isoformat()
    designations = [
        {"instrument": instrument, "roles": own.roles, "valid_from": day, "valid_until": None}
        for instrument in instruments
    ]
    at = canonical.instant_text(now)
    entry = {
        "schema": "comity-entry/1",
        "id": own.id,
        "state": own.state,
        "region": own.region,
        "names": own.names,
        "designations": designations,
        "contacts": own.contacts or [contact],
        "valid_from": at,
        "valid_until": None,
        "confirmed_at": at,
        "card": canonical.read(cards.export_card(own)),
    }
    read_entry(canonical.write(entry))
    return entry
