"""The same jobs as in ``delivering``, of several small letters or receipts that go to a peer in one request.

What cannot go with others, and everything where the request fails as a whole, is left to the job of each.
Clauses: WIRE-25, WIRE-26.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any

from comity.delivery import outgoing as protocol
from comity.delivery import several
from comity.node import store
from comity.node.databases import rows
from comity.node.directory.models import Authority
from comity.node.exchange import calling, delivering, keeping, peer_client, receipts, unfinished
from comity.node.exchange.models import Carried, Letter, Receipt, Stage
from comity.node.exchange.outgoing import lane, letters_of
from comity.node.jobs import Alone, Later, outbox
from comity.proofs.receipts import ReceiptName
from comity.terms import ComityError

OF_PEER = (calling.PeerAwayError.code, calling.PeerBusyError.code)
"""What kept a letter or a receipt back that would have kept back any other."""


def deliver(payloads: Sequence[dict[str, Any]], now: datetime) -> list[Exception | None]:
    """Offer letters that are small and new to their peer, and keep its answers.

    A letter that has to wait for another of its case, one that was brought and not taken in, and one that a
    courier carries go alone.
    """
    letters = letters_of(payloads)
    peer, carried = letters[0].peer, rows.among(Carried, "letter", [each.pk for each in letters])
    left = {each.letter for each in carried}
    able = [each for each in letters if each.pk not in left and _goes_with_others(each, peer, now)]
    chosen = _fitting(able)[: calling.takes_at_once(peer)]
    if len(chosen) <= 1:
        return [Alone() for _ in letters]
    raised = dict(zip((each.pk for each in chosen), _sent(chosen, peer, now), strict=True))
    return [raised.get(each.pk) or Alone() for each in letters]


def send_receipts(payloads: Sequence[dict[str, Any]], now: datetime) -> list[Exception | None]:
    """Sign receipts that were attested, under one head, and hand them to the peer."""
    letters = letters_of(payloads)
    peer = letters[0].peer
    if calling.takes_at_once(peer) < len(letters) or any(each.peer_id != peer.id for each in letters):
        return [Alone() for _ in letters]
    wanted = [(letter, ReceiptName(each["receipt"])) for letter, each in zip(letters, payloads, strict=True)]
    issued = receipts.issue_several(wanted, now=now)
    answers: Sequence[ComityError | None]
    try:
        answers = peer_client.hand_receipts(peer, [each.note for each in issued])
    except ComityError as error:
        answers = [error] * len(issued)
    return [_taken(receipt, error) for receipt, error in zip(issued, answers, strict=True)]


def _taken(receipt: Receipt, error: ComityError | None) -> ComityError | None:
    """What the job of a receipt raises; that the peer keeps another one is an answer."""
    if isinstance(error, peer_client.ReceiptRefusedByPeerError):
        delivering.note_refusal(receipt, error)
        return None
    return error


def _goes_with_others(letter: Letter, peer: Authority, now: datetime) -> bool:
    """Whether a small letter is to be sent to the peer now, and was not brought before and not taken in."""
    if letter.stage != Stage.SEALED or letter.peer_id != peer.id:
        return False  # of two peers the names of lanes may be the same: they are cut off
    if (letter.bytes or 0) >= several.LETTER_BYTES or (letter.attempts and letter.tried_code not in OF_PEER):
        return False
    timeouts = delivering.timeouts_of(letter, carried=False)
    due = protocol.next_action(delivering.stands_now(letter, now), now, timeouts)
    return isinstance(due, protocol.Send) and not delivering.must_wait_its_turn(letter, now)


def _fitting(letters: Sequence[Letter]) -> list[Letter]:
    """The first of them that together are no longer on their way than the largest letter that goes in one
    piece: something urgent may come meanwhile (WIRE-24).
    """
    sizes = accumulate(letter.bytes or 0 for letter in letters)
    return [letter for letter, size in zip(letters, sizes, strict=True) if size <= unfinished.RESUMABLE_FROM]


def _sent(letters: Sequence[Letter], peer: Authority, now: datetime) -> list[Later]:
    """Hand over letters and keep the peer's answers; when each is looked at again."""
    began = time.monotonic()
    said = _handed_over(letters, peer)
    noted = [(letter, note) for letter, note in zip(letters, said, strict=True) if isinstance(note, bytes)]
    kept = iter(keeping.keep_several(noted, peer, now))
    heard = [next(kept) if isinstance(note, bytes) else note for note in said]
    waited = time.monotonic() - began
    if any(isinstance(each, Receipt) for each in heard):
        outbox.end_rest(lane(peer.id), now)
        waited = 0.0  # the peer answers: no lane rests because one of them was put off
    timeouts = delivering.timeouts_of(letters[0], carried=False)
    return [
        delivering.after(letter, delivering.stands_now(letter, now), each, waited, timeouts, now)
        for letter, each in zip(letters, heard, strict=True)
    ]


def _handed_over(letters: Sequence[Letter], peer: Authority) -> Sequence[bytes | ComityError]:
    """What the peer answers to each; the same error for all where it answers nothing."""
    try:
        brought = [(delivering.envelope_of(each), _container(each)) for each in letters]
        return peer_client.hand_over_several(peer, brought)
    except ComityError as error:
        return [error] * len(letters)


def _container(letter: Letter) -> bytes:
    with store.open(letter.travelling) as stream:
        return stream.read()
