"""``comity node read-again``: after an upgrade, read the letters that were not understood when they came."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path


def register(inner: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command under ``comity node``."""
    again = inner.add_parser("read-again", help="read the letters again that were not understood")
    again.add_argument("folder", type=Path, metavar="DIR")
    again.add_argument("letters", nargs="*", metavar="LETTER", help="ids of letters (default: all of them)")
    again.add_argument("--username", required=True, help="the official who does it")
    again.set_defaults(run=read_again)


def read_again(arguments: argparse.Namespace) -> int:
    """Have each letter opened by the running node; print which they are."""
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.accounts import people
    from comity.node.accounts.authority import NothingThereError
    from comity.node.casework.acts.read_letter_again import read_letter_again
    from comity.node.exchange import rereading

    official, now = people.find(arguments.username), datetime.now(UTC)
    waiting = {str(each.pk): each for each in rereading.readable_again(now)}
    for letter in arguments.letters or list(waiting):
        if letter not in waiting:
            raise NothingThereError(name=letter)
        read_letter_again(official, waiting[letter], now=now)
        print(f"{letter}  {waiting[letter].peer_id}")
    return 0
