"""``comity evidence export``: what a node keeps as evidence, and the verification of it without the node."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from comity.proofs import exports
from comity.proofs.notes import Verifier
from comity.sealing import archive, trust
from comity.sealing.report import Report
from comity.terms import ComityError


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands."""
    inner = commands.add_parser("evidence", help="what a node keeps as evidence").add_subparsers(
        required=True, metavar="COMMAND"
    )
    export = inner.add_parser("export", help="write it as files that “comity verify” checks without the node")
    export.add_argument("folder", type=Path, metavar="DIR", help="the node's folder")
    export.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="a new folder")
    export.set_defaults(run=write_export)


def write_export(arguments: argparse.Namespace) -> int:
    """Write the archive of a node."""
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.exhibits import evidence

    entries = evidence.write(arguments.out, datetime.now(UTC))
    print(f"{arguments.out}: evidence under {entries} entries of the ledger")
    return 0


def is_archive(path: Path) -> bool:
    """Whether it is a folder with any table of an archive; a folder without one is no package at all."""
    return path.is_dir() and any((path / name).is_file() for name in archive.TABLES)


def verify(folder: Path, anchors: Path | None, as_of: datetime) -> Report:
    """The report on an exported folder; the key is the anchor's that bears the name of the folder's own."""
    return archive.verify(archive.Folder(folder), _key(folder, anchors), as_of=as_of)


def _key(folder: Path, anchors: Path | None) -> Verifier | None:
    if anchors is None:
        return None
    try:
        named = Verifier.parse((folder / exports.KEY).read_text("utf-8"))
    except (OSError, ValueError, ComityError):
        detail = f"{exports.KEY} cannot be read"
        raise exports.LedgerExportUnreadableError(folder=folder, detail=detail) from None
    logs = [each.log for each in trust.load(anchors) if each.log is not None]
    return next((log for log in logs if log.name == named.name), None)
