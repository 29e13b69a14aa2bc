"""Letters and receipts that a courier carries instead of the network, or besides it.

Receives a peer and what waits for it; writes one sealed and encrypted package. Receives such a package and
takes each letter and receipt in as if it had come by the network: the proofs are the same, and what comes on
both ways is answered once, with the same bytes.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.db.models import Q, QuerySet

from comity import canonical
from comity.delivery import consignment as form
from comity.delivery.consignment import Consignment, ConsignmentMalformedError
from comity.delivery.envelope import Envelope
from comity.node import config, durable, store
from comity.node.accounts.models import Official
from comity.node.directory import anchors, known
from comity.node.directory.models import Authority
from comity.node.exchange import incoming, keeping, receipts, returning, transport
from comity.node.exchange.announcing import usable_recipient
from comity.node.exchange.delivering import SEND_RECEIPT, SEND_REJECTION, envelope_of, overtaken
from comity.node.exchange.models import Carried, Direction, Letter, Rejection, Shipment, Stage
from comity.node.exchange.outgoing import lane
from comity.node.exchange.returning import Span
from comity.node.exchange.sealing import own_keys
from comity.node.exchange.workspace import workspace
from comity.node.jobs import outbox
from comity.node.jobs.models import Job, JobState
from comity.node.ledger import entries
from comity.proofs.receipts import ReceiptName
from comity.sealing import encryption
from comity.sealing.age.header import INTRO
from comity.sealing.case import Case
from comity.sealing.container import write_container
from comity.sealing.manifest import Kind
from comity.sealing.sources import PackageFile, in_memory
from comity.sealing.verification import examined
from comity.terms import ComityError, Verdict, gettext_noop

LETTER, RECEIPT = "letter", "receipt"
_SEALED = "application/octet-stream"
_NOTE = "text/plain"
_NOTE_BYTES = 1_000_000
ACCEPTED, KEPT = "accepted", "kept"
"""What became of a letter, and of a receipt, that arrived; else a code."""


class NothingToCarryError(ComityError):
    """No letter and no receipt waits for the peer."""

    code = "nothing_to_carry"
    message = gettext_noop("No sealed letter and no receipt waits for {peer}.")
    next_step = gettext_noop("A letter can be packed once it is sealed, until the other side has it.")


class ConsignmentUnprovedError(ComityError):
    """The package does not verify as one of the peer that it names."""

    code = "consignment_unproved"
    message = gettext_noop("The consignment does not verify: {reason}.")
    next_step = gettext_noop("Nothing was taken from it. Keep the disk and ask the sender.")


class ConsignmentForeignError(ComityError):
    """The consignment is for another authority, or of one that is not known here."""

    code = "consignment_foreign"
    message = gettext_noop("The consignment goes from “{source}” to “{target}”, not to this authority.")
    next_step = gettext_noop("Nothing was taken from it. Hand it on to whom it is for, unopened.")


class NoConsignmentError(ComityError):
    """The file is another than a courier's package."""

    code = "no_consignment"
    message = gettext_noop("This file is no consignment: it does not begin as an encrypted package does.")
    next_step = gettext_noop(
        "Choose the file whose name ends in .asice.age. If it is this one, have it copied from the disk"
        " again, or ask the sender to pack it again."
    )


class ConsignmentUnopenedError(encryption.NotForThisIdentityError):
    """None of this node's transport keys opens the package."""

    message = gettext_noop("The package is encrypted to another authority, or to a key destroyed here.")
    next_step = gettext_noop(
        "Nothing was taken from it. Compare the disk with what was announced: if it is for another authority,"
        " hand it on unopened; if it is ours, ask the sender to pack it again."
    )


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
    undelivered = Q(stage=Stage.SEALED) | Q(stage=Stage.FAILED, refusal_code=receipts.TIMED_OUT)
    found = Letter.objects.filter(undelivered, direction=Direction.OUT, peer=peer, expires_at__gt=now)
    unheard = found.exclude(travelling="").exclude(overtaken()).exclude(receipts__issued_by=peer.id)
    return unheard.order_by("-urgent", "case_reference", "generation")


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
            "receipts": sorted({_hash(note) for _, note in notes}),
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
        for sha256, (subject, note) in {_hash(each[1]): each for each in notes}.items():
            Carried.objects.create(shipment=row, what=RECEIPT, letter=subject, sha256=sha256, note=note)
        _enter("consignment_packed", row, now)
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
        _travels(locked, journey)
        _enter("consignment_handed_over", locked, now)
    return locked


def take(official: Official, stream: IO[bytes], size: int, journey: Journey, now: datetime) -> Shipment:
    """Take in a consignment of ``size`` bytes; what becomes of each letter and receipt stands in its rows.

    The package is decrypted, verified as one that a known peer sealed, and compared with its list before
    anything is taken from it. Raises NoConsignmentError, ConsignmentUnprovedError, ConsignmentForeignError,
    ConsignmentMalformedError, ConsignmentUnopenedError or DiskFullError, after which nothing was taken. The
    same consignment again changes nothing, except that what failed is tried again.
    Clause COURIER-3.
    """
    durable.ensure_room(config.current().arriving, 2 * size)
    with workspace() as folder:
        _decrypt(stream, folder / "package")
        with (folder / "package").open("rb") as package, _verified(package, now) as (case, listed, peer):
            row = _arrived(official, listed, peer, journey, now)
            outcomes = [
                *(_letter(case, each, peer, now) for each in listed.letters),
                *(_receipt(case, each, peer, now) for each in listed.receipts),
            ]
    with transaction.atomic():
        for each in outcomes:
            became = {"letter": each.letter, "outcome": each.outcome}
            Carried.objects.update_or_create(
                shipment=row, what=each.what, sha256=each.sha256, defaults=became
            )
        _enter("consignment_taken", row, now)
    return row


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


def _decrypt(stream: IO[bytes], target: Path) -> None:
    """With whichever of this node's transport keys opens it."""
    stream.seek(0)
    if stream.read(len(INTRO)) != INTRO:
        raise NoConsignmentError
    for _, identity in transport.openers():
        stream.seek(0)
        with target.open("wb") as out:
            try:
                encryption.decrypt(stream, out, [identity])
            except encryption.NotForThisIdentityError:
                continue
        return
    raise ConsignmentUnopenedError


@contextmanager
def _verified(package: IO[bytes], now: datetime) -> Iterator[tuple[Case, Consignment, Authority]]:
    with examined(package, trust=anchors.trust(), identities=None, as_of=now) as case:
        report = case.report
        if report.verdict is not Verdict.PASSED:
            raise ConsignmentUnprovedError(reason=next(iter(report.codes), "unknown"))
        if report.kind != Kind.FILES or form.LIST not in case.package.names:
            raise ConsignmentMalformedError(where="package", why="it is no consignment")
        listed = form.read_list(case.package.read(form.LIST, form.MAX_BYTES))
        if {file.name for file in report.files} != listed.names:
            raise ConsignmentMalformedError(where="package", why="it holds other files than its list")
        peer = known.peers().filter(id=listed.source).first()
        if report.by != listed.source or listed.target != known.own().id or peer is None:
            raise ConsignmentForeignError(source=listed.source, target=listed.target)
        yield case, listed, peer


def _arrived(
    official: Official, listed: Consignment, peer: Authority, journey: Journey, now: datetime
) -> Shipment:
    made = {"direction": Direction.IN, "peer": peer, "by": official, "at": now}
    row, new = Shipment.objects.get_or_create(
        pk=uuid.UUID(listed.id), defaults=made | {"listed": form.write_list(listed)}
    )
    if (row.direction, row.peer_id, bytes(row.listed)) != (Direction.IN, peer.id, form.write_list(listed)):
        raise ConsignmentMalformedError(where="id", why="it belongs to another consignment")
    if new:
        _travels(row, journey)
    return row


@dataclass(frozen=True, slots=True)
class _Outcome:
    what: str
    letter: uuid.UUID | None
    sha256: str
    outcome: str


def _letter(case: Case, envelope: Envelope, peer: Authority, now: datetime) -> _Outcome:
    """Take one letter in as the network would; the peer is told of it by whichever way comes first."""
    subject = uuid.UUID(envelope.letter)
    try:
        section = case.package.section(form.letter_name(envelope.letter))
        incoming.accept(section, envelope, peer, now)
    except ComityError as error:
        return _Outcome(LETTER, subject, envelope.sha256, error.code)
    same = {"peer": peer, "sha256": envelope.sha256}
    if Letter.objects.filter(pk=subject, direction=Direction.IN, **same).exists():
        name = ReceiptName.RELAY_REMMD_ACCEPTANCE.value
        _tell(SEND_RECEIPT, f"{subject}:{name}", {"letter": str(subject), "receipt": name}, peer, now)
        return _Outcome(LETTER, subject, envelope.sha256, ACCEPTED)
    rejection = Rejection.objects.get(letter=subject, **same)
    _tell(SEND_REJECTION, str(rejection.pk), {"rejection": rejection.pk}, peer, now)
    return _Outcome(LETTER, subject, envelope.sha256, rejection.code)


def _receipt(case: Case, digest: str, peer: Authority, now: datetime) -> _Outcome:
    try:
        note = case.package.read(form.receipt_name(digest), _NOTE_BYTES)
        if _hash(note) != digest:
            raise ConsignmentMalformedError(where="receipts", why="one has another hash than its name")
        return _Outcome(RECEIPT, keeping.keep(note, peer, now).letter_id, digest, KEPT)
    except keeping.ReceiptForeignError as error:  # perhaps a letter of ours that a restore lost
        return _Outcome(RECEIPT, uuid.UUID(error.params["letter"]), digest, error.code)
    except ComityError as error:
        return _Outcome(RECEIPT, None, digest, error.code)


def _tell(kind: str, which: str, payload: dict[str, Any], peer: Authority, now: datetime) -> None:
    outbox.ask(kind, f"{kind}:{which}", payload, now=now, priority=20, lane=lane(peer.id))


def _travels(row: Shipment, journey: Journey) -> None:
    row.carrier, row.bag_number = journey.carrier, journey.bag_number
    row.handed_at, row.handed_to = journey.handed_at, journey.handed_to
    row.save()


def _enter(what: str, row: Shipment, now: datetime) -> None:
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


def _hash(note: str | bytes) -> str:
    return sha256(note.encode() if isinstance(note, str) else note).hexdigest()
