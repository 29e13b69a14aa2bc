"""One request to a peer's node, and its bounded answer.

Only addresses of the directory are called, over mutual TLS, without redirects or proxies (WIRE-3). A
connection is kept for the next request to the same address, for less time than that node keeps it (WIRE-4).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from ssl import SSLContext
from typing import Any

import httpcore
import httpx

from comity import canonical
from comity.delivery import several as together
from comity.node.directory.models import Authority
from comity.node.exchange import tls
from comity.shapes import NewerVersionError
from comity.terms import ComityError, gettext_noop

OFFSET, SEVERAL = "Comity-Offset", "Comity-Several"
PATIENCE = 60.0
"""Seconds that a peer may take for nothing."""
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
_at_once: dict[str, int] = {}
"""How many small letters or receipts each address said last that it takes in one request."""


class PeerUnreachableError(ComityError):
    """The peer's node did not answer, or not as it should."""

    code = "peer_unreachable"
    temporary = True
    message = gettext_noop("The node of {peer} cannot be reached ({detail}).")
    next_step = gettext_noop("Nothing is lost; the node tries again by itself. Call them if it lasts.")


class PeerAwayError(PeerUnreachableError):
    """No connection came about: nothing of what was to be brought has reached the peer."""

    code = "peer_away"


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer answered, whole and no larger than a note may be."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes


def ask(
    peer: Authority,
    method: str,
    address: str,
    own: str = tls.PRESENT,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | Iterator[bytes] | None = None,
) -> Answer:
    """One request. However much a peer sends and however slowly, what is kept and waited for is bounded.

    Nothing is followed, unpacked or remembered that a peer says: no redirect, no encoding, no cookie.
    """
    pool = _pool(peer.peer_url, tls.client_context(peer, own))
    asked = [("Host", _host(peer.peer_url)), ("Accept-Encoding", "identity"), *(headers or {}).items()]
    where = _address(peer.peer_url, address)
    try:
        with pool.stream(method, where, headers=asked, content=content, extensions=_TIMEOUT) as response:
            heard = _heard(response)
            _at_once[peer.peer_url] = min(number(heard.get(SEVERAL, "")) or 1, together.MOST)
            return Answer(response.status, heard, _read(peer, response))
    except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
        raise PeerAwayError(peer=peer.id, detail=type(error).__name__) from error
    except _UNREACHABLE as error:
        raise PeerUnreachableError(peer=peer.id, detail=type(error).__name__) from error


def takes_at_once(peer: Authority) -> int:
    """How many small letters or receipts a peer takes in one request, as it last said; 1 before it did."""
    return _at_once.get(peer.peer_url, 1)


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


def demand_patience(peer: Authority, response: Answer) -> None:
    """Raise PeerBusyError where the peer says when to come again, PeerOutdatedError where it must upgrade."""
    if response.status_code == HTTPStatus.BAD_REQUEST and code(response) == NewerVersionError.code:
        raise PeerOutdatedError(peer=peer.id)
    said = number(response.headers.get("Retry-After", ""))
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS and said is not None:
        wait = min(said, LONGEST_WAIT)
        raise PeerBusyError(peer=peer.id, detail="its quota", retry_after=max(wait, 1))


def note(peer: Authority, response: Answer) -> bytes:
    """What a peer answered with 200; raises PeerBusyError, PeerOutdatedError, PeerUnreachableError else."""
    demand_patience(peer, response)
    if response.status_code != HTTPStatus.OK:
        raise PeerUnreachableError(peer=peer.id, detail=f"status {response.status_code}")
    return response.content


def several(peer: Authority, response: Answer, count: int) -> list[Answer]:
    """What each of several was answered, as if it had come alone (WIRE-25, WIRE-26)."""
    answered = note(peer, response)
    try:
        said = together.read_answers(answered, count)
    except ComityError as error:
        raise PeerUnreachableError(peer=peer.id, detail=error.code) from error
    return [Answer(each.status, _waits(each), each.body.encode()) for each in said]


def _waits(said: together.Said) -> dict[str, str]:
    return {} if said.retry_after is None else {"Retry-After": str(said.retry_after)}


def number(said: str) -> int | None:
    """The number that a peer says; of more digits than any size or time has it is none."""
    return int(said) if said.isdecimal() and len(said) <= _SIZE_DIGITS else None


def code(response: Answer) -> Any:
    """The stable code of a peer's refusal; None where it gives none."""
    try:
        said = canonical.read(response.content[:_PROBLEM_BYTES])
    except canonical.JsonUnreadableError:
        return None
    return said.get("code") if isinstance(said, dict) else None
