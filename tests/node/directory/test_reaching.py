"""A published directory is read over HTTP, file by file, within limits of size and of time."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from tests.node.conftest import START
from tests.node.directory.following import follow
from tests.unit.directory.registers import Keeper as Register

from comity.directory.sources import SourceTooLargeError, SourceUnreadableError
from comity.node.directory import known, reaching, updating
from comity.node.directory.models import Keeper
from comity.node.directory.reaching import Address


class Handler(SimpleHTTPRequestHandler):
    """The published folder; some names answer as no folder would."""

    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        if self.path.endswith("/1.root.json"):
            self.send_response(302)
            self.send_header("Location", "/timestamp.json")
            self.end_headers()
        elif self.path.endswith("/2.snapshot.json"):
            self.send_response(500)
            self.end_headers()
        elif self.path.endswith("/3.snapshot.json"):
            self.send_response(200)
            self.end_headers()
            self._drip()
        else:
            super().do_GET()

    def _drip(self) -> None:
        try:
            for _ in range(400):
                self.wfile.write(b"x")
                time.sleep(0.02)
        except OSError:  # the reader has gone
            return

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the test's output."""


@pytest.fixture
def address(register: Register) -> Iterator[str]:
    handler = partial(Handler, directory=str(register.folder / "first"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_job_enters_what_a_keeper_published_at_its_address(
    keys: Any, register: Register, address: str
) -> None:
    keeper = follow(register, url=address)
    updating.update({"keeper": keeper.id}, START)
    keeper = Keeper.objects.get()
    assert (keeper.problem, keeper.version) == ("", 1)
    assert known.find("xb-mla").listing.keeper_id == keeper.id


def test_what_is_too_large_redirected_or_failing_is_not_read(address: str) -> None:
    with Address(address) as source:
        assert source.read("9.root.json", 100) is None
        assert source.read("timestamp.json", 10_000)
        with pytest.raises(SourceTooLargeError):
            source.read("timestamp.json", 100)
        for name in ("1.root.json", "2.snapshot.json"):
            with pytest.raises(SourceUnreadableError):
                source.read(name, 10_000)


def test_a_server_that_gives_a_byte_now_and_then_is_left(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow retrieval: each byte comes in time, and all of them would hold a worker for days."""
    monkeypatch.setattr(reaching, "_PATIENCE", 0.2)
    begun = time.monotonic()
    with Address(address) as source, pytest.raises(SourceUnreadableError) as refused:
        source.read("3.snapshot.json", 10_000)
    assert "too slowly" in str(refused.value)
    assert time.monotonic() - begun < 5  # the whole of it takes eight seconds
