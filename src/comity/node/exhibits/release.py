"""Letting exhibits go to another authority: custody first, then the letter that carries them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from comity.node.accounts.models import Official
from comity.node.exhibits import closing, custody, reading
from comity.node.exhibits.models import Exhibit
from comity.proofs.custody import CustodyAct


def send(
    exhibits: Sequence[Exhibit], letter: uuid.UUID, *, official: Official, to: str, now: datetime
) -> list[dict[str, Any]]:
    """Record that the exhibits are sent under a letter; return all their records for it to tell."""
    closing.demand_open(exhibits)
    for exhibit in exhibits:
        if not exhibit.is_there:
            raise reading.ExhibitDestroyedError(number=exhibit.number)
        custody.record(exhibit, CustodyAct.SENT, official=official, note=f"to {to}, letter {letter}", now=now)
        exhibit.letter = letter
        exhibit.save(update_fields=["letter"])
    return [record for exhibit in exhibits for record in custody.chain(exhibit)]


def announce(exhibit: Exhibit) -> dict[str, Any]:
    """An exhibit as the letter lists it among its attachments."""
    name, media_type, size, digest, _ = reading.attachment(str(exhibit.id))
    return {
        "name": name,
        "media_type": media_type,
        "bytes": size,
        "sha256": digest,
        "exhibit": str(exhibit.id),
    }
