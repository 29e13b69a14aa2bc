"""Jobs ``exchange.deliver`` and ``exchange.send_receipt``: bring letters and receipts to the peer."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from comity.delivery import outgoing as protocol
from comity.delivery.envelope import Envelope
from comity.delivery.standing import standing
from comity.letters.schema import written
from comity.node import config, store
from comity.node.databases import rows
from comity.node.exchange import keeping, peer_client, receipts, unfinished
from comity.node.exchange.models import Carried, Direction, Letter, Receipt, Rejection, Shipment, Stage
from comity.node.exchange.outgoing import lane, letter_of
from comity.node.jobs import Later, outbox
from comity.proofs.receipts import ReceiptName
from comity.terms import ComityError, gettext_noop

_log = logging.getLogger(__name__)
SEND_RECEIPT, SEND_REJECTION = "exchange.send_receipt", "exchange.send_rejection"
_UNDELIVERED = (Stage.FROZEN, Stage.SEALED, Stage.RELAYED)
_REACHED = (Stage.RELAYED, Stage.DELIVERED, Stage.RETRIEVED)
NOT_TAKEN = Q(stage=Stage.FAILED, refusal_code=receipts.TIMED_OUT)
"""Letters that the other node did not take in their time, and has not refused."""
_LONG = 5.0
"""Seconds of waiting for a peer in vain after which its other letters wait too."""
_QUICK = 1.0
"""Seconds; after a slice that took less the next one may be twice as large."""
_TURN = timedelta(seconds=5)
"""How long slices of one letter go one after the other, before it is looked at anew how the letter stands."""
_TURN_PAUSE = 2.0
"""Seconds before a letter looks again whether it is its turn; receipts wake it earlier."""


class NothingTakenError(ComityError):
    """The peer took a slice and still wants what it wanted before."""

    code = "nothing_taken"
    temporary = True
    message = gettext_noop("The node of {peer} took a part of the letter and kept nothing of it.")
    next_step = gettext_noop("Nothing is lost; the node tries again by itself. Call them if it lasts.")


def deliver(payload: dict[str, Any], now: datetime) -> None:
    """Do the next thing for an outgoing letter, until nothing is left to do."""
    letter = letter_of(payload)
    again = letter.stage == Stage.FAILED and letter.asked_again_at is not None
    if again and (letter.expires_at <= now or is_overtaken(letter)):
        return
    if (again or letter.stage == Stage.SEALED) and must_wait_its_turn(letter, now):
        raise Later(_TURN_PAUSE)
    timeouts, stands = timeouts_of(letter, carried=not again), stands_now(letter, now)
    match protocol.next_action(stands, now, timeouts):
        case protocol.Send():
            raise _send(letter, stands, timeouts, now)
        case protocol.Wait(until):
            raise Later((until - now).total_seconds())
        case protocol.Attest(name):
            receipts.attest_silence(letter, name, now)
            raise Later(0)
        case protocol.Done():
            return


def send_receipt(payload: dict[str, Any], now: datetime) -> None:
    """Sign a receipt that was attested and hand it to the peer whose letter it is about.

    A peer that does not accept it has answered: it never sent that letter, or keeps another receipt. The
    same bytes would be refused again, so they stay here as evidence and are not sent again.
    """
    letter = letter_of(payload)
    receipt = receipts.issue(letter, ReceiptName(payload["receipt"]), now=now)
    try:
        peer_client.hand_receipt(letter.peer, receipt.note)
    except peer_client.ReceiptRefusedByPeerError as error:
        note_refusal(receipt, error)


def note_refusal(receipt: Receipt, error: ComityError) -> None:
    """Say that the peer does not accept a receipt of ours."""
    _log.warning("receipt %s of letter %s: %s", receipt.kind, receipt.letter_id, error.code)


def send_rejection(payload: dict[str, Any], now: datetime) -> None:
    """Hand a peer the rejection of a letter that a courier brought, for which no answer waits."""
    rejection = Rejection.objects.select_related("peer").get(pk=payload["rejection"])
    try:
        peer_client.hand_receipt(rejection.peer, rejection.note)
    except peer_client.ReceiptRefusedByPeerError as error:
        _log.warning("rejection of letter %s: %s", rejection.letter, error.code)


def envelope_of(letter: Letter) -> Envelope:
    """The envelope of a sealed letter."""
    document = written(bytes(letter.canonical or b""))
    said = {name: document[name] for name in ("from", "to", "generation", "written_at", "expires_at")}
    container = {"letter": document["id"], "sha256": letter.sha256, "bytes": letter.bytes}
    return Envelope.model_validate(said | container)


def must_wait_its_turn(letter: Letter, now: datetime) -> bool:
    """Letters of one case arrive in the order in which they were written, one that is offered again too: that
    one holds another up for half its time at most, and not once it has expired or was overtaken.
    """
    if not letter.case_reference or letter.generation == 1:
        return False
    relay = timedelta(hours=config.current().exchange.relay_hours)
    ahead, began = Q(stage__in=_UNDELIVERED), letter.asked_again_at or letter.sealed_at or now
    if now - began < relay / 2:
        ahead |= Q(NOT_TAKEN, ~overtaken(), asked_again_at__gt=now - relay, expires_at__gt=now)
    earlier = Letter.objects.filter(
        ahead,
        direction=Direction.OUT,
        peer=letter.peer,
        case_reference=letter.case_reference,
        generation__lt=letter.generation,
    )
    return earlier.exists()


def overtaken() -> Exists:
    """Of letters of ours: whether a later one of the case has reached the peer, which would refuse this one
    (LETTER-3).
    """
    of_case = Letter.objects.filter(direction=Direction.OUT, peer=OuterRef("peer"), stage__in=_REACHED)
    same = of_case.filter(case_reference=OuterRef("case_reference")).exclude(case_reference="")
    return Exists(same.filter(generation__gt=OuterRef("generation")))


def may_still_go(now: datetime) -> QuerySet[Letter]:
    """Letters of ours that would be taken by whichever way they come: of which the peer has said nothing,
    whose container is there, and that have not expired and were not overtaken.
    """
    alive = Letter.objects.filter(direction=Direction.OUT, expires_at__gt=now).exclude(travelling="")
    return alive.exclude(overtaken()).exclude(receipts__issued_by=F("peer"))


def is_overtaken(letter: Letter) -> bool:
    """The same of one letter."""
    return Letter.objects.filter(overtaken(), pk=letter.pk).exists()


def offered_until(letter: Letter, now: datetime) -> datetime | None:
    """Until when a letter is offered again that was not taken in its time; None where it is not."""
    if letter.stage != Stage.FAILED or letter.asked_again_at is None:
        return None
    until = protocol.offered_until(stands_now(letter, now), timeouts_of(letter, carried=False))
    until = min(until, letter.expires_at) if until else now
    return until if until > now else None


def awaited_until(letter: Letter, now: datetime) -> datetime:
    """Until when the next receipt of a sealed letter is waited for."""
    return protocol.awaited_until(stands_now(letter, now), timeouts_of(letter))


def stands_now(letter: Letter, now: datetime) -> protocol.Outgoing:
    """How an outgoing letter stands, for the protocol to say what is next."""
    spoken = letter.stage != Stage.SEALED  # the first receipt moves a letter on
    found = rows.those(Receipt, letter_id=letter.pk) if spoken else ()
    kept = [(ReceiptName(each.kind), each.issued_by == letter.peer_id) for each in found]
    heard = [name for name, is_of_peer in kept if is_of_peer]
    return protocol.Outgoing(
        sealed_at=letter.sealed_at or now,
        attempts=letter.attempts,
        tried_at=letter.tried_at,
        receipts=heard,
        silences=[name for name, is_of_peer in kept if not is_of_peer],
        heard_at=receipts.heard_at(letter, standing(heard)),
        asked_at=letter.asked_again_at,
    )


def timeouts_of(letter: Letter, *, carried: bool = True) -> protocol.Timeouts:
    """How long after its sealing each receipt of the letter may take on this node.

    A courier has days from the packing, and what follows is counted from their end. ``carried``: whether it
    may have been packed.
    """
    node = config.current().exchange
    relay, delivery, retrieval = (
        timedelta(hours=hours) for hours in (node.relay_hours, node.delivery_hours, node.retrieval_hours)
    )
    packed = _packed_at(letter) if carried else None
    if packed is None or letter.sealed_at is None:
        return protocol.Timeouts(relay, delivery, retrieval)
    arrived = max(relay, packed - letter.sealed_at + timedelta(days=node.courier_days))
    return protocol.Timeouts(arrived, arrived + delivery - relay, arrived + retrieval - relay)


def _packed_at(letter: Letter) -> datetime | None:
    """When a letter was last packed for a courier; None where it never was."""
    carried = [each.pk for each in rows.those(Carried, letter=letter.pk, sha256=letter.sha256)]
    if not carried:
        return None
    out = Shipment.objects.filter(carried__in=carried, direction=Direction.OUT)
    packed: datetime | None = out.aggregate(at=Max("at"))["at"]
    return packed


def _send(letter: Letter, stands: protocol.Outgoing, timeouts: protocol.Timeouts, now: datetime) -> Later:
    """Offer a large letter, hand over what the peer lacks of it, keep the receipt; when to look at it again.

    A slice of a large container that arrived is no failure: the next one goes at once, unless something as
    urgent is there for the peer or the turn is over.
    """
    began = turn = time.monotonic()
    answers, kept = _answers(letter), None
    try:
        while isinstance(said := next(answers), int):
            stands, began = _gone_on(letter, stands), time.monotonic()
            passed = timedelta(seconds=began - turn)
            if passed > _TURN or outbox.another_waits(lane(letter.peer_id), now + passed):
                return Later(0)
        kept = keeping.keep(said, letter.peer, now, offered=letter)
        outbox.end_rest(lane(letter.peer_id), now)
    except ComityError as error:
        return after(letter, stands, error, time.monotonic() - began, timeouts, now)
    return after(letter, stands, kept, 0, timeouts, now)


def after(
    letter: Letter,
    stands: protocol.Outgoing,
    said: Receipt | ComityError,
    waited: float,
    timeouts: protocol.Timeouts,
    now: datetime,
) -> Later:
    """When a letter is looked at again whose offer was answered so, or failed so after ``waited`` seconds.

    Whatever goes wrong counts as silence of the peer: the protocol decides when to try again, and when the
    silence has to be attested.
    """
    pause = 0.0
    if isinstance(said, ComityError):
        _note_failure(letter, said, waited, now)
        pause = float(said.params.get("retry_after", 0))
    stands = replace(stands, attempts=stands.attempts + 1, tried_at=now)
    if isinstance(said, Receipt):
        stands = _heard(stands, ReceiptName(said.kind), now)
    match protocol.next_action(stands, now, timeouts):
        case protocol.Wait(until) if not pause:
            return Later((until - now).total_seconds())
    return Later(pause)


def _note_failure(letter: Letter, error: ComityError, waited: float, now: datetime) -> None:
    _log.warning("letter %s was not relayed: %s", letter.id, error.code)
    if waited > _LONG:
        outbox.rest(lane(letter.peer_id), now + protocol.LONGEST_PAUSE)
    failed = {"attempts": F("attempts") + 1, "tried_at": now, "tried_code": error.code}
    Letter.objects.filter(id=letter.id).update(**failed)


def _answers(letter: Letter) -> Iterator[bytes | int]:
    """What the peer says to each slice: from which byte on it wants more, in the end its signed answer."""
    envelope, container = envelope_of(letter), partial(store.open, letter.travelling)
    resumable = envelope.bytes >= unfinished.RESUMABLE_FROM
    said = peer_client.offer(letter.peer, envelope) if resumable else 0
    if isinstance(said, bytes):
        yield said
    most = peer_client.SLICE
    while isinstance(said, int):
        before, began = said, time.monotonic()
        said = peer_client.hand_over(letter.peer, envelope, container, before, most)
        if isinstance(said, int) and said <= before:
            raise NothingTakenError(peer=letter.peer_id)
        if time.monotonic() - began < _QUICK:
            most = min(2 * most, peer_client.LARGEST_SLICE)
        yield said


def _gone_on(letter: Letter, stands: protocol.Outgoing) -> protocol.Outgoing:
    """How a letter stands of which a slice arrived: nothing was tried in vain."""
    if letter.attempts or letter.tried_at:
        letter.attempts, letter.tried_at, letter.tried_code = 0, None, ""
        Letter.objects.filter(id=letter.id).update(attempts=0, tried_at=None, tried_code="")
    return replace(stands, attempts=0, tried_at=None)


def _heard(stands: protocol.Outgoing, answered: ReceiptName, now: datetime) -> protocol.Outgoing:
    """How a letter stands once the peer's answer is kept. What came beside it meanwhile wakes the job."""
    heard = [*stands.receipts, answered]
    is_new = answered not in stands.receipts and standing(heard) is answered
    return replace(stands, receipts=heard, heard_at=now if is_new else stands.heard_at)
