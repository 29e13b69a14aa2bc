"""The witness's side of C2SP tlog-witness: ``add-checkpoint``, compared and saved before it is cosigned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django.db import transaction

from comity.node.directory import anchors, known
from comity.node.directory.models import Authority
from comity.node.ledger import keys
from comity.node.witnesses import heads
from comity.node.witnesses.models import Head
from comity.proofs import cosignatures, merkle
from comity.proofs.checkpoints import Checkpoint, origin
from comity.proofs.notes import open_note, read_note
from comity.proofs.witnessing import Submission
from comity.terms import ComityError

MAX_BYTES = 64 * 1024
TEXT, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the protocol answers."""

    status: HTTPStatus
    body: bytes = b""
    media_type: str = TEXT


def add_checkpoint(body: bytes, now: datetime) -> Answer:
    """Cosign a peer's head if it continues the last one that this node cosigned (WITNESS-1).

    The head is on disk when this returns. One that contradicts a head seen before is kept as a proof of fork.
    """
    try:
        submission = Submission.parse(body)
        text, _ = read_note(submission.note)
        head = Checkpoint.parse(text)
    except ComityError:
        return Answer(HTTPStatus.BAD_REQUEST)
    peer = next((each for each in known.peers() if origin(each.id) == head.origin), None)
    if peer is None:
        return Answer(HTTPStatus.NOT_FOUND)
    try:
        open_note(submission.note, [anchors.verifier(peer)])
    except ComityError:
        return Answer(HTTPStatus.FORBIDDEN)
    if submission.old_size > head.size:
        return Answer(HTTPStatus.BAD_REQUEST)
    with transaction.atomic():
        known.hold(peer)
        return _compared(submission, head, text, peer, now)


def _compared(submission: Submission, head: Checkpoint, text: str, peer: Authority, now: datetime) -> Answer:
    last = heads.cosigned(peer)
    size, root = (last.size, bytes(last.root)) if last else (0, merkle.EMPTY_ROOT)
    note = submission.note.decode()
    kept = heads.remember(head, note, peer, now)
    if submission.old_size != size or (size == head.size and root != head.root):
        return Answer(HTTPStatus.CONFLICT, f"{size}\n".encode(), SIZE)
    try:
        merkle.check_consistency(size, root, head.size, head.root, submission.path)
    except merkle.ConsistencyUnprovenError:
        if last is not None and kept is not None:
            heads.accuse((head, note), last, peer, now)
        return Answer(HTTPStatus.UNPROCESSABLE_ENTITY)
    if kept is None:
        return Answer(HTTPStatus.CONFLICT, f"{size}\n".encode(), SIZE)
    line = cosignatures.cosign(text, keys.signer(), now)
    Head.objects.filter(id=kept.id).update(cosigned_at=now)
    heads.proved(head, peer, now)
    return Answer(HTTPStatus.OK, line.encode())
