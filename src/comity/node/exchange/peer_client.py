"""Speak to a peer's node: offer a letter, hand over its container, hand over a receipt.

Only addresses of the directory are called, over mutual TLS, without redirects or proxies (WIRE-3). A
connection is kept for the next request to the same address, for less time than the peer's node keeps it.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from ssl import SSLContext
from typing import IO

import httpx

from comity.delivery.envelope import Envelope, write_envelope
from comity.node.directory.models import Authority
from comity.node.exchange.tls import client_context
from comity.node.jobs import running
from comity.terms import ComityError, gettext_noop

ENVELOPE, OFFSET = "Comity-Envelope", "Comity-Offset"
SLICE = 64 * 1024 * 1024
"""Bytes handed over by one request; what is more urgent goes between two."""
PATIENCE, LOWEST_RATE = 60.0, 16 * 1024
"""Seconds that a peer may take for nothing, and bytes a second below which it is no use to go on."""
LONGEST_WAIT = 3600
"""Seconds for which a peer is left alone at most, whatever it says."""
_NOTE_BYTES = 1_000_000
_SIZE_DIGITS = 16
_TIMEOUT = httpx.Timeout(30, connect=10)
_KEPT = httpx.Limits(max_keepalive_connections=4, keepalive_expiry=8)
_BLOCK = 1024 * 1024


class PeerUnreachableError(ComityError):
    """The peer's node did not answer, or not as it should."""

    code = "peer_unreachable"
    temporary = True
    message = gettext_noop("The node of {peer} cannot be reached ({detail}).")
    next_step = gettext_noop("Nothing is lost; the node tries again by itself. Call them if it lasts.")


class PeerBusyError(ComityError):
    """The peer asks to be left alone for some seconds (WIRE-16)."""

    code = "peer_busy"
    temporary = True
    message = gettext_noop("The node of {peer} takes no more for now ({detail}).")
    next_step = gettext_noop("Nothing is lost; the node tries again in {retry_after} seconds by itself.")


class PeerTooSlowError(ComityError):
    """The peer takes bytes slower than any line that is of use."""

    code = "peer_too_slow"
    temporary = True
    message = gettext_noop("The node of {peer} takes the letter too slowly.")
    next_step = gettext_noop("Nothing is lost; the node tries again by itself and goes on where it was.")


class ReceiptRefusedByPeerError(ComityError):
    """The peer does not accept a receipt of ours: it keeps another one, or does not know the letter."""

    code = "receipt_refused_by_peer"
    message = gettext_noop("The node of {peer} does not accept the receipt.")
    next_step = gettext_noop("Compare the letter with the peer; the receipt stays stored here.")


def offer(peer: Authority, envelope: Envelope) -> bytes | int:
    """Announce a letter. From which byte on the peer wants its container, else the peer's signed answer."""
    with _connection(peer) as client:
        response = client.post(f"/letters/{envelope.letter}", headers=_headers(envelope))
        return _wanted_or_note(peer, envelope, response)


def hand_over(
    peer: Authority, envelope: Envelope, container: Callable[[], IO[bytes]], offset: int = 0
) -> bytes | int:
    """Send the container from ``offset`` on, at most ``SLICE`` bytes; return the peer's signed answer, or
    from which byte on it wants more.
    """
    end = min(offset + SLICE, envelope.bytes)
    headers = _headers(envelope) | {"Content-Length": str(end - offset)}
    if end - offset < envelope.bytes:
        headers["Content-Range"] = f"bytes {offset}-{end - 1}/{envelope.bytes}"
    with container() as stream, _connection(peer) as client:
        stream.seek(offset)
        blocks = _blocks(stream, end - offset, peer)
        response = client.put(f"/letters/{envelope.letter}", headers=headers, content=blocks)
        return _wanted_or_note(peer, envelope, response)


def hand_receipt(peer: Authority, note: str) -> None:
    """Send a receipt about a letter of the peer's."""
    with _connection(peer) as client:
        response = client.post("/receipts", content=note.encode())
    _demand_patience(peer, response)
    if response.status_code == httpx.codes.CONFLICT:
        raise ReceiptRefusedByPeerError(peer=peer.id)
    if response.status_code != httpx.codes.NO_CONTENT:
        raise PeerUnreachableError(peer=peer.id, detail=f"status {response.status_code}")


def hand_key(peer: Authority, note: bytes) -> None:
    """Tell a peer this node's transport key by its signed notice; an outdated one was told before."""
    with _connection(peer) as client:
        response = client.post("/keys", content=note)
    _demand_patience(peer, response)
    if response.status_code not in (httpx.codes.NO_CONTENT, httpx.codes.CONFLICT):
        raise PeerUnreachableError(peer=peer.id, detail=f"status {response.status_code}")


def submit_head(witness: Authority, body: bytes) -> bytes | int:
    """Ask a witness to cosign a head. Its cosignature lines, or the size that it knows instead (409)."""
    with _connection(witness) as client:
        response = client.post("/witness/add-checkpoint", content=body)
    if response.status_code == httpx.codes.CONFLICT:
        said = response.text.removesuffix("\n")
        if said.isdecimal() and len(said) <= _SIZE_DIGITS:
            return int(said)
    return _note(witness, response)


def known_head(witness: Authority, authority: str) -> str:
    """The note of the largest head of an authority's ledger that a peer knows; empty where it knows none."""
    with _connection(witness) as client:
        response = client.get(f"/witness/checkpoint/{authority}")
    if response.status_code == httpx.codes.NO_CONTENT:
        return ""
    return _note(witness, response).decode("utf-8", "replace")


@contextmanager
def _connection(peer: Authority) -> Iterator[httpx.Client]:
    try:
        yield _client(peer.peer_url, client_context(peer))
    except httpx.TransportError as error:
        raise PeerUnreachableError(peer=peer.id, detail=type(error).__name__) from error


@lru_cache(maxsize=64)
def _client(url: str, context: SSLContext) -> httpx.Client:
    """One for each address and certificate: another certificate begins with new connections."""
    return httpx.Client(
        base_url=url,
        verify=context,
        trust_env=False,
        follow_redirects=False,
        timeout=_TIMEOUT,
        limits=_KEPT,
    )


def _headers(envelope: Envelope) -> dict[str, str]:
    return {ENVELOPE: base64.b64encode(write_envelope(envelope)).decode()}


def _wanted_or_note(peer: Authority, envelope: Envelope, response: httpx.Response) -> bytes | int:
    if response.status_code != httpx.codes.ACCEPTED:
        return _note(peer, response)
    said = response.headers.get(OFFSET, "0")
    if not (said.isdecimal() and int(said) < envelope.bytes):
        raise PeerUnreachableError(peer=peer.id, detail="an offset that is none")
    return int(said)


def _demand_patience(peer: Authority, response: httpx.Response) -> None:
    """Raise PeerBusyError where the peer says when to come again."""
    said = response.headers.get("Retry-After", "")
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS and said.isdecimal():
        wait = min(int(said), LONGEST_WAIT)
        raise PeerBusyError(peer=peer.id, detail="its quota", retry_after=max(wait, 1))


def _note(peer: Authority, response: httpx.Response) -> bytes:
    _demand_patience(peer, response)
    if response.status_code != httpx.codes.OK or len(response.content) > _NOTE_BYTES:
        raise PeerUnreachableError(peer=peer.id, detail=f"status {response.status_code}")
    return response.content


def _blocks(stream: IO[bytes], size: int, peer: Authority) -> Iterator[bytes]:
    """``size`` bytes, as fast as the peer takes them; the job's lease lasts as long as it takes some."""
    began, left = time.monotonic(), size
    while left and (block := stream.read(min(_BLOCK, left))):
        yield block
        left -= len(block)
        running.go_on()
        if time.monotonic() - began > PATIENCE + (size - left) / LOWEST_RATE:
            raise PeerTooSlowError(peer=peer.id)
