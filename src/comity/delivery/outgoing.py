"""What the sending node does next with one sealed letter (WIRE-17).

Silence is a fact: when a receipt does not come in time, the sender attests that itself (RELAY_REMMD_FAILURE,
NON_DELIVERY, NON_RETRIEVAL), and a receipt of a later hop that comes after all still counts. An acceptance
that was lost is asked for again: the peer answers the offer of a letter it has with the receipt it stored.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from comity.delivery.standing import standing
from comity.proofs.receipts import ReceiptName

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long after sealing each receipt may take (RECEIPT-4)."""

    relay: timedelta = timedelta(hours=12)
    delivery: timedelta = timedelta(hours=24)
    retrieval: timedelta = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A sealed letter: when it was sealed, how often and when last it was offered, its receipts so far."""

    sealed_at: datetime
    attempts: int = 0
    tried_at: datetime | None = None
    receipts: Collection[ReceiptName] = ()


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
    if reached is ReceiptName.DELIVERY:
        return _await(letter.sealed_at + limits.retrieval, ReceiptName.NON_RETRIEVAL, now)
    if reached is ReceiptName.RELAY_REMMD_ACCEPTANCE:
        return _await(letter.sealed_at + limits.delivery, ReceiptName.NON_DELIVERY, now)
    if reached not in (None, ReceiptName.SUBMISSION_ACCEPTANCE):
        return Done()
    deadline = letter.sealed_at + limits.relay
    return Attest(ReceiptName.RELAY_REMMD_FAILURE) if now >= deadline else _offer(letter, deadline, now)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: doubling from one second to ten minutes."""
    return min(FIRST_PAUSE * (1 << min(max(attempts - 1, 0), 20)), LONGEST_PAUSE)


def _lost_acceptance(letter: Outgoing, reached: ReceiptName | None, oldest: datetime) -> bool:
    """Whether the peer attests a later hop while this node never kept the acceptance it answered with."""
    beyond = reached in (ReceiptName.DELIVERY, ReceiptName.RETRIEVAL)
    return beyond and ReceiptName.RELAY_REMMD_ACCEPTANCE not in letter.receipts and letter.sealed_at > oldest


def _offer(letter: Outgoing, deadline: datetime, now: datetime) -> Action:
    due = letter.sealed_at if letter.tried_at is None else letter.tried_at + pause_after(letter.attempts)
    return Send() if now >= due else Wait(min(due, deadline))


def _await(deadline: datetime, failure: ReceiptName, now: datetime) -> Action:
    return Attest(failure) if now >= deadline else Wait(deadline)
