"""``comity directory keeper`` and ``comity directory state``: publish a directory, sign a State's entries."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from comity.terms import ComityError, gettext_noop

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


class FileMissingError(ComityError):
    """A file that was named cannot be read."""

    code = "file_missing"
    message = gettext_noop("The file {path} cannot be read.")
    next_step = gettext_noop("Name a file that is there and may be read.")


def register(inner: Commands) -> None:
    """Add both groups of commands under ``comity directory``."""
    _register_keeper(inner.add_parser("keeper", help="publish the directory as its keeper"))
    _register_state(inner.add_parser("state", help="sign the entries of one State"))


def _register_keeper(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    init = _command(commands, "init", "make a register with its keys", init_register)
    init.add_argument("--name", required=True, help="what the keeper is called")
    init.add_argument("--keys", type=int, default=3, help="keys each of root and list (default 3)")
    init.add_argument("--threshold", type=int, default=2, help="how many of them must sign (default 2)")
    add = _command(commands, "add-state", "let a State sign its own entries", add_state)
    _state_argument(add)
    add.add_argument("--key", type=Path, action="append", required=True, metavar="PUB", help="a public key")
    add.add_argument("--threshold", type=int, default=1, help="how many of them must sign (default 1)")
    take = _command(commands, "take", "take in a State's signed entries from the folder it sent", take_list)
    take.add_argument("sent", type=Path, metavar="FOLDER")
    _state_argument(take)
    enter = _command(commands, "enter", "enter an authority of a State that has no keys here", enter_entry)
    enter.add_argument("entry", type=Path, metavar="ENTRY")
    sign = _command(commands, "sign", "sign root and list where they wait for it", sign_register)
    sign.add_argument("--key", type=Path, action="append", metavar="FILE", help="keys that lie elsewhere")
    sign.add_argument("--renew", action="store_true", help="let both hold for another year first")
    publish = _command(
        commands, "publish", "write the folder that a web server or a disk carries", publish_to
    )
    publish.add_argument("-o", "--out", type=Path, required=True, metavar="FOLDER")
    rotate = _command(commands, "rotate-key", "replace a key of the keeper", rotate_key)
    rotate.add_argument("--role", required=True, choices=("root", "targets", "snapshot", "timestamp"))
    rotate.add_argument("--old", type=Path, required=True, metavar="PUB", help="the public key that goes")
    rotate.add_argument("--new", type=Path, required=True, metavar="FILE", help="where the new key is made")
    revoke = _command(commands, "revoke", "take a State's key out, or the State", revoke_key)
    _state_argument(revoke)
    revoke.add_argument("--key", type=Path, metavar="PUB", help="the key (default: the whole State)")


def _register_state(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    new = commands.add_parser("new-key", help="make the key that signs a State's entries")
    new.add_argument("path", type=Path, metavar="FILE")
    _passphrase(new)
    new.set_defaults(run=new_state_key)
    sign = _command(commands, "sign", "sign all entries of a State; no network is needed", sign_entries)
    _state_argument(sign)
    sign.add_argument("--key", type=Path, action="append", required=True, metavar="FILE")
    sign.add_argument("--cosign", action="store_true", help="add this key's signature to the list as it is")
    sign.add_argument(
        "--entry", type=Path, action="append", metavar="FILE", help="every entry that is to hold"
    )


def init_register(arguments: argparse.Namespace) -> int:
    """``comity directory keeper init``."""
    from comity.directory import keeping

    register = keeping.create(
        arguments.folder,
        arguments.name,
        keys=arguments.keys,
        threshold=arguments.threshold,
        now=datetime.now(UTC),
        passphrase=_secret(arguments),
    )
    print(f"Read this to everybody who follows the directory:\n{keeping.fingerprint(register)}")
    print("Move all but the keys of snapshot and time-stamp from keys/ to where their holders keep them.")
    return 0


def add_state(arguments: argparse.Namespace) -> int:
    """``comity directory keeper add-state``."""
    from comity.directory import keeping, signing

    register, now = keeping.Register(arguments.folder), datetime.now(UTC)
    public = [signing.read_public(path) for path in arguments.key]
    keeping.add_state(register, arguments.state, public, arguments.threshold, now)
    return _waits()


def take_list(arguments: argparse.Namespace) -> int:
    """``comity directory keeper take``."""
    from comity.directory import keeping

    count = keeping.take(keeping.Register(arguments.folder), arguments.sent, arguments.state)
    print(f"{count} entries of {arguments.state} were taken in and wait for a publication")
    return 0


def enter_entry(arguments: argparse.Namespace) -> int:
    """``comity directory keeper enter``."""
    from comity.directory import keeping

    keeping.enter(keeping.Register(arguments.folder), _bytes(arguments.entry), datetime.now(UTC))
    return _waits()


def sign_register(arguments: argparse.Namespace) -> int:
    """``comity directory keeper sign``: with the keys that lie in the register, and those that are named."""
    from comity.directory import keeping, signing

    register, secret = keeping.Register(arguments.folder), _secret(arguments)
    if arguments.renew:
        keeping.renew(register, datetime.now(UTC))
    signers = [signing.read_signer(path, secret) for path in arguments.key or []]
    keeping.sign(register, [*register.signers(secret), *signers])
    for role, signed, threshold in keeping.signatures(register):
        print(f"{role}: {signed} of {threshold} signatures")
    return 0


def publish_to(arguments: argparse.Namespace) -> int:
    """``comity directory keeper publish``; 1 where a reader would not take it, or not all of it."""
    from comity.directory import keeping

    register = keeping.Register(arguments.folder)
    outcome = keeping.publish(register, arguments.out, datetime.now(UTC), _secret(arguments))
    problems = {"directory": outcome.problem} if outcome.problem else {}
    problems |= {state: listed.problem for state, listed in outcome.states.items() if listed.problem}
    for what, problem in problems.items():
        print(f"{what}: {problem} [{problem.code}]")
    count = sum(len(listed.entries) for listed in outcome.states.values())
    print(f"{count} entries of {len(outcome.states)} States, in {arguments.out}; read back and verified.")
    return 1 if problems else 0


def rotate_key(arguments: argparse.Namespace) -> int:
    """``comity directory keeper rotate-key``."""
    from comity.directory import keeping, signing

    old = signing.read_public(arguments.old)
    new = signing.new_key(arguments.new, _secret(arguments))
    register = keeping.Register(arguments.folder)
    keeping.rotate(register, arguments.role, old.keyid, new, datetime.now(UTC))
    return _waits()


def revoke_key(arguments: argparse.Namespace) -> int:
    """``comity directory keeper revoke``."""
    from comity.directory import keeping, signing

    keyid = signing.read_public(arguments.key).keyid if arguments.key else None
    keeping.revoke(keeping.Register(arguments.folder), arguments.state, keyid, datetime.now(UTC))
    return _waits()


def new_state_key(arguments: argparse.Namespace) -> int:
    """``comity directory state new-key``."""
    from comity.directory import signing

    key = signing.new_key(arguments.path, _secret(arguments))
    print(f"{arguments.path}.pub is for the keeper, handed over in person or by note: key {key.keyid}")
    return 0


def sign_entries(arguments: argparse.Namespace) -> int:
    """``comity directory state sign``."""
    from comity.directory import signing

    signers = [signing.read_signer(path, _secret(arguments)) for path in arguments.key]
    if arguments.cosign:
        for signer in signers:
            signing.cosign_list(arguments.folder, arguments.state, signer)
        return 0
    entries = [_bytes(path) for path in arguments.entry or []]
    signed = signing.sign_list(arguments.folder, arguments.state, entries, signers, datetime.now(UTC))
    print(f"{len(signed)} entries of {arguments.state} were signed; send {arguments.folder} to the keeper.")
    return 0


def _command(
    commands: Commands, name: str, words: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=words)
    parser.add_argument("folder", type=Path, metavar="DIR")
    _passphrase(parser)
    parser.set_defaults(run=run)
    return parser


def _state_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", required=True, metavar="XX", help="two-letter code of the State")


def _passphrase(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="opens the keys")


def _secret(arguments: argparse.Namespace) -> bytes | None:
    return _bytes(arguments.passphrase_file).rstrip(b"\r\n") if arguments.passphrase_file else None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileMissingError(path=path) from error


def _waits() -> int:
    print("It waits for signatures: comity directory keeper sign DIR")
    return 0
