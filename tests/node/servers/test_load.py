"""A hostile peer brings ten times what it may; the desk goes on answering."""

from __future__ import annotations

import base64
import contextlib
import http.client
import math
import os
import ssl
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from tests.node.servers.conftest import PATIENCE, ROOT, Node, environment

from comity import canonical
from comity.delivery.envelope import Envelope, write_envelope

pytestmark = pytest.mark.story
MILLISECONDS = 500
BUSY = 4
"""A machine so busy with other work that the desk is slow without any flood is measured by itself."""
BODY = os.urandom(20_000)
"""What stands for a letter: right by size and hash, so that it is taken in, and nothing that opens."""


class Flood:
    """A peer with its own genuine certificate that brings letters on so many lines as fast as it can."""

    def __init__(self, node: Node, peer: Node, lines: int = 4) -> None:
        self.node, self.peer, self.answers = node, peer, Counter[int]()
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._line, daemon=True) for _ in range(lines)]

    def __enter__(self) -> Flood:
        for each in self.threads:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for each in self.threads:
            each.join()

    def _line(self) -> None:
        line = None
        while not self.over.is_set():
            line = line or self._connect()
            try:
                line.request("PUT", *self._letter())
                answer = line.getresponse()
                answer.read()
                self.answers[answer.status] += 1
                if not answer.will_close:
                    continue
            except (OSError, http.client.HTTPException):
                self.answers[0] += 1  # hung up on
            line.close()
            line = None

    def _connect(self) -> http.client.HTTPSConnection:
        keys = self.peer.folder / "keys"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.load_verify_locations(self.node.folder / "keys" / "tls.crt")
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_cert_chain(keys / "tls.crt", keys / "tls.key")
        host, _, port = self.node.peer_listen.rpartition(":")
        return http.client.HTTPSConnection(host, int(port), context=context, timeout=30)

    def _letter(self) -> tuple[str, bytes, dict[str, str]]:
        now, letter = datetime.now(UTC), str(uuid.uuid4())
        envelope = {
            "letter": letter,
            "from": self.peer.id,
            "to": self.node.id,
            "generation": 1,
            "written_at": canonical.instant_text(now),
            "expires_at": canonical.instant_text(now + timedelta(days=1)),
            "sha256": sha256(BODY).hexdigest(),
            "bytes": len(BODY),
        }
        said = base64.b64encode(write_envelope(Envelope.model_validate(envelope))).decode()
        return f"/letters/{letter}", BODY, {"Comity-Envelope": said}


def prepare(node: Node, cases: int, letters_an_hour: int) -> str:
    """Limit what a peer may bring, fill the desk and sign an officer in; the session's cookie."""
    settings = node.folder / "node.toml"
    text = settings.read_text().replace('second_factor = "required"', "")
    head = text if "second_factor" in text else f'second_factor = "optional"\n{text}'
    settings.write_text(f"{head}\n[exchange]\nletters_an_hour = {letters_an_hour}\n")
    command = [sys.executable, "-m", "tests.node.servers.desk_to_watch", str(node.folder), str(cases)]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment(), cwd=ROOT, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def desk(node: Node, cookie: str) -> float:
    """How many milliseconds the desk took to answer in whole."""
    began = time.perf_counter()
    with contextlib.closing(http.client.HTTPConnection(node.listen, timeout=PATIENCE)) as line:
        line.request("GET", "/desk/", headers={"Cookie": cookie, "X-Forwarded-Proto": "https"})
        answer = line.getresponse()
        page = answer.read()
    assert (answer.status, b"A matter" in page) == (200, True)
    return (time.perf_counter() - began) * 1000


def p95(taken: list[float]) -> float:
    return sorted(taken)[math.ceil(0.95 * len(taken)) - 1]


def watched(node: Node, cookie: str, flood: Flood, until: int) -> Iterator[float]:
    """Ask for the desk again and again until the peer has been answered so often."""
    while flood.answers.total() < until:
        yield desk(node, cookie)


@pytest.fixture
def victim(founded: tuple[Node, Node], tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    """A node that will run, and a peer that it knows, of which there are only the keys."""
    peer, node = (each.copy(tmp_path) for each in founded)
    yield node, peer
    node.kill()


def test_ten_times_a_peer_s_quota_leaves_the_desk_under_half_a_second(victim: tuple[Node, Node]) -> None:
    node, peer = victim
    quota = 30
    cookie = prepare(node, 200, quota)
    node.start()
    desk(node, cookie)  # the first reading loads what the others have
    quiet = p95([desk(node, cookie) for _ in range(10)])
    with Flood(node, peer) as flood:
        taken = list(watched(node, cookie, flood, 10 * quota))
    assert p95(taken) < max(MILLISECONDS, BUSY * quiet), (quiet, taken)
    kept = node.rows("SELECT count(*) FROM exchange_letter WHERE direction = 'in'")[0][0]
    assert quota <= kept <= quota + 5, "no more is taken in than fills up again while one floods"
    assert flood.answers[429] + flood.answers[503] >= 9 * quota - 5, flood.answers


@pytest.mark.long
@pytest.mark.parametrize("quota", [1_000, 10**9], ids=["allowance", "no_allowance"])
def test_the_desk_among_ten_thousand_cases_while_a_peer_floods(victim: tuple[Node, Node], quota: int) -> None:
    """COMITY_LOAD letters are brought (10,000 by default). Without an allowance the figure is only told."""
    node, peer = victim
    cookie = prepare(node, 10_000, quota)
    node.start()
    quiet = p95([desk(node, cookie) for _ in range(40)])
    with Flood(node, peer) as flood:
        taken = list(watched(node, cookie, flood, int(os.environ.get("COMITY_LOAD", "10000"))))
    kept = node.rows("SELECT count(*) FROM exchange_letter WHERE direction = 'in'")[0][0]
    told = f"quiet {quiet:.0f} ms, flooded {p95(taken):.0f} ms of {len(taken)}, {kept} letters taken in"
    sys.stdout.write(f"\n{told}, answers {dict(flood.answers)}\n")
    if quota == 1_000:
        assert p95(taken) < MILLISECONDS, told
