"""``comity node run``: starts a node's processes, starts again what ends, stops them together."""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from comity.node import config, durable, folders, start
from comity.node.config import NodeConfig
from comity.terms import ComityError, gettext_noop

_STOP_SECONDS = 15
_TICK = 0.1
_FAST_DEATHS, _WITHIN_SECONDS = 20, 60
_log = logging.getLogger(__name__)


class NodeRunningError(ComityError):
    """Another process runs this node."""

    code = "node_running"
    message = gettext_noop("{folder} is being run by another process already.")
    next_step = gettext_noop("Stop that one first, or open its pages.")


class ProcessKeepsDyingError(ComityError):
    """A part of the node ends again and again."""

    code = "process_keeps_dying"
    message = gettext_noop("The node's {name} process ends again and again.")
    next_step = gettext_noop("Read its messages above, then run: comity node doctor DIR")


class DiskBrokenError(ComityError):
    """A process stopped because the disk failed to sync."""

    code = "disk_broken"
    message = gettext_noop("The disk failed, so the node has stopped; nothing unsynced was acknowledged.")
    next_step = gettext_noop("Check the disk, then run: comity node check DIR")


@dataclass
class _Part:
    name: str
    arguments: list[str]
    started: list[float] = field(default_factory=list)
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        now = time.monotonic()
        self.started = [at for at in self.started if at > now - _WITHIN_SECONDS] + [now]
        if len(self.started) > _FAST_DEATHS:
            raise ProcessKeepsDyingError(name=self.name)
        command = [sys.executable, "-m", *self.arguments]
        self.running = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 -- our own modules

    def look_after(self) -> None:
        """Start it again if it has ended."""
        if self.running is None or self.running.poll() is None:
            return
        _log.warning("the %s process ended with status %s", self.name, self.running.returncode)
        self.start()


def run(folder: Path, *, listen: str | None = None, peer_listen: str | None = None) -> None:
    """Run the node until SIGTERM or SIGINT. The addresses override those of node.toml."""
    node = config.read(folder)
    people, peers = listen or node.listen, peer_listen or node.peer_listen
    os.environ[config.LISTEN] = people
    os.environ[durable.SUPERVISOR] = str(os.getpid())
    with _only_one(node):
        start.prepare(folder)
        start.migrate()
        place = str(node.folder)
        parts = [
            _Part("worker", ["comity.node.worker", place]),
            _Part("people's pages", ["comity.node.servers", "people", place, people]),
            _Part("peers' endpoint", ["comity.node.servers", "peers", place, peers]),
        ]
        stop, broken = threading.Event(), threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        signal.signal(signal.SIGUSR1, lambda *_: broken.set())
        try:
            for part in parts:
                part.start()
            _announce(node, people, peers, stop)
            while not stop.wait(_TICK):
                if broken.is_set():
                    raise DiskBrokenError
                for part in parts:
                    part.look_after()
        finally:
            _end(parts)


@contextmanager
def _only_one(node: NodeConfig) -> Iterator[None]:
    """Hold the folder's lock; the system frees it when this process ends, however that happens."""
    folders.make_inner(node)
    with (node.folder / "run" / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NodeRunningError(folder=node.folder) from None
        yield


def _announce(node: NodeConfig, people: str, peers: str, stop: threading.Event) -> None:
    """Say where the node is, once both servers answer."""

    def wait() -> None:
        if all(_answers(address, stop) for address in (people, peers)):
            print(f"{node.id}: pages http://{people}/, peers https://{peers}/", flush=True)  # noqa: T201

    threading.Thread(target=wait, daemon=True).start()


def _answers(address: str, stop: threading.Event) -> bool:
    host, _, port = address.rpartition(":")
    while not stop.wait(_TICK):
        with suppress(OSError), socket.create_connection((host.strip("[]"), int(port)), timeout=1):
            return True
    return False


def _end(parts: list[_Part]) -> None:
    started = [part.running for part in parts if part.running is not None]
    for process in started:
        process.terminate()
    deadline = time.monotonic() + _STOP_SECONDS
    for process in started:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
