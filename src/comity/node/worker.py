"""The node's worker: jobs, the ledger's sequencer, clocks that run out. One worker a folder."""

from __future__ import annotations

import logging
import signal
import socket
import threading

from comity.node.config import NodeConfig

PAUSE = 0.2
"""Seconds between two looks at an empty outbox."""
PAUSE_AFTER_FAILURE = 2.0
JOBS_A_ROUND = 20
_log = logging.getLogger(__name__)


def work(stop: threading.Event, owner: str) -> None:
    """Work until told to stop. Nothing that happens in one round ends the worker."""
    from comity.node.exchange import workspace
    from comity.node.jobs import running

    workspace.sweep()
    freed = running.take_back(owner)
    if freed:
        _log.info("took back %s leases of the worker before", freed)
    while not stop.is_set():
        try:
            stop.wait(0 if _round(owner) else PAUSE)
        except Exception:
            _log.exception("a round of the worker failed")
            stop.wait(PAUSE_AFTER_FAILURE)


def _round(owner: str) -> bool:
    """Some jobs, then the ledger and the clocks; whether there was a job."""
    from django.db import close_old_connections
    from django.utils import timezone

    from comity.node.clocks.running import run_out
    from comity.node.jobs.running import run_one
    from comity.node.ledger.sequencer import sequence

    ran = 0
    while ran < JOBS_A_ROUND and run_one(timezone.now(), owner):
        ran += 1
    run_out(timezone.now())
    sequence(timezone.now())
    close_old_connections()
    return ran > 0


def run(node: NodeConfig) -> None:
    """Work for a prepared node until SIGTERM."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    work(stop, f"{socket.gethostname()}:{node.folder}"[-80:])
