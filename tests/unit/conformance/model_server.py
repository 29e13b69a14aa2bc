"""The model behind TLS."""

from __future__ import annotations

import math
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.unit.conformance.model import Model

from comity.directory.cards import Card

PATIENCE, HASTE = 20.0, 0.3
"""Seconds for which a caller may be silent, and those that a node gives it which does not keep the rule."""


class Server(ThreadingHTTPServer):
    """The model behind TLS, on a free port."""

    daemon_threads = True

    def __init__(self, model: Model, *, letters: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), _handler(model))
        self._context, self._model = model.context(), model
        self._serving = [
            threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True),
            threading.Thread(target=model.open_all, daemon=True),
        ]
        if letters:
            model.sender.written()
            self._serving.append(threading.Thread(target=model.sender.send_all, daemon=True))

    def __enter__(self) -> Server:
        for thread in self._serving:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._model.arrived.put(None)
        self._model.sender.over.set()
        self.shutdown()
        self.server_close()

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(20)
        with suppress(OSError), self._context.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """An answer that broke off is found by its step."""


def _handler(model: Model) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            peer = model.peer(self.connection.getpeercert(binary_form=True))
            with model.at_once(peer) as admitted:
                self._one(peer) if admitted else self._put_off()

        def _put_off(self) -> None:
            self.send_response(429)
            if model.keeps("retry_told"):
                self.send_header("Retry-After", "1")
            body = b'{"code": "peer_connections_quota"}'
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def _one(self, peer: Card) -> None:
            came = self._came()  # all of it: what is left unread would tear the answer down
            status, headers, data = model.answer(self.command, self.path, self.headers, came, peer)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data)), "Connection": "close"}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
            self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 -- the names that http.server calls

        def _came(self) -> bytes:
            """As much of the body as comes."""
            size, data = int(self.headers.get("Content-Length", 0)), b""
            self.connection.settimeout(PATIENCE if model.keeps("patience") else HASTE)
            end = math.inf if model.keeps("pace") else time.monotonic() + 3 * HASTE
            with suppress(OSError):
                while len(data) < size and (block := self.rfile.read1(size - len(data))):
                    data += block
                    if time.monotonic() > end:
                        break
            return data

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler
