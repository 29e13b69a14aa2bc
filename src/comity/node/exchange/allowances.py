"""How much one peer may bring, so that none of them fills the disk or keeps this node from the others.

Receives a peer and what it brings; raises an error that says when to come again, or takes it off the peer's
allowance. An allowance fills up steadily; it lives in the one process that answers peers and begins full.
Clause WIRE-16.
"""

from __future__ import annotations

import threading
from datetime import datetime

from comity.node import config
from comity.node.allowance import DAY, HOUR, Allowance
from comity.node.databases import rows
from comity.node.directory.models import Authority
from comity.node.exchange import unfinished
from comity.node.exchange.models import Direction, Stage
from comity.terms import ComityError, gettext_noop


class PeerLettersQuotaError(ComityError):
    """A peer brought more letters than it may in an hour."""

    code = "peer_letters_quota"
    temporary = True
    message = gettext_noop("This peer has brought as many letters as it may for now.")
    next_step = gettext_noop("Nothing is lost: send again in {retry_after} seconds.")


class PeerBytesQuotaError(ComityError):
    """A peer brought more bytes than it may in a day."""

    code = "peer_bytes_quota"
    temporary = True
    message = gettext_noop("This peer has brought as many bytes as it may for now.")
    next_step = gettext_noop("Nothing is lost: send again in {retry_after} seconds.")


class PeerUnopenedQuotaError(ComityError):
    """As much of a peer lies here unopened, unfinished or refused as may."""

    code = "peer_unopened_quota"
    temporary = True
    message = gettext_noop("As many bytes of this peer lie here unopened, unfinished or refused as may.")
    next_step = gettext_noop("Nothing is lost: send again in {retry_after} seconds.")


_allowances: dict[tuple[str, str], Allowance] = {}
_lock = threading.Lock()
_KEPT = """
SELECT SUM("bytes") FROM "exchange_letter"
WHERE "direction" = %(in)s AND "stage" IN (%(accepted)s, %(refused)s) AND "peer_id" = %(peer)s
"""
_UNOPENED = {"accepted": Stage.ACCEPTED.value, "refused": Stage.REFUSED.value}


def demand(peer: Authority, now: datetime, *, size: int = 0, beside: int = 0) -> None:
    """Raise an error unless the peer may bring one more letter, of ``size`` bytes.

    ``beside``: bytes that it brought and that are not entered yet.
    """
    limits = config.current().exchange
    wait = _wait(peer, "letters", limits.letters_an_hour, HOUR, 1, now)
    if wait:
        raise PeerLettersQuotaError(retry_after=wait)
    wait = _wait(peer, "bytes", limits.bytes_a_day, DAY, size, now)
    if wait:
        raise PeerBytesQuotaError(retry_after=wait)
    if size and _lying(peer) + beside + size > limits.bytes_unopened:
        raise PeerUnopenedQuotaError(retry_after=int(HOUR))


def charge(peer: Authority, now: datetime, *, letters: int = 0, size: int = 0) -> None:
    """Take off the peer's allowance what it brought."""
    limits = config.current().exchange
    with _lock:
        _of(peer, "letters", limits.letters_an_hour, HOUR, now).charge(letters, now.timestamp())
        _of(peer, "bytes", limits.bytes_a_day, DAY, now).charge(size, now.timestamp())


def forget() -> None:
    """Every allowance is full again, as when the process starts."""
    with _lock:
        _allowances.clear()


def _wait(peer: Authority, what: str, most: int, period: float, wanted: int, now: datetime) -> int:
    """Seconds until ``wanted`` is there, 0 when it is."""
    with _lock:
        return _of(peer, what, most, period, now).wait(wanted, now.timestamp())


def _of(peer: Authority, what: str, most: int, period: float, now: datetime) -> Allowance:
    return _allowances.setdefault((peer.id, what), Allowance(most, period, now.timestamp()))


def _lying(peer: Authority) -> int:
    kept = rows.value(_KEPT, {"in": Direction.IN.value, "peer": peer.id} | _UNOPENED)
    return int(kept or 0) + unfinished.size_of(peer)
