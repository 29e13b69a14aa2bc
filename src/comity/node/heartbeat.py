"""Whether the node runs, and whether its worker still works: a file that it touches in each round."""

from __future__ import annotations

import fcntl
from datetime import UTC, datetime, timedelta

from comity.node import config
from comity.node.config import NodeConfig

SILENCE = timedelta(minutes=15)
"""After so long without a round the worker counts as dead, or does one very long piece of work."""


def beat() -> None:
    """Say that the worker works."""
    config.current().heartbeat.touch()


def last_round(node: NodeConfig) -> datetime | None:
    """When the worker last said that it works."""
    try:
        return datetime.fromtimestamp(node.heartbeat.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


def is_running(node: NodeConfig) -> bool:
    """Whether a process holds the folder's lock."""
    try:
        with (node.folder / "run" / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def is_silent(node: NodeConfig, now: datetime) -> bool:
    """Whether the node runs and its worker has said nothing for too long."""
    last = last_round(node)
    return is_running(node) and (last is None or now - last > SILENCE)
