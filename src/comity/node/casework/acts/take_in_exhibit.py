"""Take evidence in by hand: a file that an official brings."""

from __future__ import annotations

from datetime import datetime
from typing import BinaryIO

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import events
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.models import Case, Item
from comity.node.exhibits import intake
from comity.node.exhibits.models import Exhibit


def take_in_exhibit(
    official: Official,
    case: Case,
    item: Item | None,
    *,
    stream: BinaryIO,
    raw_name: str,
    media_type: str,
    source: str,
    data_kind: str = "",
    now: datetime,
) -> Exhibit:
    """Store the stream (hashed while it passes), then make it an exhibit with its first custody records.

    The bulk goes before the transaction, which is therefore inside the exhibits room and short.
    """
    authorise(official, "take_in_exhibit")
    demand_entitled(official, case)

    def on_timeline(exhibit: Exhibit) -> None:
        events.note(case, "exhibit_taken_in", now=now, by=official, number=exhibit.number)

    number = item.number if item else None
    described = intake.Description(case.reference, number, raw_name, media_type, source, data_kind)
    return intake.take_in(official, stream, described, now=now, also=on_timeline)
