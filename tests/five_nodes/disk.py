"""The rules of the exchange, what nodes say to one another, and what of a node survives a crash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from comity import canonical
from comity.delivery.envelope import Envelope
from comity.delivery.incoming import Accept, Known, Refuse, Repeat, judge_arrival
from comity.delivery.outgoing import Action, Outgoing, next_action
from comity.proofs.receipts import ReceiptName
from tests.five_nodes.network import Note


@dataclass(frozen=True)
class Rules:
    """The rules of the exchange. A negative control takes one of them away."""

    judge: Callable[..., Accept | Repeat | Refuse] = judge_arrival
    act: Callable[[Outgoing, datetime], Action] = next_action
    disk_first: bool = True
    stored_receipt: bool = True
    in_order: bool = True
    newest_only: bool = True
    verified: bool = True


class Offer(NamedTuple):
    """A letter's envelope, offered."""

    envelope: Envelope


class Thanks(NamedTuple):
    """A receipt has come."""

    letter: str
    name: ReceiptName


@dataclass
class Disk:
    """What survives a crash. ``effects``: whose letter of which generation changed a case, in order."""

    written: dict[str, Outgoing] = field(default_factory=dict)
    envelopes: dict[str, Envelope] = field(default_factory=dict)
    order: dict[str, list[str]] = field(default_factory=dict)
    kept: dict[tuple[str, ReceiptName], Note] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    arrived: dict[str, Envelope] = field(default_factory=dict)
    unread: dict[str, None] = field(default_factory=dict)
    unopened: dict[str, None] = field(default_factory=dict)
    signed: dict[tuple[str, str, str, ReceiptName], Note] = field(default_factory=dict)
    untold: dict[tuple[str, ReceiptName], Note] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    effects: list[tuple[str, str, int]] = field(default_factory=list)
    size: int = 0
    root: bytes = b""
    head: int = 0


def envelope_of(letter: str, source: str, target: str, generation: int, now: datetime) -> Envelope:
    """The envelope of a letter of a thousand bytes."""
    return Envelope.model_validate(
        {
            "schema": "comity-envelope/1",
            "letter": letter,
            "from": source,
            "to": target,
            "generation": generation,
            "sha256": sha256(letter.encode()).hexdigest(),
            "bytes": 1000,
            "written_at": canonical.instant_text(now),
            "expires_at": canonical.instant_text(now + timedelta(days=29)),
        }
    )
