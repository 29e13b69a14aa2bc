"""Where each letter is, which proof of it exists, and until when the next one is waited for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet

from comity.node.accounts.models import Official
from comity.node.casework.entitlement import sees_every_case, visible
from comity.node.exchange.delivering import awaited_until, timeouts_of
from comity.node.exchange.models import Direction, Letter, Receipt, Stage
from comity.proofs.receipts import ReceiptName

WAITING, UNRECEIPTED, FAILED, ARRIVING, ALL = "waiting", "unreceipted", "failed", "arriving", "all"
LISTS = (WAITING, UNRECEIPTED, FAILED, ARRIVING, ALL)
"""Not on the other node's disk yet; a receipt is still waited for; failed or refused; not verified yet."""
HOPS = (ReceiptName.RELAY_REMMD_ACCEPTANCE, ReceiptName.DELIVERY, ReceiptName.RETRIEVAL)


@dataclass(frozen=True, slots=True)
class Hop:
    """One hop of an outgoing letter: the receipt that proves it, or until when it is waited for.

    ``failure`` is our own signed finding that it did not come in time, or the other side's that it failed.
    """

    name: ReceiptName
    proof: Receipt | None
    failure: Receipt | None
    until: datetime | None


_FAILURES = {
    ReceiptName.RELAY_REMMD_ACCEPTANCE: ("RELAY_REMMD_FAILURE", "RELAY_REMMD_REJECTION"),
    ReceiptName.DELIVERY: ("NON_DELIVERY",),
    ReceiptName.RETRIEVAL: ("NON_RETRIEVAL",),
}


def letters(official: Official | AnonymousUser, listed: str, *, peer: str = "") -> QuerySet[Letter]:
    """The letters of a list that the official may see, the latest change first."""
    seen = visible(official)
    found = Letter.objects.select_related("peer").prefetch_related("receipts")
    if not sees_every_case(official):
        found = found.filter(case_reference__in=seen.values("reference"))
    if peer:
        found = found.filter(peer=peer)
    return _of(found, listed).order_by("-stage_at", "-id")


def hops(letter: Letter) -> list[Hop]:
    """The three hops of a letter of ours, as far as its proofs go; after a late one the next has its time.

    Of a letter that failed nothing is awaited any more: what comes after all counts all the same.
    """
    if letter.direction != Direction.OUT:
        return []
    kept = {each.kind: each for each in letter.receipts.all()}
    limits = timeouts_of(letter)
    made: list[Hop] = []
    for name, limit in zip(HOPS, (limits.relay, limits.delivery, limits.retrieval), strict=True):
        failure = next((kept[kind] for kind in _FAILURES[name] if kind in kept), None)
        is_over = letter.stage == Stage.FAILED or failure is not None
        until = letter.sealed_at + limit if letter.sealed_at and not is_over else None
        if until and made and made[-1].proof and name not in kept:
            until = awaited_until(letter, until)
        made.append(Hop(name, kept.get(name), failure, until))
    return made


def _of(found: QuerySet[Letter], listed: str) -> QuerySet[Letter]:
    if listed == WAITING:
        return found.filter(direction=Direction.OUT, stage__in=(Stage.FROZEN, Stage.SEALED))
    if listed == FAILED:
        return found.filter(stage__in=(Stage.FAILED, Stage.REFUSED))
    if listed == ARRIVING:
        return found.filter(direction=Direction.IN, stage=Stage.ACCEPTED)
    if listed == UNRECEIPTED:
        opened = Receipt.objects.filter(letter=OuterRef("pk"), kind=ReceiptName.RETRIEVAL)
        on_way = Q(stage__in=(Stage.SEALED, Stage.RELAYED, Stage.DELIVERED))
        return found.filter(on_way, ~Exists(opened), direction=Direction.OUT)
    return found
