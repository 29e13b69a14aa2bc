"""What the sending node does next with one sealed letter (WIRE-17).

Silence is a fact: when a receipt does not come in time, the sender attests that itself (RELAY_REMMD_FAILURE,
NON_DELIVERY, NON_RETRIEVAL), and a receipt that comes after all still counts. From then on the next one is
waited for again, as long after it as after one that came in time: the later truth is told too. An acceptance
that was lost is asked for again: the peer answers the offer of a letter it has with the receipt it stored.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from comity.delivery.standing import standing
from comity.proofs.receipts import ReceiptName

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)
"""Whatever parted two nodes, a letter is offered again within half a minute of its end."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long after sealing each receipt may take (RECEIPT-4); none less than the one before it."""

    relay: timedelta = timedelta(hours=12)
    delivery: timedelta = timedelta(hours=24)
    retrieval: timedelta = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A sealed letter: when it was sealed, how often and when last it was offered.

    ``receipts`` are those of the peer, ``silences`` those that this node attested of the peer's silence;
    ``heard_at`` is when the peer's receipt that counts was kept (None: in time). ``asked_at`` is when an
    official asked that it be offered again, after its time was over.
    """

    sealed_at: datetime
    attempts: int = 0
    tried_at: datetime | None = None
    receipts: Collection[ReceiptName] = ()
    silences: Collection[ReceiptName] = ()
    heard_at: datetime | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Send:
    """Offer the letter to the peer now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before ``until``, unless a receipt comes."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Attest:
    """No receipt came in time: sign this one ourselves."""

    receipt: ReceiptName


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing is left to do."""


Action = Send | Wait | Attest | Done


def next_action(letter: Outgoing, now: datetime, timeouts: Timeouts | None = None) -> Action:
    """The one thing to do with the letter at ``now``."""
    limits = timeouts or Timeouts()
    reached = standing(letter.receipts)
    if _lost_acceptance(letter, reached, now - limits.delivery):
        return _offer(letter, letter.sealed_at + limits.delivery, now)
    hop = _hop_after(reached, limits)
    if hop is not None:
        if hop.failure in letter.silences:
            return Done()
        deadline = awaited_until(letter, limits)
        return Attest(hop.failure) if now >= deadline else Wait(deadline)
    if reached is not None:
        return Done()
    if ReceiptName.RELAY_REMMD_FAILURE in letter.silences:
        again = offered_until(letter, limits)
        return Done() if again is None or now >= again else _offer(letter, again, now)
    deadline = letter.sealed_at + limits.relay
    return Attest(ReceiptName.RELAY_REMMD_FAILURE) if now >= deadline else _offer(letter, deadline, now)


def awaited_until(letter: Outgoing, limits: Timeouts) -> datetime:
    """Until when the receipt after the peer's last one is waited for; later where that one came late."""
    hop = _hop_after(standing(letter.receipts), limits)
    if hop is None:
        return letter.sealed_at + limits.relay
    late = letter.heard_at is not None and letter.heard_at > letter.sealed_at + hop.before
    began = letter.heard_at - hop.before if late and letter.heard_at else letter.sealed_at
    return began + hop.limit


def offered_until(letter: Outgoing, limits: Timeouts) -> datetime | None:
    """Until when a letter is offered again that was not taken in its time; None where nobody asked for it."""
    return None if letter.asked_at is None else letter.asked_at + limits.relay


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling from one second to half a minute."""
    return min(FIRST_PAUSE * (1 << min(max(attempts - 1, 0), 20)), LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class _Hop:
    """A hop that is waited for: the limits of the one before it and of its own, and what its absence is."""

    before: timedelta
    limit: timedelta
    failure: ReceiptName


def _hop_after(reached: ReceiptName | None, limits: Timeouts) -> _Hop | None:
    if reached is ReceiptName.RELAY_REMMD_ACCEPTANCE:
        return _Hop(limits.relay, limits.delivery, ReceiptName.NON_DELIVERY)
    if reached is ReceiptName.DELIVERY:
        return _Hop(limits.delivery, limits.retrieval, ReceiptName.NON_RETRIEVAL)
    return None


def _lost_acceptance(letter: Outgoing, reached: ReceiptName | None, oldest: datetime) -> bool:
    """Whether the peer attests a later hop while this node never kept the acceptance it answered with."""
    beyond = reached in (ReceiptName.DELIVERY, ReceiptName.RETRIEVAL)
    return beyond and ReceiptName.RELAY_REMMD_ACCEPTANCE not in letter.receipts and letter.sealed_at > oldest


def _offer(letter: Outgoing, deadline: datetime, now: datetime) -> Action:
    due = letter.sealed_at if letter.tried_at is None else letter.tried_at + pause_after(letter.attempts)
    return Send() if now >= due else Wait(min(due, deadline))
