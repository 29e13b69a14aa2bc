"""``comity directory state``: the key of a State, and the list of its entries that it signs for a keeper."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from comity.cli.keeper import bytes_of, passphrase_argument, say_withdrawn, secret_of, state_argument

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comity.directory.entries import Entry

    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def register(inner: Commands) -> None:
    """Add the commands under ``comity directory``."""
    parser = inner.add_parser("state", help="sign the entries of one State")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    new = commands.add_parser("new-key", help="make the key that signs a State's entries")
    new.add_argument("path", type=Path, metavar="FILE")
    passphrase_argument(new)
    new.set_defaults(run=new_state_key)
    sign = commands.add_parser("sign", help="sign all entries of a State; no network is needed")
    sign.add_argument("folder", type=Path, metavar="FOLDER", help="where the list lies, or will")
    passphrase_argument(sign)
    state_argument(sign)
    sign.add_argument("--key", type=Path, action="append", required=True, metavar="FILE")
    how = sign.add_mutually_exclusive_group(required=True)
    how.add_argument(
        "--entry", type=Path, action="append", metavar="FILE", help="an entry that is to hold; name every one"
    )
    how.add_argument(
        "--confirm", action="store_true", help="sign the entries of the list again, as right from today on"
    )
    how.add_argument("--cosign", action="store_true", help="add this key's signature to the list as it is")
    sign.set_defaults(run=sign_entries)


def new_state_key(arguments: argparse.Namespace) -> int:
    """``comity directory state new-key``."""
    from comity.directory import signing

    key = signing.new_key(arguments.path, secret_of(arguments))
    print(f"{arguments.path}.pub is for the keeper, handed over in person or by note: key {key.keyid}")
    return 0


def sign_entries(arguments: argparse.Namespace) -> int:
    """``comity directory state sign``."""
    from comity.directory import signing
    from comity.directory.entries import canonical_form, read_entry

    folder, state, now = arguments.folder, arguments.state, datetime.now(UTC)
    signers = [signing.read_signer(path, secret_of(arguments)) for path in arguments.key]
    if arguments.cosign:
        _say(signing.listed_entries(folder, state))
        count = [signing.cosign_list(folder, state, signer) for signer in signers][-1]
        print(f"The list of {state} bears {count} signatures; send {folder} to the keeper.")
        return 0
    before = signing.authorities(signing.read_list(folder, state))
    if arguments.confirm:
        entries = signing.confirmed_entries(folder, state, signers, now)
    else:
        entries = [bytes_of(path) for path in arguments.entry]
    _say(read_entry(canonical_form(data)) for data in entries)
    signed = signing.sign_list(folder, state, entries, signers, now)
    say_withdrawn(before - {entry.id for entry in signed})
    print(f"{len(signed)} entries of {state} were signed; send {folder} to the keeper.")
    return 0


def _say(entries: Iterable[Entry]) -> None:
    """What each entry says, for the signer to see before it is signed; which words are unknown here."""
    from comity.treaties import load

    library = load()
    words = {*library.by_priority, *library.words("roles")}
    for entry in entries:
        _say_reached(entry)
        for each in entry.designations:
            until = f" until {each.valid_until}" if each.valid_until else ""
            roles = ", ".join(each.roles)
            print(f"{entry.id}: {each.instrument}: {roles}, from {each.valid_from}{until}")
            for word in {each.instrument, *each.roles} - words:
                print(f"{entry.id}: “{word}” is no treaty or role that is known here; is it written rightly?")


def _say_reached(entry: Entry) -> None:
    """The node's address and keys, and the people: what a forger would change."""
    from comity.directory.cards import grouped, tls_fingerprint

    card = entry.card
    if card is None:
        print(f"{entry.id}: no node")
    else:
        print(f"{entry.id}: {card.peer_url}, TLS {grouped(tls_fingerprint(card.certificates.tls))}")
        for name in ("ca", "seal", "tsa", "ocsp"):
            print(f"{entry.id}: {name} {grouped(tls_fingerprint(getattr(card.certificates, name)))}")
        print(f"{entry.id}: ledger key {card.log_key}")
        print(f"{entry.id}: transport key {card.recipient_number}, {card.recipient}")
    for each in entry.contacts:
        ways = (each.post, each.telephone, each.email, each.address)
        print(f"{entry.id}: {each.purpose}: {', '.join(filter(None, ways))}")
