"""``comity node run``: starts a node's processes, starts again what ends, stops them together."""

from __future__ import annotations

import fcntl
import ipaddress
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.context import ForkProcess
from pathlib import Path

from django.db import connections

from comity.node import config, durable, folders, lifeline, servers, start, worker
from comity.node.config import NodeConfig
from comity.terms import ComityError, gettext_noop

_STOP_SECONDS = 15
_TICK = 0.1
_TRIES = 5
"""Looks at the lock: who asks whether the node runs holds it for an instant."""
_FAST_DEATHS, _WITHIN_SECONDS = 20, 60
_FORK = multiprocessing.get_context("fork")
_OURS = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
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


class HealthOpenError(ComityError):
    """The figures would be shown to other machines."""

    code = "health_open"
    message = gettext_noop("Health and figures cannot be shown at {address}: others could read them.")
    next_step = gettext_noop("Set health_listen in node.toml to an address such as 127.0.0.1:9464.")


@dataclass
class _Part:
    """One process of the node, forked from this one, which has everything loaded already."""

    name: str
    work: Callable[[], None]
    started: list[float] = field(default_factory=list)
    running: ForkProcess | None = None

    def start(self) -> None:
        now = time.monotonic()
        self.started = [at for at in self.started if at > now - _WITHIN_SECONDS] + [now]
        if len(self.started) > _FAST_DEATHS:
            raise ProcessKeepsDyingError(name=self.name)
        self.running = _FORK.Process(target=self._run, name=self.name)
        self.running.start()
        _log.info("%s: process %s", self.name, self.running.pid)

    def look_after(self) -> None:
        """Start it again if it has ended."""
        if self.running is not None and not self.running.is_alive():
            _log.warning("%s: ended with status %s", self.name, self.running.exitcode)
            self.start()

    def _run(self) -> None:
        lifeline.follow_parent()
        for number in _OURS:
            signal.signal(number, signal.SIG_DFL)
        self.work()


def run(folder: Path, *, listen: str | None = None, peer_listen: str | None = None) -> None:
    """Run the node until SIGTERM or SIGINT. The addresses override those of node.toml."""
    node = config.read(folder)
    people, peers = listen or node.listen, peer_listen or node.peer_listen
    os.environ[config.LISTEN] = people
    os.environ[durable.SUPERVISOR] = str(os.getpid())
    with only_one(node):
        start.prepare(folder)
        _demand_resumed(node)
        start.migrate()
        stop, broken = lifeline.Flag(), lifeline.Flag()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop.raise_it)
        signal.signal(signal.SIGUSR1, broken.raise_it)
        parts = [
            _Part("worker", partial(worker.run, node)),
            _Part("pages", servers.people(node, people).serve),
            _Part("peers", servers.peers(node, peers).serve),
        ]
        if node.provider_listen:
            parts.append(_Part("providers", servers.providers(node, node.provider_listen).serve))
        if node.preview_listen:
            parts.append(_Part("previews", servers.previews(node, node.preview_listen).serve))
        if node.reports_listen:
            parts.append(_Part("reports", servers.reports(node, node.reports_listen).serve))
        if node.health_listen:
            parts.append(_Part("health", servers.health(node, _local(node.health_listen)).serve))
        try:
            for part in parts:
                part.start()
            _watch(node, parts, {"pages": people, "peers": peers}, stop, broken)
        finally:
            _end(parts)


def _watch(
    node: NodeConfig,
    parts: list[_Part],
    addresses: dict[str, str],
    stop: lifeline.Flag,
    broken: lifeline.Flag,
) -> None:
    """Keep every part running until told to stop; say once where the node is, when both servers answer."""
    announced = False
    while not stop.raised:
        time.sleep(_TICK)
        if broken.raised:
            raise DiskBrokenError
        for part in parts:
            part.look_after()
        if not announced and all(_answers(address) for address in addresses.values()):
            announced = True
            _log.info("%s answers: pages http://%s/, peers https://%s/", node.id, *addresses.values())


def _demand_resumed(node: NodeConfig) -> None:
    """Raise NodeRestoredError, with what is to be done next, for a node that was restored and not resumed."""
    from comity.node.backups import resuming  # its models can be imported once Django is set up

    try:
        restored = resuming.standing(node)
    finally:
        connections.close_all()  # processes are forked later
    if restored is not None:
        raise restored


@contextmanager
def only_one(node: NodeConfig) -> Iterator[None]:
    """Hold the folder's lock, or raise NodeRunningError; the system frees it when this process ends."""
    folders.make_inner(node)
    with (node.folder / "run" / "lock").open("w") as lock:
        for _ in range(_TRIES):
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            time.sleep(_TICK)
        else:
            raise NodeRunningError(folder=node.folder)
        yield


def _local(address: str) -> str:
    """Figures are for this machine: another address than its own would show them to everyone."""
    if not ipaddress.ip_address(address.rpartition(":")[0].strip("[]")).is_loopback:
        raise HealthOpenError(address=address)
    return address


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with suppress(OSError), socket.create_connection((host.strip("[]"), int(port)), timeout=1):
        return True
    return False


def _end(parts: list[_Part]) -> None:
    """The servers first, then the worker, which numbers what they still wrote in the ledger."""
    worker_part, *servers_ = parts
    for together in (servers_, [worker_part]):
        deadline = time.monotonic() + _STOP_SECONDS
        started = [part.running for part in together if part.running is not None]
        for process in started:
            process.terminate()
        for process in started:
            process.join(max(0.1, deadline - time.monotonic()))
            if process.is_alive():
                process.kill()
                process.join()
