"""Take in what a peer offers: judge, store durably, attest, and only then answer.

Nothing is opened here. A duplicate gets the stored receipt's very bytes; a refusal is a signed receipt too.
What could not be stored (cut off, disk full) leaves nothing behind and is no refusal: the peer tries again.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import IO

from django.db import IntegrityError, transaction

from comity import canonical
from comity.delivery.envelope import Envelope
from comity.delivery.incoming import REASONS, Accept, Known, Refuse, Repeat, judge_arrival
from comity.node import config, durable
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.exchange import receipts
from comity.node.exchange.models import Direction, Letter, Stage
from comity.node.jobs import outbox
from comity.proofs.receipts import Reason, ReceiptName
from comity.terms import ComityError, gettext_noop

OPEN = "exchange.open_arrival"
MAX_CONTAINER_BYTES = 64 * 1024**3
_BLOCK = 1024 * 1024


class CutOffError(ComityError):
    """Fewer bytes came than the envelope says."""

    code = "cut_off"
    temporary = True
    message = gettext_noop("Only {got} of {expected} bytes arrived; nothing was kept.")
    next_step = gettext_noop("Send the letter again.")


class ContainerDiffersError(ComityError):
    """The bytes that came are not those the envelope names."""

    code = "container_differs"
    temporary = True
    message = gettext_noop("The container that arrived is not the one its envelope names; nothing was kept.")
    next_step = gettext_noop("Send the letter again.")


def answer_offer(envelope: Envelope, peer: Authority, now: datetime) -> bytes | None:
    """The stored or signed answer to an announced letter; None when its container is wanted."""
    match _judge(envelope, peer, now):
        case Repeat():
            return _accepted(envelope, now)
        case Refuse(code):
            return _refused(envelope, peer, code, now)
        case Accept():
            durable.ensure_room(config.current().arriving, envelope.bytes)
            return None


def accept(stream: IO[bytes], envelope: Envelope, peer: Authority, now: datetime) -> bytes:
    """Take in a letter's container and return the signed receipt (or rejection) note.

    Raises CutOffError, ContainerDiffersError or DiskFullError, after which nothing is kept.
    """
    answer = answer_offer(envelope, peer, now)
    if answer is not None:
        return answer
    path = quarantined(envelope.letter, envelope.sha256)
    try:
        with durable.new_file(path) as out:
            _receive(stream, out, envelope)
    except durable.FileExistsAlreadyError:
        pass  # whole already (its name is its hash): an earlier attempt died before its row was written
    try:
        with transaction.atomic():
            _enter(envelope, peer, now)
    except IntegrityError:
        pass  # the same letter came on another connection at the same time
    return _accepted(envelope, now)


def quarantined(letter: str, sha256: str) -> Path:
    """Where an arrived container waits until it is opened."""
    return config.current().arriving / f"{letter}-{sha256}.age"


def _judge(envelope: Envelope, peer: Authority, now: datetime) -> Accept | Repeat | Refuse:
    row = Letter.objects.filter(id=envelope.letter).first()
    remembered = None
    if row is not None:
        remembered = Known(row.peer_id if row.direction == Direction.IN else "", row.sha256)
    return judge_arrival(
        envelope,
        own_id=known.own().id,
        peer_id=peer.id,
        known=remembered,
        now=now,
        max_bytes=MAX_CONTAINER_BYTES,
    )


def _receive(stream: IO[bytes], out: IO[bytes], envelope: Envelope) -> None:
    hashing, left = hashlib.sha256(), envelope.bytes
    while left:
        block = stream.read(min(_BLOCK, left))
        if not block:
            raise CutOffError(got=envelope.bytes - left, expected=envelope.bytes)
        hashing.update(block)
        out.write(block)
        left -= len(block)
    if stream.read(1) or hashing.hexdigest() != envelope.sha256:
        raise ContainerDiffersError


def _enter(envelope: Envelope, peer: Authority, now: datetime) -> None:
    letter = Letter.objects.create(
        id=envelope.letter,
        direction=Direction.IN,
        peer=peer,
        generation=envelope.generation,
        stage=Stage.ACCEPTED,
        travelling=quarantined(envelope.letter, envelope.sha256).name,
        sha256=envelope.sha256,
        bytes=envelope.bytes,
        received_at=now,
        stage_at=now,
        expires_at=canonical.read_instant(envelope.expires_at),
    )
    receipts.attest(letter, ReceiptName.RELAY_REMMD_ACCEPTANCE, now=now)
    outbox.ask(OPEN, f"{OPEN}:{envelope.letter}", {"letter": envelope.letter}, now=now, priority=10)


def _accepted(envelope: Envelope, now: datetime) -> bytes:
    letter = Letter.objects.get(id=envelope.letter)
    return receipts.issue(letter, ReceiptName.RELAY_REMMD_ACCEPTANCE, now=now).note.encode()


def _refused(envelope: Envelope, peer: Authority, code: str, now: datetime) -> bytes:
    reason = Reason(code=code, text=REASONS[code])
    return receipts.reject(envelope, peer, reason, now=now).note.encode()
