"""``comity node backup``, ``restore``, ``resume``, ``upgrade``, ``recovery-key`` and ``metrics``."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from comity.terms import ComityError, gettext_noop

_MOST_DAYS = 36_500
"""A time before the year 1000 has another form than those in names of backups."""


class RecoveryKeyUnreadableError(ComityError):
    """The file holds no recovery key."""

    code = "recovery_key_unreadable"
    message = gettext_noop("“{path}” holds no recovery key.")
    next_step = gettext_noop(
        "Give the file with the AGE-SECRET-KEY-… line that was shown when the key was made."
    )


class UpgradeWithoutBackupError(ComityError):
    """A change of the database cannot be undone but from a backup."""

    code = "upgrade_without_backup"
    message = gettext_noop("{count} changes of the database are due, and no backup was asked for.")
    next_step = gettext_noop("Say where to back up first: comity node upgrade DIR --backup PLACE")


def register(inner: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands under ``comity node``."""
    backup = inner.add_parser("backup", help="back the node up, while it runs")
    backup.add_argument("folder", type=Path, metavar="DIR")
    backup.add_argument("place", type=Path, metavar="PLACE", help="a folder on another disk")
    backup.add_argument(
        "--keep-days",
        type=_days,
        metavar="DAYS",
        help="then remove backups of this node there that are older, but never the latest seven;"
        " without it none is removed",
    )
    backup.set_defaults(run=make_backup)
    restore = inner.add_parser("restore", help="make a node's folder from a backup")
    restore.add_argument("backup", type=Path, metavar="FILE")
    restore.add_argument(
        "--to", type=Path, required=True, metavar="DIR", help="a folder that does not exist yet"
    )
    restore.add_argument("--key", type=Path, required=True, metavar="FILE", help="the recovery key")
    restore.add_argument("--objects", type=Path, metavar="DIR", help="default: objects beside the backup")
    restore.add_argument(
        "--destroyed", type=Path, metavar="FILE", help="default: destroyed beside the backup"
    )
    restore.set_defaults(run=restore_backup)
    resume = inner.add_parser("resume", help="let a restored node sign again")
    resume.add_argument("folder", type=Path, metavar="DIR")
    resume.add_argument("--checkpoint", type=Path, action="append", default=[], metavar="FILE")
    resume.add_argument("--nobody-holds-one", default="", metavar="REASON")
    resume.set_defaults(run=resume_node)
    upgrade = inner.add_parser("upgrade", help="bring the database to this version's form")
    upgrade.add_argument("folder", type=Path, metavar="DIR")
    upgrade.add_argument("--backup", type=Path, metavar="PLACE", help="back up there first")
    upgrade.set_defaults(run=upgrade_node)
    for name, command, text in (
        ("recovery-key", new_recovery_key, "make a new key for backups"),
        ("metrics", print_metrics, "print the figures that monitoring reads"),
    ):
        each = inner.add_parser(name, help=text)
        each.add_argument("folder", type=Path, metavar="DIR")
        each.set_defaults(run=command)


def make_backup(arguments: argparse.Namespace) -> int:
    """Back up; return when all of it is on the place's disk."""
    from comity.node import start

    node = start.prepare(arguments.folder)
    from comity.node.backups import making

    now = datetime.now(UTC)
    made = making.make(node, arguments.place, now)
    print(
        f"{made.path}: {made.entries} entries of the ledger; {made.copied} of {made.objects} objects were new"
    )
    for finding in making.findings(node):
        print(f"note: {finding.text}", file=sys.stderr)
    if arguments.keep_days is not None:
        for path in making.prune(node, arguments.place, arguments.keep_days, now):
            print(f"removed: {path}")
    return 0


def restore_backup(arguments: argparse.Namespace) -> int:
    """Restore; 1 when objects are lacking."""
    from comity.node import config
    from comity.node.backups import form, restoring

    place = arguments.backup.parent
    found = restoring.restore(
        arguments.backup,
        _identity(arguments.key),
        arguments.to,
        objects=arguments.objects or place / form.OBJECTS,
        destroyed=arguments.destroyed,
        now=datetime.now(UTC),
    )
    of = found.description
    said = f"{of.entries} entries, version {of.version}"
    print(f"The node {of.node} of {of.made_at} stands in {found.folder}: {said}.")
    for key in found.lacking[:20]:
        print(f"lacking: {key}", file=sys.stderr)
    if found.lacking:
        print(f"{len(found.lacking)} of {found.objects} objects are lacking or changed", file=sys.stderr)
    for setting, path, _ in form.left_out(config.read(found.folder)):
        print(f"not in the backup: {path} ({setting} in node.toml); put it there again", file=sys.stderr)
    print(f"It signs nothing before: comity node resume {found.folder} --checkpoint FILE")
    return 1 if found.lacking else 0


def resume_node(arguments: argparse.Namespace) -> int:
    """Compare with what others hold, then let the node sign."""
    from comity.node import config, start, supervisor

    with supervisor.only_one(config.read(arguments.folder)):
        node = start.prepare(arguments.folder)
        start.migrate()
        from comity.node.backups import resuming

        size = resuming.resume(
            node, arguments.checkpoint, reason=arguments.nobody_holds_one, now=datetime.now(UTC)
        )
    print(
        f"The node {node.id} may sign again, from entry {size} on. Next: comity node run {arguments.folder}"
    )
    return 0


def upgrade_node(arguments: argparse.Namespace) -> int:
    """Back up, then change the database; the node must not run."""
    from comity.node import config, start, supervisor

    with supervisor.only_one(config.read(arguments.folder)):
        node = start.prepare(arguments.folder)
        missing = start.missing_changes()
        if missing and arguments.backup is None:
            raise UpgradeWithoutBackupError(count=len(missing))
        if missing:
            from comity.node.backups import making

            made = making.make(node, arguments.backup, datetime.now(UTC))
            print(f"Backed up first: {made.path}")
        start.migrate()
    print(f"{len(missing)} changes were made. Next: comity node check {arguments.folder}")
    return 0


def new_recovery_key(arguments: argparse.Namespace) -> int:
    """Make a recovery key; backups made before still need the one before."""
    from comity.node import config, folders

    identity = folders.make_recovery_key(config.read(arguments.folder))
    print(f"Recovery key, shown once; keep it offline, it opens every backup from now on: {identity}")
    return 0


def print_metrics(arguments: argparse.Namespace) -> int:
    """Print the figures in Prometheus' text format."""
    from comity.node import start

    node = start.prepare(arguments.folder)
    from comity.node import health

    print(health.figures(node, datetime.now(UTC)).decode(), end="")
    return 0


def _days(text: str) -> int:
    days = int(text)
    if not 1 <= days <= _MOST_DAYS:
        message = "from a day to a hundred years"
        raise argparse.ArgumentTypeError(message)
    return days


def _identity(path: Path) -> str:
    try:
        words = path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        raise RecoveryKeyUnreadableError(path=path) from None
    found = [word for word in words if word.startswith("AGE-SECRET-KEY-")]
    if len(found) != 1:
        raise RecoveryKeyUnreadableError(path=path)
    return found[0]
