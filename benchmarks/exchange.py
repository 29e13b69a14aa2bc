"""Two nodes of this machine for a measurement: their folders, and the processes that serve and work."""

from __future__ import annotations

import gc
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_connection, socket
from typing import Any

from pairing import touch

FORMS = {language: b"%PDF-1.7\n" + os.urandom(2200) for language in ("en", "kk", "ru")}
"""What stands for the rendered forms, so that a sealed letter has about 10 KiB."""


class Node:
    """A node's folder and the processes of it that run."""

    def __init__(self, folder: Path, state: str) -> None:
        self.folder, self.state, self.id = folder, state, f"{state.lower()}-247"
        self.address = f"127.0.0.1:{_free_port()}"
        self.running: list[subprocess.Popen[bytes]] = []

    def make(self) -> None:
        """Make the folder and its database."""
        listen = ("--listen", f"127.0.0.1:{_free_port()}", "--peer-listen", self.address)
        comity("node", "init", self.folder, "--state", self.state, "--name", self.id, *listen)

    def start(self, part: str) -> None:
        """Start a part: ``serve`` or ``work``."""
        with (self.folder / "run" / "log").open("ab") as log:
            command = [sys.executable, __file__, part, str(self.folder)]
            self.running.append(subprocess.Popen(command, stdout=log, stderr=log))

    def freeze(self, peer: Node, count: int) -> None:
        """Freeze letters to the peer."""
        command = [sys.executable, __file__, "freeze", str(self.folder), peer.id, str(count)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    @contextmanager
    def laying(self, peer: Node, size: int) -> Iterator[None]:
        """Lay a sealed letter of so many bytes ready for the peer, beside the block: it may leave at once."""
        command = [sys.executable, __file__, "lay", str(self.folder), peer.id, str(size)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        yield
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, command)

    def answers(self) -> bool:
        """Whether its endpoint takes connections."""
        host, _, port = self.address.rpartition(":")
        with suppress(OSError), create_connection((host, int(port)), 1):
            return True
        return False

    def stop(self) -> None:
        """End what was started."""
        for process in self.running:
            process.terminate()
        for process in self.running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
        self.running.clear()

    def memory(self) -> int:
        """The most MiB that one of its processes held so far."""
        found = [process.pid for process in self.running]
        found += [
            int(child)
            for pid in found
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
        peaks = (Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()[0] for pid in found)
        return max(int(peak) for peak in peaks) // 1024

    def stages(self) -> dict[str, int]:
        """How many letters stand where."""
        return dict(self._asked("SELECT stage, count(*) FROM exchange_letter GROUP BY stage"))

    def is_at_work(self) -> bool:
        """Whether its worker has taken up a job."""
        return bool(self._asked("SELECT 1 FROM jobs_job WHERE attempts > 0 LIMIT 1"))

    def _asked(self, sql: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(f"file:{self.folder}/node.sqlite3?mode=ro", uri=True, timeout=20) as database:
            return database.execute(sql).fetchall()


def comity(*arguments: object) -> str:
    """What a command of the command line says."""
    command = [sys.executable, "-m", "comity.cli", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def introduced(folder: Path) -> Iterator[tuple[Node, Node]]:
    """Two nodes that know each other; ended and removed with the block."""
    one, other = Node(folder / "xa", "XA"), Node(folder / "xb", "XB")
    try:
        for node in (one, other):
            node.make()
        for giver, taker in ((one, other), (other, one)):
            card = taker.folder / "run" / "card"
            fingerprint = comity("node", "directory", "card", giver.folder, "-o", card)
            compared = ("--fingerprint", fingerprint, "--confirmed-by", "measuring")
            comity("node", "directory", "add", taker.folder, card, *compared)
        yield one, other
    finally:
        for node in (one, other):
            node.stop()
        shutil.rmtree(folder, ignore_errors=True)


def until(condition: Callable[[], bool], seconds: float) -> float:
    """Wait for the condition; the time at which it held."""
    end = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > end:
            sys.exit("the letters were not delivered")
        time.sleep(0.02)
    return time.perf_counter()


def _free_port() -> int:
    with socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _serve(folder: str) -> None:
    from comity.node import servers, start

    node = start.prepare(Path(folder))
    servers.peers(node, node.peer_listen).serve()


def _work(folder: str) -> None:
    """The worker, with rendering done and nothing behind delivery: neither belongs to what is measured."""
    from comity.node import start, worker

    node = start.prepare(Path(folder))
    from comity.node.exchange import arrivals, sealing

    sealing.readable_form = lambda document, language, between: FORMS[language]
    arrivals.handler("registration", lambda letter, document, now: None)
    worker.run(node)


def _freeze(folder: str, peer: str, count: str) -> None:
    from comity.node import start

    node = start.prepare(Path(folder))
    from django.db import transaction

    from comity.node.directory import known
    from comity.node.exchange import outgoing

    now = datetime.now(UTC)
    for n in range(int(count)):
        with transaction.atomic():
            letter = registration(node.id, peer, n, now)
            outgoing.freeze(letter, peer=known.find(peer), case_reference=f"R-{n}", now=now)


def _lay(folder: str, peer: str, size: str) -> None:
    """Lay a sealed letter of ``size`` bytes ready: what travels is not opened, so any bytes will do."""
    from comity.node import start

    node = start.prepare(Path(folder))
    from django.db import transaction

    from comity import canonical
    from comity.letters.schema import read_value
    from comity.node import store
    from comity.node.directory import known
    from comity.node.exchange import outgoing, receipts
    from comity.node.exchange.models import Direction, Letter, Stage
    from comity.node.exchange.workspace import digest
    from comity.node.jobs import outbox

    now = datetime.now(UTC)
    document = read_value(registration(node.id, peer, 0, now))
    path = node.arriving / "bulk"
    with path.open("wb") as out:
        for _ in range(int(size) >> 20):
            out.write(os.urandom(1 << 20))
    with path.open("rb") as written:
        sha256, count = digest(written)
    key = f"letters/{document.id}/{sha256}.age"
    store.adopt(key, path)
    touch(node.arriving, int(size))
    with transaction.atomic():
        letter = Letter.objects.create(
            id=document.id,
            kind=document.kind,
            direction=Direction.OUT,
            peer=known.find(peer),
            generation=1,
            stage=Stage.SEALED,
            canonical=document.as_bytes(),
            travelling=key,
            sha256=sha256,
            bytes=count,
            sealed_at=now,
            stage_at=now,
            expires_at=canonical.read_instant(document.expires_at),
        )
        name = f"{receipts.DELIVER}:{letter.pk}"
        outbox.ask(receipts.DELIVER, name, {"letter": letter.pk}, now=now, lane=outgoing.lane(peer))


def registration(source: str, target: str, n: int, now: datetime) -> dict[str, Any]:
    """A letter that says that a request was registered."""
    from comity import canonical

    at = canonical.instant_text(now)
    reference = f"{source[:2].upper()}-2027-{n:06}"
    return {
        "schema": "comity-letter/1",
        "kind": "registration",
        "id": str(uuid.uuid4()),
        "case": {"requesting": reference, "requested": reference},
        "generation": 1,
        "from": source,
        "to": target,
        "written_at": at,
        "expires_at": canonical.instant_text(now + timedelta(days=30)),
        "answers": [str(uuid.uuid4())],
        "people": [{"part": "signatory", "name": "Trial", "post": "Registrar", "at": at}],
        "limits": [],
        "attachments": [],
        "body": {
            "reference": reference,
            "received_at": at,
            "items": [{"number": 1, "actual": "registered"}],
            "deficiencies": [],
        },
    }


if __name__ == "__main__":
    gc.set_threshold(50_000)  # as the command line has it, from which a node's processes are forked
    {"serve": _serve, "work": _work, "freeze": _freeze, "lay": _lay}[sys.argv[1]](*sys.argv[2:])
