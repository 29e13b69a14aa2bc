"""Letters and receipts that a courier carries instead of the network, or besides it.

Receives a peer and what waits for it; writes one sealed and encrypted package (``unpacking`` takes one in).
The proofs are those of the network, and what comes on both ways is answered once, with the same bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import IO

from django.db import transaction
from django.db.models import Q, QuerySet

from comity import canonical
from comity.delivery import consignment as form
from comity.delivery.consignment import Consignment
from comity.node import store
from comity.node.accounts.models import Official
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.exchange import receipts, returning
from comity.node.exchange.announcing import usable_recipient
from comity.node.exchange.delivering import NOT_TAKEN, SEND_RECEIPT, SEND_REJECTION, envelope_of, may_still_go
from comity.node.exchange.models import Carried, Direction, Letter, Rejection, Shipment, Stage
from comity.node.exchange.outgoing import lane
from comity.node.exchange.returning import Span
from comity.node.exchange.sealing import own_keys
from comity.node.jobs.models import Job, JobState
from comity.node.ledger import entries
from comity.proofs.receipts import ReceiptName
from comity.sealing import encryption
from comity.sealing.container import write_container
from comity.sealing.manifest import Kind
from comity.sealing.sources import PackageFile, in_memory
from comity.terms import ComityError, gettext_noop

LETTER, RECEIPT = "letter", "receipt"
_SEALED = "application/octet-stream"
_NOTE = "text/plain"


class NothingToCarryError(ComityError):
    """No letter and no receipt waits for the peer."""

    code = "nothing_to_carry"
    message = gettext_noop("No sealed letter and no receipt waits for {peer}.")
    next_step = gettext_noop("A letter can be packed once it is sealed, until the other side has it.")


class HandedOverAlreadyError(ComityError):
    """It is on record already to whom the consignment was given."""

    code = "handed_over_already"
    message = gettext_noop("It is on record already who carries this consignment.")
    next_step = gettext_noop("Pack another one if the letters go again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Who carried a consignment in which bag, when and to whom it was handed over."""

    carrier: str
    bag_number: str
    handed_at: datetime
    handed_to: str


def waiting_letters(peer: Authority, now: datetime) -> QuerySet[Letter]:
    """Sealed letters that the peer has not got, also those that the network failed to bring in time.

    One that a later letter of its case has overtaken is left out: it would be refused.
    """
    undelivered = may_still_go(now).filter(Q(stage=Stage.SEALED) | NOT_TAKEN, peer=peer)
    return undelivered.order_by("-urgent", "case_reference", "generation")


def pack(official: Official, peer: Authority, letters: Iterable[Letter], now: datetime) -> Shipment:
    """Enter a consignment of these letters and of every receipt that waits for the peer; NothingToCarryError
    without any. ``write`` makes its package.
    """
    waiting = islice(_waiting_notes(peer, now), form.MOST_RECEIPTS)
    return _packed(official, peer, list(islice(letters, form.MOST_LETTERS)), list(waiting), now)


def pack_again(official: Official, peer: Authority, span: Span, now: datetime) -> Shipment:
    """The same of all that the peer had before: it may have lost some of it in a restore."""
    return _packed(official, peer, *returning.had(peer, span, now), now)


def _packed(
    official: Official,
    peer: Authority,
    chosen: list[Letter],
    notes: list[tuple[uuid.UUID, str]],
    now: datetime,
) -> Shipment:
    usable_recipient(peer, now)
    if not chosen and not notes:
        raise NothingToCarryError(peer=peer.id)
    listed = Consignment.model_validate(
        {
            "id": str(uuid.uuid4()),
            "from": known.own().id,
            "to": peer.id,
            "packed_at": canonical.instant_text(now),
            "letters": [envelope_of(letter) for letter in chosen],
            "receipts": sorted({hash_of(note) for _, note in notes}),
        }
    )
    with transaction.atomic():
        row = Shipment.objects.create(
            id=listed.id,
            direction=Direction.OUT,
            peer=peer,
            by=official,
            at=now,
            listed=form.write_list(listed),
        )
        for letter in chosen:
            Carried.objects.create(shipment=row, what=LETTER, letter=letter.pk, sha256=letter.sha256)
        for sha256, (subject, note) in {hash_of(each[1]): each for each in notes}.items():
            Carried.objects.create(shipment=row, what=RECEIPT, letter=subject, sha256=sha256, note=note)
        enter("consignment_packed", row, now)
    return row


def write(row: Shipment, out: IO[bytes], now: datetime) -> None:
    """Write the package of an outgoing consignment: sealed by this authority, encrypted to the peer.

    It may be written again: the letters in it are the same stored bytes each time.
    """
    listed = form.read_list(bytes(row.listed))
    files = [in_memory(form.LIST, form.MEDIA_TYPE, bytes(row.listed)), *_letters(listed), *_notes(row)]
    about = {"consignment": listed.id, "from": listed.source, "to": listed.target}
    with encryption.encrypting(out, [usable_recipient(row.peer, now)]) as flow:
        write_container(flow, files, kind=Kind.FILES, about=about, signer=own_keys(), now=now)


def hand_over(row: Shipment, journey: Journey, now: datetime) -> Shipment:
    """Put on record who carries an outgoing consignment; once."""
    with transaction.atomic():
        locked = Shipment.objects.select_for_update().get(pk=row.pk)
        if locked.handed_at is not None:
            raise HandedOverAlreadyError
        travels(locked, journey)
        enter("consignment_handed_over", locked, now)
    return locked


def of_letter(letter: Letter) -> QuerySet[Shipment]:
    """The consignments in which a letter went or came."""
    carried = Carried.objects.filter(what=LETTER, letter=letter.pk, sha256=letter.sha256)
    return Shipment.objects.filter(pk__in=carried.values("shipment")).order_by("at")


def waiting_receipts(peer: Authority) -> int:
    """How many receipts and rejections the peer was not told yet."""
    return _telling(peer).count()


def _telling(peer: Authority) -> QuerySet[Job]:
    kinds = (SEND_RECEIPT, SEND_REJECTION)
    return Job.objects.filter(kind__in=kinds, state=JobState.WAITING, lane=lane(peer.id))


def _waiting_notes(peer: Authority, now: datetime) -> Iterator[tuple[uuid.UUID, str]]:
    """The signed notes that wait to be told to the peer, and the letter of each (COURIER-4)."""
    for job in _telling(peer).order_by("id")[: form.MOST_RECEIPTS]:
        if job.kind == SEND_REJECTION:
            found = Rejection.objects.get(pk=job.payload["rejection"])
            yield found.letter, found.note
        else:
            letter = Letter.objects.get(pk=job.payload["letter"])
            yield letter.pk, receipts.issue(letter, ReceiptName(job.payload["receipt"]), now=now).note


def _letters(listed: Consignment) -> Iterator[PackageFile]:
    rows = Letter.objects.in_bulk([each.letter for each in listed.letters])
    for each in listed.letters:
        opening = partial(store.open, rows[uuid.UUID(each.letter)].travelling)
        yield PackageFile(
            form.letter_name(each.letter), _SEALED, opening, bytes=each.bytes, sha256=each.sha256
        )


def _notes(row: Shipment) -> Iterator[PackageFile]:
    for each in row.carried.filter(what=RECEIPT).order_by("sha256"):
        yield in_memory(form.receipt_name(each.sha256), _NOTE, each.note.encode())


def travels(row: Shipment, journey: Journey) -> None:
    """Put on record who carries a consignment, or carried it."""
    row.carrier, row.bag_number = journey.carrier, journey.bag_number
    row.handed_at, row.handed_to = journey.handed_at, journey.handed_to
    row.save()


def enter(what: str, row: Shipment, now: datetime) -> None:
    """Append to the ledger ``what`` was done with a consignment, and what became of its parts."""
    content = {
        "what": what,
        "consignment": str(row.pk),
        "peer": row.peer_id,
        "list_sha256": sha256(bytes(row.listed)).hexdigest(),
        "carrier": row.carrier or None,
        "bag_number": row.bag_number or None,
        "handed_at": canonical.instant_text(row.handed_at) if row.handed_at else None,
        "handed_to": row.handed_to or None,
        "by": str(row.by),
        "outcomes": {each.sha256: each.outcome for each in row.carried.exclude(outcome="")} or None,
    }
    entries.append(what, str(row.pk), content, now=now)


def hash_of(note: str | bytes) -> str:
    """The SHA-256 by which a consignment names a signed note."""
    return sha256(note.encode() if isinstance(note, str) else note).hexdigest()
