"""Letters that belong to no case: what a peer tells of itself is heard, and an administrator decides."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.letters.bodies import DirectoryUpdateBody
from comity.letters.schema import Letter as Document
from comity.node.accounts.models import Official
from comity.node.directory import successors
from comity.node.directory.models import Authority, Update
from comity.node.exchange.models import Direction, Letter, Stage
from comity.node.exchange.opening import attest_to_sender
from comity.proofs.receipts import ReceiptName

KIND = "directory_update"


def hear(row: Letter, document: Document, now: datetime) -> None:
    """Let it wait for a decision; raises what ``successors.propose`` does, and then nothing has changed."""
    body: DirectoryUpdateBody = document.body  # type: ignore[assignment]
    successors.propose(row.peer, body, number=document.generation, letter=row.id, now=now)


def take(by: Official, update: Update, *, reasons: str, now: datetime) -> Authority:
    """Take over what the authority told; its letter counts as retrieved."""
    with transaction.atomic():
        taken = successors.take(by, update, reasons=reasons, now=now)
        _retrieved(update, now)
    return taken


def decline(by: Official, update: Update, *, reasons: str, now: datetime) -> None:
    """Take nothing over; its letter counts as retrieved."""
    with transaction.atomic():
        successors.decline(by, update, reasons=reasons, now=now)
        _retrieved(update, now)


def _retrieved(update: Update, now: datetime) -> None:
    """Whoever decided has read it: the sender gets the receipt (WIRE-22)."""
    row = (
        Letter.objects.select_for_update()
        .filter(pk=update.letter, direction=Direction.IN, stage=Stage.DELIVERED)
        .first()
    )
    if row is not None:
        row.stage, row.stage_at = Stage.RETRIEVED, now
        row.save(update_fields=["stage", "stage_at"])
        attest_to_sender(row, ReceiptName.RETRIEVAL, now)
