"""Take in what a peer offers: judge, store durably, attest, and only then answer.

Nothing is opened here. A duplicate gets the stored receipt's very bytes; a refusal is a signed receipt too.
What could not be stored (cut off, disk full) is no refusal: the peer tries again. Of a small container that
was cut off nothing is kept, of a large one what came: its peer goes on from there.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import cycle
from pathlib import Path
from typing import IO

from django.db import IntegrityError, OperationalError, transaction

from comity import canonical
from comity.delivery.envelope import Envelope
from comity.delivery.incoming import REASONS, Accept, Known, Refuse, Repeat, judge_arrival
from comity.node import config, durable
from comity.node.databases import rows
from comity.node.directory.models import Authority
from comity.node.exchange import allowances, receipts, unfinished
from comity.node.exchange.models import Direction, Letter, Receipt, Rejection, Stage
from comity.node.jobs import outbox
from comity.proofs.receipts import Reason, ReceiptName
from comity.sealing.age.payload import filled
from comity.sealing.hashing import update_all
from comity.terms import ComityError, gettext_noop

OPEN = "exchange.open_arrival"
MAX_CONTAINER_BYTES = 64 * 1024**3
_BLOCK = 1024 * 1024
Answered = bytes | int | ComityError
"""A signed note, from which byte on the container is wanted, or why nothing counts as arrived."""


class CutOffError(ComityError):
    """Fewer bytes came than the envelope says."""

    code = "cut_off"
    temporary = True
    message = gettext_noop("Only {got} of {expected} bytes arrived.")
    next_step = gettext_noop("Send the letter again.")


class ContainerDiffersError(ComityError):
    """The bytes that came are not those the envelope names."""

    code = "container_differs"
    temporary = True
    message = gettext_noop("The container that arrived is not the one its envelope names; nothing was kept.")
    next_step = gettext_noop("Send the letter again.")


def answer_offer(envelope: Envelope, peer: Authority, now: datetime, *, beside: int = 0) -> bytes | int:
    """The stored or signed answer to an announced letter, or from which byte on its container is wanted.

    ``beside``: bytes of the peer's that were taken in and are not entered yet.
    Clauses: WIRE-9, WIRE-10, WIRE-11.
    """
    match _judge(envelope, peer, now):
        case Repeat():
            return _accepted(envelope, now)
        case Refuse(code):
            return _refused(envelope, peer, code, now)
        case Accept():
            there = unfinished.held(envelope, peer)
            allowances.demand(peer, now, size=envelope.bytes - there, beside=beside)
            durable.ensure_room(config.current().arriving, envelope.bytes - there)
            return there


def accept(
    stream: IO[bytes], envelope: Envelope, peer: Authority, now: datetime, part: range | None = None
) -> bytes | int:
    """Take in a letter's container, or the bytes ``part`` of it, and return the signed receipt (or
    rejection) note; the number of the next byte while more are wanted.

    Raises CutOffError, ContainerDiffersError or DiskFullError, after which nothing counts as arrived.
    Clauses: WIRE-12, WIRE-13.
    """
    answer = answer_offer(envelope, peer, now)
    if not isinstance(answer, int):
        return answer
    came = range(envelope.bytes) if part is None else part
    if not _stored(_Counted(stream, peer, now), envelope, peer, came, now):
        return came.stop
    allowances.charge(peer, now, letters=1)
    answered = _entered([envelope], peer, now)[0]
    if isinstance(answered, ComityError):
        raise answered
    return answered


def accept_several(
    brought: Iterable[tuple[Envelope, bytes]], peer: Authority, now: datetime
) -> list[Answered]:
    """Take in the whole containers of several small letters; what each alone would have been answered.

    They are entered in one transaction, so that one head proves their receipts. Clause WIRE-25.
    """
    answers: dict[int, Answered] = {}
    stored: dict[int, Envelope] = {}
    for at, (envelope, container) in enumerate(brought):
        beside = sum(each.bytes for each in stored.values())
        answer = _taken_in(envelope, container, peer, now, beside)
        if answer is None:
            stored[at] = envelope
        else:
            answers[at] = answer
    answers |= zip(stored, _entered(list(stored.values()), peer, now), strict=True)
    return [answers[at] for at in sorted(answers)]


def _taken_in(
    envelope: Envelope, container: bytes, peer: Authority, now: datetime, beside: int
) -> bytes | ComityError | None:
    """What a letter is answered that is not to be entered; None once its whole container is stored.

    ``beside``: bytes that were taken in with it and are not entered yet.
    """
    answer: Answered
    try:
        answer = answer_offer(envelope, peer, now, beside=beside)
    except ComityError as error:
        if error.temporary:  # a quota, a full disk: it comes again, and is charged when it is taken in
            return error
        answer = error
    if not isinstance(answer, int):  # its bytes have come all the same
        allowances.charge(peer, now, size=len(container))
        return answer
    try:
        _stored(_Counted(io.BytesIO(container), peer, now), envelope, peer, range(envelope.bytes), now)
    except ComityError as error:
        return error
    allowances.charge(peer, now, letters=1)
    return None


def _entered(envelopes: Sequence[Envelope], peer: Authority, now: datetime) -> list[Answered]:
    """Enter letters whose containers are stored, together; their receipts, or what kept one from it."""
    if not envelopes:
        return []
    try:
        with transaction.atomic():
            entered = _enter(envelopes, peer, now)
    except IntegrityError:  # a letter of that number came on another connection meanwhile: is it this one?
        if len(envelopes) > 1:
            return [answer for each in envelopes for answer in _entered([each], peer, now)]
        _drop_unless_needed(envelopes[0])
        return [answer_offer(envelopes[0], peer, now)]
    if isinstance(entered, ComityError):
        return [entered] * len(envelopes)
    return [receipt.note.encode() for receipt in entered]


def _drop_unless_needed(envelope: Envelope) -> None:
    """Remove a stored container that no row needs: another has its letter's number, or it was opened."""
    row = rows.find(Letter, id=envelope.letter, sha256=envelope.sha256)
    if row is None or row.stage not in (Stage.ACCEPTED, Stage.REFUSED):
        quarantined(envelope.letter, envelope.sha256).unlink(missing_ok=True)


def quarantined(letter: str, sha256: str) -> Path:
    """Where an arrived container waits until it is opened."""
    return config.current().arriving / f"{letter}-{sha256}.age"


def _judge(envelope: Envelope, peer: Authority, now: datetime) -> Accept | Repeat | Refuse:
    row = rows.find(Letter, id=envelope.letter)
    remembered = None
    if row is not None:
        remembered = Known(row.peer_id if row.direction == Direction.IN else "", row.sha256)
    return judge_arrival(
        envelope,
        own_id=config.current().id,
        peer_id=peer.id,
        known=remembered,
        now=now,
        max_bytes=MAX_CONTAINER_BYTES,
    )


class _Counted:
    """A stream whose bytes are taken off the peer's allowance, whatever becomes of them."""

    def __init__(self, stream: IO[bytes], peer: Authority, now: datetime) -> None:
        self._stream, self._peer, self._now = stream, peer, now

    def readinto(self, space: memoryview) -> int:
        """Fill ``space`` as far as bytes come; how many."""
        count = filled(self._stream, space)
        allowances.charge(self._peer, self._now, size=count)
        return count


class _Written:
    """A file that takes pieces as a hash does."""

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out

    def update(self, data: memoryview, /) -> None:
        while data:
            data = data[self._out.write(data) :]


def _stored(stream: _Counted, envelope: Envelope, peer: Authority, part: range, now: datetime) -> bool:
    """Take the bytes in; whether the whole container lies under its name in the quarantine now."""
    target = quarantined(envelope.letter, envelope.sha256)
    if envelope.bytes < unfinished.RESUMABLE_FROM or part.stop > envelope.bytes:
        if part != range(envelope.bytes):
            raise ContainerDiffersError
        hashing = hashlib.sha256()
        # whole already (its name is its hash): an earlier attempt died before its row was written
        with suppress(durable.FileExistsAlreadyError), durable.new_file(target) as out:
            _receive(stream, out, envelope, part, hashing)
            if hashing.hexdigest() != envelope.sha256:
                raise ContainerDiffersError
        return True
    if not unfinished.held(envelope, peer):
        allowances.charge(peer, now, letters=1)
    with unfinished.opened(envelope, peer, part.start, now) as out:
        so_far = unfinished.hash_until(envelope, peer, part.start)
        _receive(stream, out, envelope, part, so_far)
        if part.stop < envelope.bytes:
            unfinished.keep_hash(envelope, peer, part.stop, so_far)
            return False
        if not unfinished.finish(out, envelope, peer, target, so_far):
            raise ContainerDiffersError
        return True


def _receive(
    stream: _Counted, out: IO[bytes], envelope: Envelope, part: range, hashing: hashlib._Hash | None = None
) -> None:
    """Take the bytes of ``part`` in; beside, in threads of their own, those before are hashed and written."""

    def blocks() -> Iterator[memoryview]:
        size, left = min(_BLOCK, len(part)), len(part)
        for space in cycle((memoryview(bytearray(size)), memoryview(bytearray(size)))):
            if not left:
                return
            came = stream.readinto(space[: min(size, left)])
            if not came:
                raise CutOffError(got=part.stop - left, expected=envelope.bytes)
            yield space[:came]
            left -= came

    update_all(blocks(), _Written(out), *([] if hashing is None else [hashing]))
    if stream.readinto(memoryview(bytearray(1))):
        raise ContainerDiffersError


def _enter(envelopes: Sequence[Envelope], peer: Authority, now: datetime) -> list[Receipt] | ComityError:
    """Enter letters and sign their receipts, in the caller's transaction.

    What keeps the ledger from signing is no reason to lose a letter: it is entered all the same, and its
    receipt is signed when the peer asks again.
    """
    acceptance = ReceiptName.RELAY_REMMD_ACCEPTANCE
    letters, attested = [_letter(envelope, peer, now) for envelope in envelopes], []
    for letter, envelope in zip(letters, envelopes, strict=True):
        rows.insert(letter)
        attested.append(receipts.attest(letter, acceptance, now=now))
        outbox.ask(OPEN, f"{OPEN}:{envelope.letter}", {"letter": envelope.letter}, now=now, priority=10)
    try:
        return receipts.issue_several(
            [(letter, acceptance) for letter in letters], now=now, attested=attested
        )
    except OperationalError:  # the database's own: nothing of the transaction counts
        raise
    except ComityError as error:
        return error


def _letter(envelope: Envelope, peer: Authority, now: datetime) -> Letter:
    return Letter(
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


def _accepted(envelope: Envelope, now: datetime) -> bytes:
    letter = Letter.objects.get(id=envelope.letter)
    return receipts.issue(letter, ReceiptName.RELAY_REMMD_ACCEPTANCE, now=now).note.encode()


def _refused(envelope: Envelope, peer: Authority, code: str, now: datetime) -> bytes:
    same = {"letter": envelope.letter, "peer": peer, "sha256": envelope.sha256}
    if not Rejection.objects.filter(**same).exists():  # each new one is signed and stands in the ledger
        allowances.demand(peer, now)
        allowances.charge(peer, now, letters=1)
    reason = Reason(code=code, text=REASONS[code])
    return receipts.reject(envelope, peer, reason, now=now).note.encode()
