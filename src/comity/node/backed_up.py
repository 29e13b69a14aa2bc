"""When the node was backed up last, and whether the next backup is overdue.

Each finished backup writes it to the file ``last-backup`` in the node's folder, and a restored folder begins
with the backup that it came from. No backup holds the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from comity import canonical
from comity.node import durable
from comity.node.config import NodeConfig
from comity.terms import ComityError

FILE = "last-backup"
USUAL_HOURS = 24
"""How old the last backup may be where node.toml says nothing and one was ever made."""


@dataclass(frozen=True, slots=True)
class LastBackup:
    """When the last backup was begun, and its file; ``path`` is empty where the record cannot be read."""

    made_at: datetime
    path: str


def keep(folder: Path, path: Path, made_at: datetime) -> None:
    """Remember a backup that is whole and on its disk."""
    with durable.replacing(folder / FILE, mode=0o600) as out:
        out.write(canonical.write({"made_at": canonical.instant_text(made_at), "path": str(path)}))


def last(node: NodeConfig) -> LastBackup | None:
    """The last backup; None where none was ever made."""
    path = node.folder / FILE
    try:
        values = canonical.read_canonical(path.read_bytes())
        return LastBackup(canonical.read_instant(values["made_at"]), values["path"])
    except FileNotFoundError:
        return None
    except (ComityError, KeyError, TypeError, ValueError):
        return LastBackup(datetime.fromtimestamp(path.stat().st_mtime, UTC), "")


def is_overdue(node: NodeConfig, now: datetime) -> bool:
    """Whether backups are configured, or were made, and the last one is older than it may be."""
    if node.backup_hours == 0:
        return False
    found = last(node)
    if found is None:
        return node.backup_hours is not None
    return now - found.made_at > timedelta(hours=node.backup_hours or USUAL_HOURS)
