"""``comity node directory follow``, ``update``, ``leave``, ``entry``: follow keepers; write the own entry."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path


def register(directory: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands under ``comity node directory``."""
    follow = directory.add_parser("follow", help="follow a keeper's directory")
    follow.add_argument("folder", type=Path, metavar="DIR")
    follow.add_argument("--id", required=True, help="a short name for the keeper")
    follow.add_argument("--name", required=True, help="what it is called")
    follow.add_argument("--url", default="", help="where it publishes (none: by disk)")
    follow.add_argument("--root", type=Path, required=True, metavar="FILE", help="its 1.root.json")
    follow.add_argument("--fingerprint", required=True, help="what the keeper's officer read to you")
    follow.set_defaults(run=follow_keeper)
    update = directory.add_parser("update", help="verify what a keeper published, and enter it")
    update.add_argument("folder", type=Path, metavar="DIR")
    update.add_argument("--keeper", required=True, metavar="ID")
    update.add_argument("--from", dest="source", type=Path, metavar="PATH", help="a folder, disk or ZIP file")
    update.set_defaults(run=update_from)
    leave = directory.add_parser("leave", help="follow a keeper no more; what is in effect stays")
    leave.add_argument("folder", type=Path, metavar="DIR")
    leave.add_argument("--keeper", required=True, metavar="ID")
    leave.set_defaults(run=leave_keeper)
    entry = directory.add_parser("entry", help="write this node's entry for its State to sign")
    entry.add_argument("folder", type=Path, metavar="DIR")
    entry.add_argument("-o", "--out", type=Path, required=True, metavar="FILE", help="a new file")
    entry.add_argument(
        "--instrument",
        action="append",
        required=True,
        metavar="ID",
        help="a treaty it is designated for",
    )
    entry.set_defaults(run=write_entry)


def follow_keeper(arguments: argparse.Namespace) -> int:
    """Begin to follow a keeper."""
    from comity.cli.keeper import FileMissingError
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.directory import updating

    try:
        root = arguments.root.read_bytes()
    except OSError as error:
        raise FileMissingError(path=arguments.root) from error
    updating.follow(
        None,
        arguments.id,
        name=arguments.name,
        url=arguments.url,
        root=root,
        fingerprint=arguments.fingerprint,
        now=datetime.now(UTC),
    )
    print(f"{arguments.id} is followed.")
    return 0


def update_from(arguments: argparse.Namespace) -> int:
    """Verify and enter; 1 where something was refused."""
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.directory import sources
    from comity.node.directory import entering, updating

    keeper, now = updating.find(arguments.keeper), datetime.now(UTC)
    if arguments.source:
        outcome = updating.take(keeper, sources.of_path(arguments.source), now)
    else:
        outcome = updating.ask(keeper, now)
    problems = [outcome.problem] if outcome.problem else []
    problems += [listed.problem for listed in outcome.states.values() if listed.problem]
    for problem in problems:
        print(f"{problem} [{problem.code}] {problem.advice}")
    if outcome.problem is None:
        print(f"Verified, version {outcome.version}, until {outcome.expires:%Y-%m-%d}.")
    waiting = ", ".join(entering.conflicts().filter(keeper=keeper).values_list("authority", flat=True))
    if waiting:
        print(f"Says otherwise than what is in use, and waits for an official on the pages: {waiting}")
    return 1 if problems else 0


def leave_keeper(arguments: argparse.Namespace) -> int:
    """Follow a keeper no more."""
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.directory import updating

    keeper = updating.find(arguments.keeper)
    updating.leave(None, keeper, datetime.now(UTC))
    print(f"{keeper.id} is not followed any more. Its entries in effect stay until others replace them.")
    return 0


def write_entry(arguments: argparse.Namespace) -> int:
    """Write the own entry, in a form to be edited: what the node knows of itself; its State signs it."""
    from comity.node import durable, start

    start.prepare(arguments.folder)
    from comity.node.directory import own_entry

    entry = own_entry.draft(arguments.instrument, datetime.now(UTC))
    with durable.new_file(arguments.out, mode=0o644) as out:
        out.write(json.dumps(entry, ensure_ascii=False, indent=2).encode() + b"\n")
    state, out_ = entry["state"], arguments.out
    print("Complete names, contacts and designations with a text editor; then whoever holds the State's key:")
    print(f"comity directory state sign FOLDER --state {state} --key FILE --entry {out_}")
    return 0
