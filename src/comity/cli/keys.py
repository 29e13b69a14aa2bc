"""Commands that keep keys: a node's transport keys, and where private keys lie."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comity import canonical
from comity.sealing import keys, tokens, wrapping
from comity.terms import ComityError, gettext_noop

if TYPE_CHECKING:
    from comity.node.accounts.models import Official
    from comity.node.exchange.models import TransportKey

_Commands = argparse._SubParsersAction


class TwoOfficialsNeededError(ComityError):
    """A key is destroyed by two officials who prove who they are."""

    code = "two_officials_needed"
    message = gettext_noop("Two administrators destroy a key together; “{username}” gave no proof.")
    next_step = gettext_noop("Give --official twice and each one's password when asked.")


def register(inner: _Commands[argparse.ArgumentParser]) -> None:
    """Add these commands under ``comity key``."""
    _add(inner, "list", list_keys, "a node's transport keys, and those of its peers").add_argument(
        "--json", action="store_true"
    )
    _add(inner, "rotate", rotate, "make a new transport key and tell every peer")
    expire_ = _add(inner, "expire", expire, "end the time in which letters are encrypted to a key")
    expire_.add_argument("number", type=int, metavar="NUMBER")
    revoke_ = _add(inner, "revoke", revoke, "refuse what is encrypted to a key from now on")
    which = revoke_.add_mutually_exclusive_group(required=True)
    which.add_argument("number", type=int, nargs="?", metavar="NUMBER", help="of this node's keys")
    which.add_argument("--of", metavar="AUTHORITY", help="a peer whose present key is to be used no more")
    destroy_ = _add(inner, "destroy", destroy, "destroy a former key before its time, by two administrators")
    destroy_.add_argument("number", type=int, metavar="NUMBER")
    destroy_.add_argument("--official", action="append", default=[], metavar="USERNAME", help="given twice")
    destroy_.add_argument(
        "--password-stdin", action="store_true", help="read both passwords from standard input, one a line"
    )
    _register_places(inner)


def _register_places(inner: _Commands[argparse.ArgumentParser]) -> None:
    wrap_ = _add(
        inner, "wrap", wrap, "keep identities and private keys under a passphrase or a key in a token"
    )
    how = wrap_.add_mutually_exclusive_group(required=True)
    how.add_argument("--passphrase", action="store_true", help="the one in COMITY_PASSPHRASE_FILE")
    how.add_argument("--token", metavar="URI", help="pkcs11: address of an AES-256 key")
    how.add_argument("--plain", action="store_true", help="in the clear again")
    wrap_.add_argument("--make", action="store_true", help="make the token's key first")
    token = _add(inner, "token", to_token, "make a signing key inside a token, with a new certificate")
    token.add_argument("uri", metavar="URI", help="pkcs11: address of the new key")
    token.add_argument("--key", default="seal", choices=["seal", "tsa", "ocsp"], help="default: seal")
    _add(inner, "prepare", prepare, "make the next certificate of the connection, to be told to every peer")
    renewed = _add(inner, "renew", renew, "give a key a new certificate of the folder's own CA")
    renewed.add_argument(
        "--key", default="seal", choices=["seal", "tsa", "ocsp", "tls"], help="default: seal"
    )


def _add(
    inner: _Commands[argparse.ArgumentParser], name: str, run: Any, text: str
) -> argparse.ArgumentParser:
    each = inner.add_parser(name, help=text)
    each.add_argument("folder", type=Path, metavar="DIR", help="the node's folder")
    each.set_defaults(run=run)
    return each


def list_keys(arguments: argparse.Namespace) -> int:
    """``comity key list``."""
    _prepare(arguments)
    from comity.node.directory import known
    from comity.node.exchange.models import TransportKey

    own = [_told(key) for key in TransportKey.objects.order_by("number")]
    peers = [
        {
            "authority": peer.id,
            "number": peer.recipient_number,
            "valid_until": canonical.instant_text(peer.recipient_until) if peer.recipient_until else None,
            "withdrawn": peer.recipient_withdrawn_at is not None,
        }
        for peer in known.peers().order_by("id")
    ]
    if arguments.json:
        json.dump({"own": own, "peers": peers}, sys.stdout, ensure_ascii=False, indent=2)
        print()
        return 0
    for each in own:
        print(f"{each['number']:>3}  {each['state']:<9}  until {each['valid_until']}")
    for each in peers:
        state = "withdrawn" if each["withdrawn"] else f"until {each['valid_until'] or 'unknown'}"
        print(f"{each['authority']}: key {each['number']}, {state}")
    return 0


def _told(key: TransportKey) -> dict[str, Any]:
    from comity.node.exchange import transport

    return {
        "number": key.number,
        "state": transport.state(key, datetime.now(UTC)),
        "recipient_sha256": transport.fingerprint(key.recipient),
        "valid_from": canonical.instant_text(key.valid_from),
        "valid_until": canonical.instant_text(key.valid_until),
    }


def rotate(arguments: argparse.Namespace) -> int:
    """``comity key rotate``."""
    _prepare(arguments)
    from comity.node.exchange import transport

    key = transport.rotate(datetime.now(UTC))
    print(f"Transport key {key.number} is in force; every peer is told while the node runs.")
    return 0


def expire(arguments: argparse.Namespace) -> int:
    """``comity key expire``."""
    _prepare(arguments)
    from comity.node.exchange import transport

    key = transport.expire(arguments.number, datetime.now(UTC))
    print(f"Nothing may be encrypted to transport key {key.number} any more.")
    return 0


def revoke(arguments: argparse.Namespace) -> int:
    """``comity key revoke``: one of the own keys, or a peer's."""
    _prepare(arguments)
    from comity.node.directory import known
    from comity.node.exchange import announcing, transport

    if arguments.of:
        announcing.withdraw(known.find(arguments.of), datetime.now(UTC))
        print(f"Nothing is encrypted to {arguments.of} until it tells a later key.")
        return 0
    key = transport.revoke(arguments.number, datetime.now(UTC))
    print(f"Transport key {key.number} is revoked.")
    return 0


def destroy(arguments: argparse.Namespace) -> int:
    """``comity key destroy``: two administrators, each by password."""
    _prepare(arguments)
    from comity.node.accounts.authority import second_person
    from comity.node.exchange import transport

    if len(arguments.official) != 2:
        raise TwoOfficialsNeededError(username=", ".join(arguments.official) or "?")
    first, second = (_proved(name, arguments.password_stdin) for name in arguments.official)
    second_person(first, second)
    names = (first.username, second.username)
    key = transport.destroy(arguments.number, datetime.now(UTC), by=names)
    print(f"Transport key {key.number} is destroyed.")
    return 0


def _proved(username: str, from_stdin: bool) -> Official:
    """The administrator who gives the password of this account."""
    from comity.node.accounts import people
    from comity.node.accounts.authority import authorise

    official = people.find(username)
    prompt = f"Password of {username}: "
    given = sys.stdin.readline().rstrip("\n") if from_stdin else getpass.getpass(prompt)
    if not official.check_password(given):
        raise TwoOfficialsNeededError(username=username)
    authorise(official, "manage_keys")
    return official


def wrap(arguments: argparse.Namespace) -> int:
    """``comity key wrap``."""
    if arguments.token:
        if arguments.make:
            tokens.TokenKey.parse(arguments.token).make_wrapping_key()
        count = keys.wrap(_keys(arguments), lambda text: wrapping.under_token(text, arguments.token))
    elif arguments.passphrase:
        count = keys.wrap(_keys(arguments), wrapping.under_passphrase)
    else:
        count = keys.wrap(_keys(arguments), str.encode)
    print(f"{count} identities and private keys are kept so now; restart the node.")
    return 0


def to_token(arguments: argparse.Namespace) -> int:
    """``comity key token``."""
    keys.move_to_token(_keys(arguments), arguments.key, arguments.uri, datetime.now(UTC))
    print(f"The key {arguments.key} lies in the token; its file is removed. Restart the node.")
    return 0


def renew(arguments: argparse.Namespace) -> int:
    """``comity key renew``."""
    end = keys.renew(_keys(arguments), arguments.key, datetime.now(UTC))
    print(f"The certificate {arguments.key} is valid until {end:%Y-%m-%d}. Restart the node.")
    if (arguments.folder / "node.toml").is_file():
        _prepare(arguments)
        from comity.node.directory import cards, owner

        print(f"Fingerprint of the new card: {cards.fingerprint(cards.export_card(owner.refresh()))}")
    if arguments.key == "tls":
        print("Peers refuse this node's connections until they have the new card.")
        print("Where there is time, comity key prepare changes the certificate without a gap.")
    return 0


def prepare(arguments: argparse.Namespace) -> int:
    """``comity key prepare``: the next certificate of the connection, beside the present one."""
    _prepare(arguments)
    from comity.node.directory import cards
    from comity.node.exchange import renewing

    end = renewing.prepare(datetime.now(UTC))
    print(f"The next certificate of the connection is valid until {end:%Y-%m-%d}. Its SHA-256:")
    print(cards.grouped(cards.tls_fingerprint(renewing.prepared())))
    print("Next: a signatory tells every authority on the page “What changes in this authority”.")
    return 0


def _keys(arguments: argparse.Namespace) -> Path:
    """The key folder: of a node, or the folder itself."""
    from comity.node import config

    folder: Path = arguments.folder
    config.demand_owner(folder)
    return folder / "keys" if (folder / "node.toml").is_file() else folder


def _prepare(arguments: argparse.Namespace) -> None:
    from comity.node import start  # Django is loaded for a node alone

    start.prepare(arguments.folder)
