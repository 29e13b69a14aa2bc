"""Speak to a peer's node: offer a letter, hand over its container, hand over a receipt.

Only addresses of the directory are called, over mutual TLS, without redirects or proxies (WIRE-3). A
connection is kept for the next request to the same address, for less time than that node keeps it (WIRE-4).
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from http import HTTPStatus
from ssl import SSLContext
from typing import IO, Any, TypeVar

import httpcore
import httpx

from comity import canonical
from comity.delivery import several
from comity.delivery.envelope import Envelope, write_envelope
from comity.node.directory.models import Authority
from comity.node.exchange import tls
from comity.node.jobs import running
from comity.shapes import NewerVersionError
from comity.terms import ComityError, gettext_noop

ENVELOPE, OFFSET, SEVERAL = "Comity-Envelope", "Comity-Offset", "Comity-Several"
SLICE, LARGEST_SLICE = 64 * 1024 * 1024, 512 * 1024 * 1024
"""Bytes handed over by one request, at first and on a line that takes them quickly; what is more urgent goes
between two."""
PATIENCE, LOWEST_RATE = 60.0, 16 * 1024
"""Seconds that a peer may take for nothing, and bytes a second below which it is no use to go on."""
BETWEEN_LOOKS = 1.0
"""Seconds between two looks at how long the lease of the job that sends still lasts."""
LONGEST_WAIT = 3600
"""Seconds for which a peer is left alone at most, whatever it says."""
_NOTE_BYTES = 1_000_000
_SIZE_DIGITS = 16
_PROBLEM_BYTES = 10_000
_TIMEOUT = {"timeout": {"connect": 10.0, "read": 30.0, "write": 30.0, "pool": 30.0}}
_KEPT, _KEPT_FOR = 4, 8.0
"""Connections kept to one address, and seconds."""
_HEARD = (OFFSET, SEVERAL, "Retry-After")
"""The headers of an answer that mean something here."""
_UNREACHABLE = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
)
_BLOCK = 1024 * 1024
A = TypeVar("A")
_takes: dict[str, int] = {}
"""How many each address said last that it takes at once."""


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


class PeerOutdatedError(ComityError):
    """The peer's node runs an earlier release, which does not know a form that this one writes."""

    code = "peer_outdated"
    temporary = True
    message = gettext_noop("The node of {peer} does not know this form yet: it runs an earlier release.")
    next_step = gettext_noop("Nothing is lost; the node tries again by itself. Ask them when they upgrade.")


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
    answer = _ask(peer, "POST", f"/letters/{envelope.letter}", headers=_headers(envelope))
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
        answer = _ask(peer, "PUT", f"/letters/{envelope.letter}", headers=headers, content=blocks)
    return _wanted_or_note(peer, envelope, answer)


def takes_at_once(peer: Authority) -> int:
    """How many small letters or receipts the peer takes in one request, as it last said; 1 before it did."""
    return _takes.get(peer.peer_url, 1)


def hand_over_several(
    peer: Authority, letters: Sequence[tuple[Envelope, bytes]]
) -> list[bytes | ComityError]:
    """Send the containers of several letters (WIRE-25): the peer's signed answer to each, or the error of one
    that got none.
    """
    response = _ask(peer, "POST", "/letters/several", content=several.write_letters(letters))
    answers = _each(peer, response, len(letters))
    return [_said(partial(_note, peer, answer)) for answer in answers]


def hand_receipts(peer: Authority, notes: Sequence[str]) -> list[ComityError | None]:
    """Send several receipts (WIRE-26); of each the error of one that was not taken."""
    response = _ask(peer, "POST", "/receipts/several", content=several.write_receipts(notes))
    return [_said(partial(_taken, peer, answer)) for answer in _each(peer, response, len(notes))]


def hand_receipt(peer: Authority, note: str) -> None:
    """Send a receipt about a letter of the peer's."""
    _taken(peer, _ask(peer, "POST", "/receipts", content=note.encode()))


def _taken(peer: Authority, response: _Answer) -> None:
    _demand_patience(peer, response)
    if response.status_code == HTTPStatus.CONFLICT:
        raise ReceiptRefusedByPeerError(peer=peer.id)
    if response.status_code != HTTPStatus.NO_CONTENT:
        raise PeerUnreachableError(peer=peer.id, detail=f"status {response.status_code}")


def hand_key(peer: Authority, note: bytes) -> None:
    """Tell a peer this node's transport key by its signed notice; an outdated one was told before."""
    response = _ask(peer, "POST", "/keys", content=note)
    _demand_patience(peer, response)
    if response.status_code not in (HTTPStatus.NO_CONTENT, HTTPStatus.CONFLICT):
        raise PeerUnreachableError(peer=peer.id, detail=f"status {response.status_code}")


def hand_drill(peer: Authority, note: bytes) -> bytes:
    """Send a drill; the peer's node's signed word that it arrived (DRILL-2)."""
    return _drilled(peer, _ask(peer, "POST", "/drills", content=note))


def hand_drill_answer(peer: Authority, note: bytes) -> bytes:
    """Send a duty officer's answer; the asking desk's signed record of it (DRILL-4)."""
    return _drilled(peer, _ask(peer, "POST", "/drills/answers", content=note))


def drill_standing(peer: Authority) -> bytes:
    """What the peer's desk tells this one about drills, signed (DRILL-6)."""
    return _note(peer, _ask(peer, "GET", "/drills"))


def admits_next(peer: Authority) -> bool:
    """Whether a peer answers whoever shows this node's next certificate: it has admitted it."""
    try:
        answer = _ask(peer, "GET", "/checkpoint", own=tls.NEXT)
    except PeerUnreachableError:
        return False
    return answer.status_code in (HTTPStatus.OK, HTTPStatus.NOT_FOUND)


def submit_head(witness: Authority, body: bytes) -> bytes | int:
    """Ask a witness to cosign a head. Its cosignature lines, or the size that it knows instead (409)."""
    response = _ask(witness, "POST", "/witness/add-checkpoint", content=body)
    if response.status_code == HTTPStatus.CONFLICT:
        size = _number(response.content.decode("utf-8", "replace").removesuffix("\n"))
        if size is not None:
            return size
    return _note(witness, response)


def known_head(witness: Authority, authority: str) -> str:
    """The note of the largest head of an authority's ledger that a peer knows; empty where it knows none."""
    response = _ask(witness, "GET", f"/witness/checkpoint/{authority}")
    if response.status_code == HTTPStatus.NO_CONTENT:
        return ""
    return _note(witness, response).decode("utf-8", "replace")


def entries_of(peer: Authority, letter: str) -> bytes:
    """What the peer's ledger holds about a letter exchanged with it, as the peer sends it."""
    return _note(peer, _ask(peer, "GET", f"/letters/{letter}/entries"))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a peer answered, whole and no larger than a note may be."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes


def _ask(
    peer: Authority,
    method: str,
    address: str,
    own: str = tls.PRESENT,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | Iterator[bytes] | None = None,
) -> _Answer:
    """One request. However much a peer sends and however slowly, what is kept and waited for is bounded.

    Nothing is followed, unpacked or remembered that a peer says: no redirect, no encoding, no cookie.
    """
    pool = _pool(peer.peer_url, tls.client_context(peer, own))
    asked = [("Host", _host(peer.peer_url)), ("Accept-Encoding", "identity"), *(headers or {}).items()]
    where = _address(peer.peer_url, address)
    try:
        with pool.stream(method, where, headers=asked, content=content, extensions=_TIMEOUT) as response:
            heard = _heard(response)
            _takes[peer.peer_url] = min(_number(heard.get(SEVERAL, "")) or 1, several.MOST)
            return _Answer(response.status, heard, _read(peer, response))
    except _UNREACHABLE as error:
        raise PeerUnreachableError(peer=peer.id, detail=type(error).__name__) from error


def _heard(response: httpcore.Response) -> dict[str, str]:
    said = {name.lower(): value for name, value in response.headers}
    found = {name: said.get(name.lower().encode()) for name in _HEARD}
    return {name: value.decode("latin-1") for name, value in found.items() if value is not None}


def _read(peer: Authority, response: httpcore.Response) -> bytes:
    began, parts, size = time.monotonic(), [], 0
    for part in response.iter_stream():
        parts.append(part)
        size += len(part)
        if size > _NOTE_BYTES:
            raise PeerUnreachableError(peer=peer.id, detail="an answer without end")
        if time.monotonic() - began > PATIENCE:
            raise PeerTooSlowError(peer=peer.id)
    return b"".join(parts)


@lru_cache(maxsize=64)
def _pool(url: str, context: SSLContext) -> httpcore.ConnectionPool:
    """Connections to one address with one certificate: another certificate begins with new ones."""
    return httpcore.ConnectionPool(
        context, max_connections=None, max_keepalive_connections=_KEPT, keepalive_expiry=_KEPT_FOR
    )


def _address(url: str, address: str) -> httpcore.URL:
    """Where a peer is asked; its name as the network writes it."""
    base = _read_url(url)
    target = base.raw_path.rstrip(b"/") + address.encode("ascii")
    return httpcore.URL(scheme=base.raw_scheme, host=base.raw_host, port=base.port, target=target)


def _host(url: str) -> str:
    """The host and port of an address, an IPv6 address between brackets (RFC 9110, 7.2)."""
    return _read_url(url).netloc.decode("ascii")


_read_url = lru_cache(maxsize=64)(httpx.URL)


def _headers(envelope: Envelope) -> dict[str, str]:
    return {ENVELOPE: base64.b64encode(write_envelope(envelope)).decode()}


def _each(peer: Authority, response: _Answer, count: int) -> list[_Answer]:
    """What each of several was answered, as if it had come alone."""
    answered = _note(peer, response)
    try:
        said = several.read_answers(answered, count)
    except ComityError as error:
        raise PeerUnreachableError(peer=peer.id, detail=error.code) from error
    waits = [{} if each.retry_after is None else {"Retry-After": str(each.retry_after)} for each in said]
    return [_Answer(each.status, wait, each.body.encode()) for each, wait in zip(said, waits, strict=True)]


def _said(answer: Callable[[], A]) -> A | ComityError:
    try:
        return answer()
    except ComityError as error:
        return error


def _wanted_or_note(peer: Authority, envelope: Envelope, response: _Answer) -> bytes | int:
    if response.status_code != HTTPStatus.ACCEPTED:
        return _note(peer, response)
    said = _number(response.headers.get(OFFSET, "0"))
    if said is None or said >= envelope.bytes:
        raise PeerUnreachableError(peer=peer.id, detail="an offset that is none")
    return said


def _demand_patience(peer: Authority, response: _Answer) -> None:
    """Raise PeerBusyError where the peer says when to come again, PeerOutdatedError where it must upgrade."""
    if response.status_code == HTTPStatus.BAD_REQUEST and _code(response) == NewerVersionError.code:
        raise PeerOutdatedError(peer=peer.id)
    said = _number(response.headers.get("Retry-After", ""))
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS and said is not None:
        wait = min(said, LONGEST_WAIT)
        raise PeerBusyError(peer=peer.id, detail="its quota", retry_after=max(wait, 1))


def _number(said: str) -> int | None:
    """The number that a peer says; of more digits than any size or time has it is none."""
    return int(said) if said.isdecimal() and len(said) <= _SIZE_DIGITS else None


def _code(response: _Answer) -> Any:
    """The stable code of a peer's refusal; None where it gives none."""
    try:
        said = canonical.read(response.content[:_PROBLEM_BYTES])
    except canonical.JsonUnreadableError:
        return None
    return said.get("code") if isinstance(said, dict) else None


def _note(peer: Authority, response: _Answer) -> bytes:
    _demand_patience(peer, response)
    if response.status_code != HTTPStatus.OK:
        raise PeerUnreachableError(peer=peer.id, detail=f"status {response.status_code}")
    return response.content


_REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)


def _drilled(peer: Authority, response: _Answer) -> bytes:
    """The signed answer; a refusal by the desk's own choice is none that trying again would change."""
    code = _code(response) if response.status_code != HTTPStatus.OK else None
    if code == "drill_too_soon" or (code and response.status_code in _REFUSALS):
        raise DrillRefusedByPeerError(peer=peer.id, reason=str(code)[:60])
    return _note(peer, response)


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
        if now - began > PATIENCE + (size - left) / LOWEST_RATE:
            raise PeerTooSlowError(peer=peer.id)
