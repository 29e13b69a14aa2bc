"""The door of the peers' endpoint: a stranger costs no thread, and nobody keeps one waiting for long.

Receives connections from anywhere; hands on to Gunicorn's threads only those whose TLS handshake is done and
whose request has begun. It never answers a stranger: handshakes wait in the worker's selector, up to a
deadline, so many of one address and so many in all; beyond that the oldest is hung up on, never the newest,
so that a peer behind a flooder's address still gets in. Of one peer so many connections may wait and so many
requests may be answered at once; one more is told when to come again, so that the others keep their threads.
"""

from __future__ import annotations

import errno
import ipaddress
import json
import logging
import math
import selectors
import ssl
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from hashlib import sha256
from socket import socket
from typing import Any

from django.db import close_old_connections
from gunicorn import http, util
from gunicorn.http.body import Body, LengthReader
from gunicorn.sock import ssl_wrap_socket
from gunicorn.workers.gthread import TConn, ThreadWorker

from comity.delivery.several import MOST
from comity.node import config

KEPT = 15
"""Seconds for which a connection whose last request was read whole waits for the next one."""
PATIENCE = 10.0
"""Seconds that a connection may keep us waiting: for its handshake, for its request, and in its body.

Clause WIRE-5.
"""
LOWEST_RATE = 16 * 1024
"""Bytes that win back a second of patience: a body that comes slower than this is cut off."""
STRANGERS_OF_ADDRESS, STRANGERS = 16, 192
"""Unfinished handshakes of one address (IPv6: of one /64 network), and of all together."""
CONNECTIONS = 256
"""All connections at once, strangers among them; below the 1024 files that a process may usually open."""
WAITING_OF_PEER = 16
"""Connections of one peer that ask for nothing, yet or any more."""
BUSY = json.dumps(
    {
        "code": "peer_connections_quota",
        "message": "As many requests of this peer are being answered as may be at once.",
        "next_step": "Nothing is lost: send again in 1 second.",
    }
).encode()
_TOO_MANY = (
    b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nRetry-After: 1\r\n"
    b"Comity-Several: %d\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (MOST, len(BUSY), BUSY)
)
_PASSING = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED)
_log = logging.getLogger(__name__)


class MeteredSocket(ssl.SSLSocket):
    """A TLS connection that gives its peer ``PATIENCE`` seconds, and more as bytes come.

    A peer that used them up counts as one that hung up: ``recv`` says end of data, what was asked can still
    be answered.
    """

    unwanted = False
    """Set by whoever answers a request that was this connection's last: its peer is known no more."""
    _left = PATIENCE

    def begin_anew(self) -> None:
        """Give the next request of a kept connection what the first one had."""
        self._left = PATIENCE

    def setblocking(self, flag: bool, /) -> None:
        """Gunicorn's "wait for ever" is PATIENCE here."""
        self.settimeout(PATIENCE if flag else 0)

    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        """What has come; nothing when the peer hung up or used up its patience."""
        taken = b""

        def take(_: int) -> int:
            nonlocal taken
            taken = super(MeteredSocket, self).recv(buflen, flags)
            return len(taken)

        self._metered(take, 1)
        return taken

    def recv_into(self, buffer: Any, nbytes: int | None = None, flags: int = 0) -> int:
        """The same into memory that is there already, one record of TLS after the other until it is full or
        the peer is slower than it was; 0 for nothing.
        """
        space = memoryview(buffer)[: nbytes or None]
        size, take = len(space), super().recv_into
        return self._metered(lambda got: take(space[got:], size - got, flags), size)

    def _metered(self, take: Callable[[int], int], wanted: int) -> int:
        """Call ``take`` with how many bytes it gave already until they are ``wanted``; how many came.

        Each record is metered, but only a peer whose patience shrinks is waited for by a new time.
        """
        allowed = self.gettimeout()
        if allowed == 0:
            return take(0)
        if self._left <= 0:
            return 0
        got, left, since = 0, self._left, time.monotonic()
        self.settimeout(left if allowed is None else min(allowed, left))
        try:
            while got < wanted and left >= self._left:
                count = take(got)
                now = time.monotonic()
                left, since = min(PATIENCE, left - (now - since) + count / LOWEST_RATE), now
                got += count
                if not count:
                    break
        except TimeoutError:
            left = left - (time.monotonic() - since) if got else 0.0
        finally:
            self.settimeout(allowed)
        self._left = left
        return got


class ArrivingBody(Body):
    """A request's body whose bytes go from the connection straight to where they are wanted."""

    reader: LengthReader

    def readinto(self, space: memoryview) -> int:
        """Fill some of ``space`` with what comes next; how many bytes, 0 when there is no more."""
        if self.buf.tell():
            held = self.read(min(len(space), self.buf.tell()))  # type: ignore[no-untyped-call]
            return self._copied(held, space)
        unreader, size = self.reader.unreader, min(len(space), self.reader.length)
        held = unreader.take_buffered()
        if held:
            unreader.unread(held[size:])
            count = self._copied(held[:size], space)
        else:
            count = self._came(unreader.sock, space[:size])
        self.reader.length -= count
        return count

    def _came(self, sock: socket, space: memoryview) -> int:
        try:
            return sock.recv_into(space) if space else 0
        except Exception:
            self.failed = True
            raise

    @staticmethod
    def _copied(data: bytes, space: memoryview) -> int:
        space[: len(data)] = data
        return len(data)


def _written() -> int:
    """When the certificate that this node shows was written."""
    return (config.current().keys / "tls.crt").stat().st_mtime_ns


class Connection(TConn):
    """A connection, from its first byte on. ``timeout`` is when the step that it is in must be over."""

    timeout: float
    peer = ""
    ends = math.inf
    written = 0

    def __init__(self, cfg: Any, sock: socket, client: Any, server: Any) -> None:
        super().__init__(cfg, sock, client, server)  # type: ignore[no-untyped-call]
        self.origin = network(client[0])
        self.timeout = time.monotonic() + PATIENCE

    def shake_hands(self) -> None:
        """Take the handshake as far as the bytes that have come allow; raise SSLWantReadError for more."""
        if not isinstance(self.sock, ssl.SSLSocket):
            close_old_connections()  # the context is made from the directory
            self.written = _written()
            self.sock = ssl_wrap_socket(self.sock, self.cfg)  # type: ignore[no-untyped-call]
        self.sock.do_handshake()
        self.peer = sha256(self.sock.getpeercert(binary_form=True) or b"").hexdigest()
        said = self.sock.getpeercert() or {}
        self.ends = ssl.cert_time_to_seconds(str(said["notAfter"])) if "notAfter" in said else math.inf
        self.parser = http.get_parser(self.cfg, self.sock, self.client)  # type: ignore[no-untyped-call]
        self.initialized = True

    def is_over(self) -> bool:
        """Whether a certificate that it was made with has ended or was replaced: it carries no further
        request (WIRE-4).
        """
        return time.time() >= self.ends or _written() != self.written or self.sock.unwanted

    def close(self, graceful: bool = False) -> None:
        """Close at once: the thread that answered has lingered already."""
        util.close(self.sock)  # type: ignore[no-untyped-call]


class Door(ThreadWorker):
    """Gunicorn's threaded worker, with the handshakes before its threads."""

    poller: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]
        self._strangers: deque[Connection] = deque()
        self._answering: Counter[str] = Counter()
        self._counting = threading.Lock()

    def accept(self, listener: Any) -> None:
        """Let a stranger wait for its handshake."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in _PASSING:
                raise
            return
        stranger = Connection(self.cfg, client, address, listener.getsockname())
        if self.nr_conns + 1 >= self.worker_connections and self.keepalived_conns:
            self._hang_up(self.keepalived_conns, self.keepalived_conns[0])
        self._make_room(stranger.origin)
        self.nr_conns += 1
        self._strangers.append(stranger)
        self._wait(stranger, self._on_stranger)

    def on_client_socket_readable(self, conn: Connection, client: Any) -> None:
        """A kept connection asks again, unless it made room for a newer one earlier in this round."""
        if conn in self.keepalived_conns:
            super().on_client_socket_readable(conn, client)  # type: ignore[no-untyped-call]

    def on_pending_socket_readable(self, conn: Connection, client: Any) -> None:
        """The same of one that asks for the first time."""
        if conn in self.pending_conns:
            super().on_pending_socket_readable(conn, client)  # type: ignore[no-untyped-call]

    def murder_pending(self) -> None:
        """Hang up on whoever is late; on every stranger when the server is stopping."""
        super().murder_pending()  # type: ignore[no-untyped-call]
        now = time.monotonic()
        while self._strangers and (self._strangers[0].timeout <= now or not self.alive):
            self._turn_away(self._strangers[0])

    def handle(self, conn: Connection) -> Any:
        """Answer a request in a thread, and linger there too: the selector's loop never waits for a peer."""
        with self._one_more_of(conn.peer) as admitted:
            if not admitted:
                self._say_busy(conn)
                return False
            conn.sock.begin_anew()
            kept = super().handle(conn)  # type: ignore[no-untyped-call]
        if kept is False:
            util.close_graceful(conn.sock)  # type: ignore[no-untyped-call]
        return kept

    def handle_request(self, req: Any, conn: Connection) -> Any:
        """Keep the connection for the next request only if this one's body was read to its end and the
        connection may go on.

        What is left unread of a refused body is not read for nothing: it ends with the connection.
        """
        if isinstance(req.body.reader, LengthReader):
            req.body = ArrivingBody(req.body.reader)  # type: ignore[no-untyped-call]
        asked = req.should_close
        over = cache(conn.is_over)  # once, while it is answered: the next request is not hung up on unheard
        req.should_close = lambda: asked() or getattr(req.body.reader, "length", None) != 0 or over()
        return super().handle_request(req, conn)  # type: ignore[no-untyped-call]

    def _cap_keepalive(self, deadline: float) -> None:
        """A server that stops waits for no further request."""
        self.murder_keepalived(force=True)  # type: ignore[no-untyped-call]

    @contextmanager
    def _one_more_of(self, peer: str) -> Iterator[bool]:
        """Whether one more request of a peer is answered now; it counts until the block ends."""
        most = config.current().exchange.requests_at_once
        with self._counting:
            admitted = self._answering[peer] < most
            self._answering[peer] += admitted
        try:
            yield admitted
        finally:
            with self._counting:
                self._answering[peer] -= admitted
                if not self._answering[peer]:
                    del self._answering[peer]

    def _say_busy(self, conn: Connection) -> None:
        """Read what has come already, so that the answer is not lost to a reset, and hang up at once."""
        try:
            conn.sock.settimeout(0)
            with suppress(ssl.SSLWantReadError):
                conn.sock.recv(65536)
            conn.sock.send(_TOO_MANY)
        except OSError as error:
            _log.debug("not told to wait: %s", type(error).__name__)

    def _on_stranger(self, stranger: Connection, waiting: Any) -> None:
        if stranger not in self._strangers:
            return  # it said something, but made room for a newer one earlier in this round of the selector
        self.poller.unregister(waiting)
        try:
            stranger.shake_hands()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            self._wait(stranger, self._on_stranger)  # our one flight fits any fresh socket's buffer
        except OSError as error:
            _log.debug("no handshake: %s", type(error).__name__)
            self._forget(stranger)
        except Exception:
            _log.exception("no handshake")
            self._forget(stranger)
        else:
            self._strangers.remove(stranger)
            self._make_room_of(stranger.peer)
            stranger.timeout = time.monotonic() + PATIENCE
            self.pending_conns.append(stranger)
            self._wait(stranger, self.on_pending_socket_readable)

    def _wait(self, conn: Connection, then: Any) -> None:
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(then, conn))

    def _make_room(self, origin: str) -> None:
        same = [each for each in self._strangers if each.origin == origin]
        if len(same) >= STRANGERS_OF_ADDRESS:
            self._turn_away(same[0])
        elif len(self._strangers) >= STRANGERS:
            self._turn_away(self._strangers[0])

    def _make_room_of(self, peer: str) -> None:
        """Hang up on an idle connection of a peer that has too many: one that was of use, else the oldest."""
        used = [each for each in self.keepalived_conns if each.peer == peer]
        fresh = [each for each in self.pending_conns if each.peer == peer]
        if len(used) + len(fresh) >= WAITING_OF_PEER:
            self._hang_up(self.keepalived_conns if used else self.pending_conns, (used or fresh)[0])

    def _hang_up(self, among: deque[Connection], idle: Connection) -> None:
        among.remove(idle)
        self.poller.unregister(idle.sock)
        self.nr_conns -= 1
        idle.close()

    def _turn_away(self, stranger: Connection) -> None:
        self.poller.unregister(stranger.sock)
        self._forget(stranger)

    def _forget(self, stranger: Connection) -> None:
        self._strangers.remove(stranger)
        self.nr_conns -= 1
        stranger.close()


def network(address: str) -> str:
    """Who counts as one: an IPv4 address, or the /64 network of an IPv6 address (RFC 4291 section 2.5.4)."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))
    return str(found)
