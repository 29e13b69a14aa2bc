"""What the receiving node does with a letter that a peer offers (WIRE-10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from comity import canonical
from comity.delivery.envelope import Envelope, lives_too_long

CLOCK_SKEW = timedelta(minutes=5)
"""How far a peer's clock may go ahead of ours."""


@dataclass(frozen=True, slots=True)
class Known:
    """What this node remembers, for ever, of a letter id: who sent it, and which container it was."""

    peer: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Accept:
    """Take the container in."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same letter again: answer with the same stored receipt (WIRE-11)."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer with a signed rejection that gives this code."""

    code: str


REASONS = {
    "unknown_sender": "the envelope names another sender than the peer that offers it",
    "wrong_recipient": "the letter is addressed to another authority",
    "replayed": "this letter id belongs to another container or another sender",
    "expired": "the letter has expired",
    "written_in_future": "the letter claims to be written later than now",
    "life_too_long": "the letter expires more than 30 days after it was written",
    "size_exceeded": "the container is larger than this node takes",
}
"""The codes with which an offered letter is refused, and their sentences."""


def judge_arrival(
    envelope: Envelope, *, own_id: str, peer_id: str, known: Known | None, now: datetime, max_bytes: int
) -> Accept | Repeat | Refuse:
    """Decide about a letter that ``peer_id`` (known by its certificate) offers to ``own_id``."""
    if envelope.source != peer_id:
        return Refuse("unknown_sender")
    if envelope.target != own_id:
        return Refuse("wrong_recipient")
    if known is not None:
        return Repeat() if known == Known(peer_id, envelope.sha256) else Refuse("replayed")
    if canonical.read_instant(envelope.expires_at) <= now:
        return Refuse("expired")
    if canonical.read_instant(envelope.written_at) > now + CLOCK_SKEW:
        return Refuse("written_in_future")
    if lives_too_long(envelope.written_at, envelope.expires_at):
        return Refuse("life_too_long")
    return Refuse("size_exceeded") if envelope.bytes > max_bytes else Accept()
