"""Receipts of peers: keep what they attest of our letters, once its proof holds; tell what it changes.

Whatever comes again is the receipt that is kept already; other bytes about the same hop are remembered by the
ledger and change nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from comity import canonical
from comity.delivery.standing import standing
from comity.node import config
from comity.node.databases import rows
from comity.node.directory import anchors, known
from comity.node.directory.models import Authority
from comity.node.exchange import arrivals
from comity.node.exchange.models import Direction, Letter, Receipt, Stage
from comity.node.exchange.receipts import DELIVER, move
from comity.node.jobs import outbox
from comity.node.ledger import entries
from comity.node.witnesses import heads
from comity.proofs import receipts
from comity.proofs.checkpoints import Checkpoint
from comity.proofs.receipts import ReceiptName, Statement
from comity.terms import ComityError, gettext_noop

_log = logging.getLogger(__name__)
_STAGE = {
    ReceiptName.RELAY_REMMD_ACCEPTANCE: Stage.RELAYED,
    ReceiptName.RELAY_REMMD_REJECTION: Stage.FAILED,
    ReceiptName.DELIVERY: Stage.DELIVERED,
    ReceiptName.NON_DELIVERY: Stage.FAILED,
    ReceiptName.RETRIEVAL: Stage.RETRIEVED,
}
"""What a receiving node attests, and where each leaves the letter."""


class ReceiptForeignError(ComityError):
    """A receipt is not about the letter, or not from the peer, that it was sent for."""

    code = "receipt_foreign"
    message = gettext_noop("The receipt is not about a letter that this node sent to its signer.")
    next_step = gettext_noop("Compare the letter's id and container with the sender.")


class ReceiptConflictError(ComityError):
    """The peer attested the same hop before, in other bytes."""

    code = "receipt_conflict"
    message = gettext_noop("A different receipt {name} of this letter is kept already.")
    next_step = gettext_noop("Send the receipt that was stored first; both are kept as evidence.")


def keep(note: bytes, peer: Authority, now: datetime, *, offered: Letter | None = None) -> Receipt:
    """Keep a receipt that a peer sends about a letter of ours, after verifying it with the peer's key.

    ``offered``: the letter whose offer it answers, which counts as an attempt. A receipt about another letter
    is kept for that one, and is no answer: ReceiptForeignError. The same bytes again are welcome; other bytes
    about the same hop are a ReceiptConflictError, which the ledger remembers, and the first receipt stays.
    Raises the error of the proof that does not hold. Clause WIRE-18.
    """
    receipt, head = _opened(note, peer)
    try:
        kept = _kept_at_once([(offered, note, receipt, head)], peer, now)[0]
    except Exception:
        heads.see_opened(head, receipt.checkpoint, peer, now)  # remembered whatever becomes of the receipt
        raise
    if isinstance(kept, ComityError):
        raise kept
    return kept


def keep_several(
    notes: Sequence[tuple[Letter | None, bytes]], peer: Authority, now: datetime
) -> list[Receipt | ComityError]:
    """The same of several, each with the letter whose offer it answers: in one transaction if all goes well,
    else one by one. Of each the receipt that is kept, or the error that ``keep`` raises.
    """
    try:
        opened = [(offered, note, *_opened(note, peer)) for offered, note in notes]
        return _kept_at_once(opened, peer, now)
    except Exception as error:
        _log.info("%s receipts are kept one by one: %s", len(notes), type(error).__name__)
        return [_kept_or_error(note, peer, now, letter) for letter, note in notes]


def _kept_at_once(
    opened: Sequence[tuple[Letter | None, bytes, receipts.Receipt, Checkpoint]],
    peer: Authority,
    now: datetime,
) -> list[Receipt | ComityError]:
    with transaction.atomic():
        known.hold(peer)
        for checkpoint, head in {receipt.checkpoint: head for *_, receipt, head in opened}.items():
            heads.remember(head, checkpoint, peer, now)
        return [
            _counted(_kept(receipt, note, peer, now, offered=offered), offered)
            for offered, note, receipt, _ in opened
        ]


def _kept_or_error(
    note: bytes, peer: Authority, now: datetime, offered: Letter | None
) -> Receipt | ComityError:
    try:
        return keep(note, peer, now, offered=offered)
    except ComityError as error:
        return error


def _opened(note: bytes, peer: Authority) -> tuple[receipts.Receipt, Checkpoint]:
    """A peer's receipt and its head, once its proof holds."""
    receipt, head = receipts.verify_receipt(note, anchors.verifier(peer))
    if receipt.source != peer.id:
        raise ReceiptForeignError(letter=receipt.letter)
    return receipt, head


def _counted(kept: Receipt | ComityError, offered: Letter | None) -> Receipt | ComityError:
    """The same; an error where the receipt is no answer to the letter that was offered."""
    if isinstance(kept, ComityError) or offered is None or kept.letter_id == offered.pk:
        return kept
    return ReceiptForeignError(letter=str(kept.letter_id))


def _kept(
    statement: Statement, note: bytes, peer: Authority, now: datetime, *, offered: Letter | None
) -> Receipt | ComityError:
    """The receipt that is kept; what is wrong with this one, which the ledger may have to remember."""
    letter = _own_letter(statement, peer)
    if letter is None:
        return ReceiptForeignError(letter=statement.letter)
    of_peer = rows.those(Receipt, letter_id=letter.id, issued_by=peer.id)
    before = {ReceiptName(each.kind): each for each in of_peer}
    first = before.get(statement.receipt)
    if first is not None and first.note.encode() != note:
        content = {"what": "receipt_conflict", "letter": str(letter.id), "sha256": sha256(note).hexdigest()}
        entries.append("receipt_conflict", str(letter.id), content, now=now)
        return ReceiptConflictError(name=statement.receipt)
    changed: list[str] = []
    if offered is not None and letter.pk == offered.pk:
        letter.attempts, letter.tried_at, letter.tried_code = letter.attempts + 1, now, ""
        changed += ["attempts", "tried_at", "tried_code"]
    if first is None and standing([*before, statement.receipt]) is statement.receipt:
        # Once the peer has spoken, its receipts say where the letter stands, and not our attested silence.
        code = statement.reason.code if statement.reason else ""
        changed += move(letter, _STAGE[statement.receipt], code, canonical.read_instant(statement.at))
    if changed:
        rows.update(letter, changed)
    return first or _keep(letter, statement, note.decode(), peer.id, now)


def _own_letter(statement: Statement, peer: Authority) -> Letter | None:
    """The letter of ours that the statement is about; None where it is about none that the peer was sent."""
    letter = rows.find(Letter, lock=True, id=statement.letter, direction=Direction.OUT.value)
    if letter is None or letter.peer_id != peer.id or statement.receipt not in _STAGE:
        return None
    ours = (peer.id, config.current().id, letter.sha256, letter.bytes)
    container = statement.container
    said = (statement.source, statement.target, container.sha256, container.bytes)
    return letter if said == ours else None


def _keep(letter: Letter, statement: Statement, note: str, issuer: str, now: datetime) -> Receipt:
    at = canonical.read_instant(statement.at)
    kept = Receipt(letter=letter, kind=statement.receipt.value, issued_by=issuer, note=note, at=at)
    rows.insert(kept)
    content = {
        "what": "receipt_kept",
        "letter": str(letter.id),
        "receipt": statement.receipt.value,
        "sha256": sha256(note.encode()).hexdigest(),
    }
    entries.append("receipt_kept", str(letter.id), content, now=now)
    arrivals.tell(letter, statement.receipt, now)
    if statement.receipt is ReceiptName.DELIVERY:  # there is only more time to wait
        outbox.reopen(f"{DELIVER}:{letter.id}", now)
    else:
        outbox.resume(f"{DELIVER}:{letter.id}", now)
    return kept
