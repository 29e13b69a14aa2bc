"""``comity verifier``: the page that checks a package in a browser, from a disk, without network."""

from __future__ import annotations

import argparse
from pathlib import Path

from comity.sealing import verifier
from comity.sealing.durable import AlreadyThereError, refusals, sync_folder, write_new


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command."""
    write = commands.add_parser(
        "verifier", help="write the page that checks files and seal in a browser without network"
    )
    write.add_argument("-o", "--out", type=Path, required=True, metavar="FILE.html", help="a new file")
    write.set_defaults(run=write_page)


def write_page(arguments: argparse.Namespace) -> int:
    """Write the page."""
    if arguments.out.exists():
        raise AlreadyThereError(path=arguments.out)
    write_new(arguments.out, verifier.page())
    with refusals(arguments.out):
        sync_folder(arguments.out.absolute().parent)
    print(f"{arguments.out}: open it in a browser; it needs no network")
    return 0
