"""Add what was done to the ledger, inside the transaction that does it."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from comity.node.databases import rows
from comity.node.ledger import wall_clock
from comity.node.ledger.models import Entry
from comity.proofs.entries import SALT_BYTES, commit


def append(kind: str, subject: str, content: dict[str, Any], *, now: datetime) -> Entry:
    """Note one thing done; it commits, or not, with the caller's transaction.

    Exactly ``content`` (JSON values, no personal data beyond what its owner keeps) is committed to, under
    a new random salt; ``kind`` and ``subject`` are for finding it. The sequencer gives the entry its place
    in the log afterwards. Raises ClockSteppedError while the clock that gave ``now`` cannot be believed.
    """
    wall_clock.demand_steady()
    return append_though_stepped(kind, subject, content, now=now)


def append_though_stepped(kind: str, subject: str, content: dict[str, Any], *, now: datetime) -> Entry:
    """The same for the one act that says of a stepped clock that it is right."""
    salt = secrets.token_bytes(SALT_BYTES)
    entry = Entry(
        kind=kind,
        subject=subject,
        content=content,
        salt=salt,
        commitment=commit(salt, content),
        written_at=now,
    )
    rows.insert(entry)
    return entry
