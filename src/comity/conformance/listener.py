"""The tester's own endpoint, at the address on its card: the node under test brings here what it sends."""

from __future__ import annotations

import io
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from typing import Any

from comity.conformance.calls import ELSEWHERE, MOST_TOLD, Call, Request, Said, problem, tell
from comity.conformance.tester import KEYS, Tester, strangers_chain
from comity.directory.cards import Card
from comity.proofs.notes import Verifier
from comity.proofs.receipts import Receipt, verify_receipt
from comity.terms import ComityError, gettext_noop

MOST = 1_000_000
PATIENCE = 10.0
"""Seconds that a caller may keep a connection waiting: for its handshake, its request, and in its body."""
LOWEST_RATE = 16 * 1024
"""Bytes that win back a second of patience, so that a drip holds no connection for long (WIRE-5)."""
_MOST_LETTERS, _AT_ONCE = 1000, 64


class Inbox:
    """The receipts that came, verified; what did not verify, by its code; whether a redirect was followed.

    ``turns`` has what is answered first to receipts of a letter, before they are taken; ``calls`` the tries
    of these. What a node brings without end is answered and not kept.
    ``services`` answer what begins with such a word.
    """

    def __init__(self, node: Card) -> None:
        self._verifier = Verifier.parse(node.log_key)
        self._came: dict[str, Receipt] = {}
        self._changed = threading.Condition()
        self.refused: list[str] = []
        self.misled = False
        self.turns: dict[str, list[Said]] = {}
        self.calls: dict[str, list[Call]] = {}
        self.services: dict[str, Callable[[Request], Said]] = {"receipts": self._receipt, "keys": _taken}
        self.disguise = Disguise()

    def answer(self, request: Request) -> Said:
        """Answer one request of the node."""
        service = self.services.get(request.path.split("/")[1])
        if service is None:
            request.read(MOST)
            self.misled |= request.path == ELSEWHERE
            return problem(404, "not_served")
        return service(request)

    def wait(self, letter: str, patience: float) -> Receipt | None:
        """The first receipt about a letter; None when none came in so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: letter in self._came, patience)
            return self._came.get(letter)

    def _receipt(self, request: Request) -> Said:
        call = Call(request.read(MOST))
        with self._changed:
            try:
                receipt, _ = verify_receipt(call.body, self._verifier)
            except ComityError as error:
                tell(self.refused, error.code)
                return problem(400, error.code)
            finally:
                self._changed.notify_all()
            if receipt.letter in self.turns and len(self.calls.get(receipt.letter, ())) < MOST_TOLD:
                self.calls.setdefault(receipt.letter, []).append(call)
            if self.turns.get(receipt.letter):
                return call.answer(self.turns[receipt.letter].pop(0))
            if len(self._came) < _MOST_LETTERS:
                self._came.setdefault(receipt.letter, receipt)
            return call.answer(Said(204))


def _taken(request: Request) -> Said:
    request.read(MOST)
    return Said(204)


class PlaceUnusableError(ComityError):
    """The tester cannot listen at a place."""

    code = "place_unusable"
    message = gettext_noop("The tester cannot listen at {host}:{port}: {reason}.")
    next_step = gettext_noop("Name free places of this machine: --listen and --second-listen HOST:PORT.")


class Disguise:
    """Another certificate with the tester's names, shown to the next so many callers (WIRE-2)."""

    def __init__(self) -> None:
        self._lock, self.left, self.met, self.fooled = threading.Lock(), 0, threading.Event(), False

    def put_on(self) -> bool:
        """Whether the caller who comes now is shown it."""
        with self._lock:
            self.left -= 1
            return self.left >= 0


@contextmanager
def listening(tester: Tester, node: Card, place: tuple[str, int]) -> Iterator[Inbox]:
    """Serve at a place until the block ends; only the node's certificate is admitted."""
    inbox = Inbox(node)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            self.rfile = io.BufferedReader(_Patient(self.connection))

        def _serve(self) -> None:
            size = self.headers.get("Content-Length", "")
            left = int(size) if size.isdecimal() else 0

            def read(most: int) -> bytes:
                return self.rfile.read(min(most, left))

            headers = {name.lower(): value for name, value in self.headers.items()}
            said = inbox.answer(Request(self.command, self.path, headers, left, read))
            if said.status:
                self._say(said)
            self.close_connection = True

        do_GET = do_POST = do_PUT = _serve  # noqa: N815 -- the names that http.server calls

        def _say(self, said: Said) -> None:
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    try:
        server = _Server(place, Handler)
    except (OSError, OverflowError) as error:  # the second: there is no such port
        reason = getattr(error, "strerror", None) or str(error)
        raise PlaceUnusableError(host=place[0], port=place[1], reason=reason) from None
    server.disguise, own = inbox.disguise, tester.folder / KEYS
    server.context = _context((own / "tls.crt", own / "tls.key"), node)
    with TemporaryDirectory() as folder:
        server.strange = _context(strangers_chain(tester, Path(folder)), node)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()


class _Patient(io.RawIOBase):
    """What a caller brings, for ``PATIENCE`` seconds, and for longer as bytes come; then TimeoutError."""

    def __init__(self, connection: socket) -> None:
        super().__init__()
        self._connection, self._left = connection, PATIENCE

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """What has come; 0 when the caller hung up."""
        began, allowed = time.monotonic(), self._connection.gettimeout()
        self._connection.settimeout(self._left)
        try:
            count = self._connection.recv_into(buffer)
        finally:
            self._connection.settimeout(allowed)
        self._left = min(PATIENCE, self._left - (time.monotonic() - began) + count / LOWEST_RATE)
        if self._left <= 0:
            raise TimeoutError
        return count


class _Server(ThreadingHTTPServer):
    """Handshakes in the thread of the connection, so that a stranger keeps nobody waiting."""

    daemon_threads = True
    context: ssl.SSLContext
    strange: ssl.SSLContext
    disguise: Disguise

    def __init__(self, *arguments: Any) -> None:
        self._free = threading.BoundedSemaphore(_AT_ONCE)
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        """In a thread of its own, while there are not too many of them."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """The thread of one connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands, then answer."""
        request.settimeout(PATIENCE)  # for the handshake as a whole, then for each answer
        disguised = self.disguise.put_on()
        try:
            context = self.strange if disguised else self.context
            with context.wrap_socket(request, server_side=True) as secured:
                self.disguise.fooled |= disguised  # it showed its own certificate to a stranger's
                super().finish_request(secured, client_address)
        except OSError:
            return  # a stranger, or somebody who hung up
        finally:
            if disguised:
                self.disguise.met.set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What one connection broke concerns nobody else; a receipt that is missing is found by its step."""


def _context(chain: tuple[Path, Path], node: Card) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=node.certificates.tls)
    context.load_cert_chain(*chain)
    return context
