"""``comity node directory card`` and ``add``: know a peer, after comparing fingerprints by voice."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from comity.cli import node_keepers
from comity.terms import ComityError, gettext_noop


class CardMissingError(ComityError):
    """The file of a card cannot be read."""

    code = "card_missing"
    message = gettext_noop("The card {path} cannot be read.")
    next_step = gettext_noop("Name the file that the other authority sent.")


def register(inner: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands under ``comity node``."""
    directory = inner.add_parser("directory", help="cards of authorities").add_subparsers(
        required=True, metavar="COMMAND"
    )
    card = directory.add_parser("card", help="write this node's card for its peers")
    card.add_argument("folder", type=Path, metavar="DIR")
    card.add_argument("-o", "--out", type=Path, required=True, metavar="FILE", help="a new file")
    card.set_defaults(run=write_card)
    add = directory.add_parser("add", help="enter a peer from its card")
    add.add_argument("folder", type=Path, metavar="DIR")
    add.add_argument("card", type=Path, metavar="CARD")
    add.add_argument("--fingerprint", required=True, help="what the peer's officer read to you")
    add.add_argument("--confirmed-by", required=True, metavar="NAME", help="who compared it")
    add.set_defaults(run=add_card)
    node_keepers.register(directory)


def write_card(arguments: argparse.Namespace) -> int:
    """Write the own card; print its fingerprint to read to the peer."""
    from comity.node import durable, start

    start.prepare(arguments.folder)
    from comity.node.directory import cards, known

    card = cards.export_card(known.own())
    with durable.new_file(arguments.out, mode=0o644) as out:
        out.write(card)
    print(cards.fingerprint(card))
    return 0


def add_card(arguments: argparse.Namespace) -> int:
    """Enter the peer."""
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.directory import cards

    try:
        card = arguments.card.read_bytes()
    except OSError as error:
        raise CardMissingError(path=arguments.card) from error
    peer = cards.import_card(
        card,
        confirmed_by=arguments.confirmed_by,
        fingerprint=arguments.fingerprint,
        now=datetime.now(UTC),
    )
    print(f"{peer.id} is known now.", file=sys.stdout)
    return 0
