"""Speak to a peer's node: offer a letter, hand over its container, hand over a receipt.

Only addresses of the directory are called, over mutual TLS, without redirects or proxies.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

import httpx

from comity.delivery.envelope import Envelope, write_envelope
from comity.node.directory.models import Authority
from comity.node.exchange.tls import client_context
from comity.terms import ComityError, gettext_noop

ENVELOPE = "Comity-Envelope"
_NOTE_BYTES = 1_000_000
_TIMEOUT = httpx.Timeout(30, connect=10)
_BLOCK = 1024 * 1024


class PeerUnreachableError(ComityError):
    """The peer's node did not answer, or not as it should."""

    code = "peer_unreachable"
    temporary = True
    message = gettext_noop("The node of {peer} cannot be reached ({detail}).")
    next_step = gettext_noop("Nothing is lost; the node tries again by itself. Call them if it lasts.")


class ReceiptRefusedByPeerError(ComityError):
    """The peer does not accept a receipt of ours: it keeps another one, or does not know the letter."""

    code = "receipt_refused_by_peer"
    message = gettext_noop("The node of {peer} does not accept the receipt.")
    next_step = gettext_noop("Compare the letter with the peer; the receipt stays stored here.")


def offer(peer: Authority, envelope: Envelope) -> bytes | None:
    """Announce a letter. None when the peer wants its container, else the peer's signed answer."""
    with _connection(peer) as client:
        response = client.post(f"/letters/{envelope.letter}", headers=_headers(envelope))
        return None if response.status_code == httpx.codes.ACCEPTED else _note(peer, response)


def hand_over(peer: Authority, envelope: Envelope, container: Callable[[], IO[bytes]]) -> bytes:
    """Send the container; return the peer's signed answer."""
    headers = _headers(envelope) | {"Content-Length": str(envelope.bytes)}
    with container() as stream, _connection(peer) as client:
        return _note(
            peer, client.put(f"/letters/{envelope.letter}", headers=headers, content=_blocks(stream))
        )


def hand_receipt(peer: Authority, note: str) -> None:
    """Send a receipt about a letter of the peer's."""
    with _connection(peer) as client:
        response = client.post("/receipts", content=note.encode())
    if response.status_code == httpx.codes.CONFLICT:
        raise ReceiptRefusedByPeerError(peer=peer.id)
    if response.status_code != httpx.codes.NO_CONTENT:
        raise PeerUnreachableError(peer=peer.id, detail=f"status {response.status_code}")


def hand_key(peer: Authority, note: bytes) -> None:
    """Tell a peer this node's transport key by its signed notice; an outdated one was told before."""
    with _connection(peer) as client:
        response = client.post("/keys", content=note)
    if response.status_code not in (httpx.codes.NO_CONTENT, httpx.codes.CONFLICT):
        raise PeerUnreachableError(peer=peer.id, detail=f"status {response.status_code}")


@contextmanager
def _connection(peer: Authority) -> Iterator[httpx.Client]:
    try:
        with httpx.Client(
            base_url=peer.peer_url,
            verify=client_context(peer),
            trust_env=False,
            follow_redirects=False,
            timeout=_TIMEOUT,
        ) as client:
            yield client
    except httpx.TransportError as error:
        raise PeerUnreachableError(peer=peer.id, detail=type(error).__name__) from error


def _headers(envelope: Envelope) -> dict[str, str]:
    return {ENVELOPE: base64.b64encode(write_envelope(envelope)).decode()}


def _note(peer: Authority, response: httpx.Response) -> bytes:
    if response.status_code != httpx.codes.OK or len(response.content) > _NOTE_BYTES:
        raise PeerUnreachableError(peer=peer.id, detail=f"status {response.status_code}")
    return response.content


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block
