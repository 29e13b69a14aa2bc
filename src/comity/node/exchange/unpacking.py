"""What a courier brought is taken in as if it had come by the network.

Receives an encrypted package; decrypts it, verifies it as one that a known peer sealed, and takes each letter
and receipt in. What becomes of each stands in the consignment's rows.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.db import transaction

from comity.delivery import consignment as form
from comity.delivery.consignment import Consignment, ConsignmentMalformedError
from comity.delivery.envelope import Envelope
from comity.node import config, durable
from comity.node.accounts.models import Official
from comity.node.directory import anchors, known
from comity.node.directory.models import Authority
from comity.node.exchange import consignments, incoming, keeping, transport
from comity.node.exchange.consignments import LETTER, RECEIPT, Journey
from comity.node.exchange.delivering import SEND_RECEIPT, SEND_REJECTION
from comity.node.exchange.models import Carried, Direction, Letter, Rejection, Shipment
from comity.node.exchange.outgoing import lane
from comity.node.exchange.workspace import workspace
from comity.node.jobs import outbox
from comity.proofs.receipts import ReceiptName
from comity.sealing import encryption
from comity.sealing.age.header import INTRO
from comity.sealing.case import Case
from comity.sealing.manifest import Kind
from comity.sealing.verification import examined
from comity.terms import ComityError, Verdict, gettext_noop

_NOTE_BYTES = 1_000_000
ACCEPTED, KEPT = "accepted", "kept"
"""What became of a letter, and of a receipt, that arrived; else a code."""


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
        consignments.enter("consignment_taken", row, now)
    return row


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
        consignments.travels(row, journey)
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
        if consignments.hash_of(note) != digest:
            raise ConsignmentMalformedError(where="receipts", why="one has another hash than its name")
        return _Outcome(RECEIPT, keeping.keep(note, peer, now).letter_id, digest, KEPT)
    except keeping.ReceiptForeignError as error:  # perhaps a letter of ours that a restore lost
        return _Outcome(RECEIPT, uuid.UUID(error.params["letter"]), digest, error.code)
    except ComityError as error:
        return _Outcome(RECEIPT, None, digest, error.code)


def _tell(kind: str, which: str, payload: dict[str, Any], peer: Authority, now: datetime) -> None:
    outbox.ask(kind, f"{kind}:{which}", payload, now=now, priority=20, lane=lane(peer.id))
