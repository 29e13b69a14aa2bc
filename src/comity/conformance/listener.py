"""The tester's own endpoint, at the address on its card: the node under test brings its receipts here."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from comity.conformance.tester import KEYS, Tester
from comity.directory.cards import Card
from comity.proofs.notes import Verifier
from comity.proofs.receipts import Receipt, verify_receipt
from comity.terms import ComityError

MOST = 1_000_000
_PATIENCE = 30.0
_NOT_SERVED = {
    "code": "not_served",
    "message": "This address serves receipts and keys of the node under test only.",
    "next_step": "Use POST /receipts or POST /keys.",
}


class Inbox:
    """The receipts that came, verified; what did not verify, by its code."""

    def __init__(self, node: Card) -> None:
        self._verifier = Verifier.parse(node.log_key)
        self._came: dict[str, list[Receipt]] = {}
        self._changed = threading.Condition()
        self.refused: list[str] = []

    def take(self, note: bytes) -> str:
        """Keep a receipt; the code of what does not hold of it, or nothing."""
        with self._changed:
            try:
                receipt, _ = verify_receipt(note, self._verifier)
            except ComityError as error:
                self.refused.append(error.code)
                return error.code
            finally:
                self._changed.notify_all()
            self._came.setdefault(receipt.letter, []).append(receipt)
            return ""

    def wait(self, letter: str, patience: float) -> Receipt | None:
        """The first receipt about a letter; None when none came in so many seconds."""
        end = time.monotonic() + patience
        with self._changed:
            while letter not in self._came:
                left = end - time.monotonic()
                if left <= 0:
                    return None
                self._changed.wait(left)
            return self._came[letter][0]


@contextmanager
def listening(tester: Tester, node: Card, place: tuple[str, int]) -> Iterator[Inbox]:
    """Serve at a place until the block ends; only the node's certificate is admitted."""
    inbox = Inbox(node)

    class Handler(BaseHTTPRequestHandler):
        protocol_version, timeout = "HTTP/1.1", _PATIENCE

        def do_POST(self) -> None:
            size = self.headers.get("Content-Length", "")
            body = self.rfile.read(int(size)) if size.isdecimal() and int(size) <= MOST else b""
            if self.path == "/receipts":
                code = inbox.take(body)
                self._say(400 if code else 204, {**_NOT_SERVED, "code": code} if code else None)
            elif self.path == "/keys":
                self._say(204)
            else:
                self._say(404, _NOT_SERVED)

        def do_PUT(self) -> None:
            self.do_POST()

        def do_GET(self) -> None:
            self._say(404, _NOT_SERVED)

        def _say(self, status: int, problem: dict[str, str] | None = None) -> None:
            body = json.dumps(problem).encode() if problem else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = _Server(place, Handler)
    server.context = _context(tester, node)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    """Handshakes in the thread of the connection, so that a stranger keeps nobody waiting."""

    daemon_threads = True
    context: ssl.SSLContext

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Shake hands, then answer."""
        request.settimeout(_PATIENCE)
        try:
            with self.context.wrap_socket(request, server_side=True) as secured:
                super().finish_request(secured, client_address)
        except OSError:
            return  # a stranger, or somebody who hung up

    def handle_error(self, request: Any, client_address: Any) -> None:
        """What one connection broke concerns nobody else; a receipt that is missing is found by its step."""


def _context(tester: Tester, node: Card) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=node.certificates.tls)
    own = tester.folder / KEYS
    context.load_cert_chain(own / "tls.crt", own / "tls.key")
    return context
