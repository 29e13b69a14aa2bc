"""Speak to a peer's node: offer a letter, hand over its container, hand over a receipt."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from http import HTTPStatus
from typing import IO, TypeVar

from comity.delivery import several
from comity.delivery.envelope import Envelope, write_envelope
from comity.node.directory.models import Authority
from comity.node.exchange import calling, tls
from comity.node.jobs import running
from comity.terms import ComityError, gettext_noop

ENVELOPE = "Comity-Envelope"
SLICE, LARGEST_SLICE = 64 * 1024 * 1024, 512 * 1024 * 1024
"""Bytes handed over by one request, at first and on a line that takes them quickly; what is more urgent goes
between two."""
LOWEST_RATE = 16 * 1024
"""Bytes a second below which it is no use to go on."""
BETWEEN_LOOKS = 1.0
"""Seconds between two looks at how long the lease of the job that sends still lasts."""
_BLOCK = 1024 * 1024
A = TypeVar("A")


class ReceiptRefusedByPeerError(ComityError):
    """The peer does not accept a receipt of ours: it keeps another one, or does not know the letter."""

    code = "receipt_refused_by_peer"
    message = gettext_noop("The node of {peer} does not accept the receipt.")
    next_step = gettext_noop("Compare the letter with the peer; the receipt stays stored here.")


class DrillRefusedByPeerError(ComityError):
    """The peer's node does not take a drill, or an answer to one: ``reason`` is its code."""

    code = "drill_refused_by_peer"
    message = gettext_noop("The node of {peer} does not take it ({reason}).")
    next_step = gettext_noop("Ask the other desk whether it takes drills, and how often.")


def offer(peer: Authority, envelope: Envelope) -> bytes | int:
    """Announce a letter. From which byte on the peer wants its container, else the peer's signed answer."""
    answer = calling.ask(peer, "POST", f"/letters/{envelope.letter}", headers=_headers(envelope))
    return _wanted_or_note(peer, envelope, answer)


def hand_over(
    peer: Authority, envelope: Envelope, container: Callable[[], IO[bytes]], offset: int, most: int
) -> bytes | int:
    """Send the container from ``offset`` on, at most ``most`` bytes; return the peer's signed answer, or
    from which byte on it wants more.
    """
    end = min(offset + most, envelope.bytes)
    headers = _headers(envelope) | {"Content-Length": str(end - offset)}
    if end - offset < envelope.bytes:
        headers["Content-Range"] = f"bytes {offset}-{end - 1}/{envelope.bytes}"
    with container() as stream:
        stream.seek(offset)
        blocks = _blocks(stream, end - offset, peer)
        answer = calling.ask(peer, "PUT", f"/letters/{envelope.letter}", headers=headers, content=blocks)
    return _wanted_or_note(peer, envelope, answer)


def hand_over_several(
    peer: Authority, letters: Sequence[tuple[Envelope, bytes]]
) -> list[bytes | ComityError]:
    """Send the containers of several letters (WIRE-25): the peer's signed answer to each, or the error of one
    that got none.
    """
    response = calling.ask(peer, "POST", "/letters/several", content=several.write_letters(letters))
    answers = calling.several(peer, response, len(letters))
    return [_said(partial(calling.note, peer, answer)) for answer in answers]


def hand_receipts(peer: Authority, notes: Sequence[str]) -> list[ComityError | None]:
    """Send several receipts (WIRE-26); of each the error of one that was not taken."""
    response = calling.ask(peer, "POST", "/receipts/several", content=several.write_receipts(notes))
    return [_said(partial(_taken, peer, answer)) for answer in calling.several(peer, response, len(notes))]


def hand_receipt(peer: Authority, note: str) -> None:
    """Send a receipt about a letter of the peer's."""
    _taken(peer, calling.ask(peer, "POST", "/receipts", content=note.encode()))


def _taken(peer: Authority, response: calling.Answer) -> None:
    calling.demand_patience(peer, response)
    if response.status_code == HTTPStatus.CONFLICT:
        raise ReceiptRefusedByPeerError(peer=peer.id)
    if response.status_code != HTTPStatus.NO_CONTENT:
        raise calling.PeerUnreachableError(peer=peer.id, detail=f"status {response.status_code}")


def hand_key(peer: Authority, note: bytes) -> None:
    """Tell a peer this node's transport key by its signed notice; an outdated one was told before."""
    response = calling.ask(peer, "POST", "/keys", content=note)
    calling.demand_patience(peer, response)
    if response.status_code not in (HTTPStatus.NO_CONTENT, HTTPStatus.CONFLICT):
        raise calling.PeerUnreachableError(peer=peer.id, detail=f"status {response.status_code}")


def hand_drill(peer: Authority, note: bytes) -> bytes:
    """Send a drill; the peer's node's signed word that it arrived (DRILL-2)."""
    return _drilled(peer, calling.ask(peer, "POST", "/drills", content=note))


def hand_drill_answer(peer: Authority, note: bytes) -> bytes:
    """Send a duty officer's answer; the asking desk's signed record of it (DRILL-4)."""
    return _drilled(peer, calling.ask(peer, "POST", "/drills/answers", content=note))


def drill_standing(peer: Authority) -> bytes:
    """What the peer's desk tells this one about drills, signed (DRILL-6)."""
    return calling.note(peer, calling.ask(peer, "GET", "/drills"))


def admits_next(peer: Authority) -> bool:
    """Whether a peer answers whoever shows this node's next certificate: it has admitted it."""
    try:
        answer = calling.ask(peer, "GET", "/checkpoint", own=tls.NEXT)
    except calling.PeerUnreachableError:
        return False
    return answer.status_code in (HTTPStatus.OK, HTTPStatus.NOT_FOUND)


def submit_head(witness: Authority, body: bytes) -> bytes | int:
    """Ask a witness to cosign a head. Its cosignature lines, or the size that it knows instead (409)."""
    response = calling.ask(witness, "POST", "/witness/add-checkpoint", content=body)
    if response.status_code == HTTPStatus.CONFLICT:
        size = calling.number(response.content.decode("utf-8", "replace").removesuffix("\n"))
        if size is not None:
            return size
    return calling.note(witness, response)


def known_head(witness: Authority, authority: str) -> str:
    """The note of the largest head of an authority's ledger that a peer knows; empty where it knows none."""
    response = calling.ask(witness, "GET", f"/witness/checkpoint/{authority}")
    if response.status_code == HTTPStatus.NO_CONTENT:
        return ""
    return calling.note(witness, response).decode("utf-8", "replace")


def entries_of(peer: Authority, letter: str) -> bytes:
    """What the peer's ledger holds about a letter exchanged with it, as the peer sends it."""
    return calling.note(peer, calling.ask(peer, "GET", f"/letters/{letter}/entries"))


def _headers(envelope: Envelope) -> dict[str, str]:
    return {ENVELOPE: base64.b64encode(write_envelope(envelope)).decode()}


def _said(answer: Callable[[], A]) -> A | ComityError:
    try:
        return answer()
    except ComityError as error:
        return error


def _wanted_or_note(peer: Authority, envelope: Envelope, response: calling.Answer) -> bytes | int:
    if response.status_code != HTTPStatus.ACCEPTED:
        return calling.note(peer, response)
    said = calling.number(response.headers.get(calling.OFFSET, "0"))
    if said is None or said >= envelope.bytes:
        raise calling.PeerUnreachableError(peer=peer.id, detail="an offset that is none")
    return said


_REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


def _drilled(peer: Authority, response: calling.Answer) -> bytes:
    """The signed answer; a refusal by the desk's own choice is none that trying again would change."""
    code = calling.code(response) if response.status_code != HTTPStatus.OK else None
    if code == "drill_too_soon" or (code and response.status_code in _REFUSALS):
        raise DrillRefusedByPeerError(peer=peer.id, reason=str(code)[:60])
    return calling.note(peer, response)


def _blocks(stream: IO[bytes], size: int, peer: Authority) -> Iterator[bytes]:
    """``size`` bytes, as fast as the peer takes them; the job's lease lasts as long as it takes some."""
    began, left = time.monotonic(), size
    looked = began
    while left and (block := stream.read(min(_BLOCK, left))):
        yield block
        left -= len(block)
        now = time.monotonic()
        if now - looked >= BETWEEN_LOOKS:
            looked = now
            running.go_on()
        if now - began > calling.PATIENCE + (size - left) / LOWEST_RATE:
            raise calling.PeerTooSlowError(peer=peer.id)
