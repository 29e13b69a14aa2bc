"""``comity directory keeper``: publish the directory of authorities."""

from __future__ import annotations

import argparse
import json
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


class KeyOfAnotherError(ComityError):
    """A key that was named signs nothing in the register."""

    code = "key_of_another"
    message = gettext_noop("The key {path} signs neither the root nor the list of this register.")
    next_step = gettext_noop("Nothing was signed. Name a key of the register, of root or of targets.")


class KeyElsewhereError(ComityError):
    """A key that every publication uses would lie where it is not found."""

    code = "key_elsewhere"
    message = gettext_noop("Every publication signs {role}: its key must lie in {keys}.")
    next_step = gettext_noop("Nothing was changed. Name with --new a file in that folder.")


def register(inner: Commands) -> None:
    """Add the commands under ``comity directory``."""
    _register_keeper(inner.add_parser("keeper", help="publish the directory as its keeper"))


def _register_keeper(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    check = _command(commands, "check", "show what the register holds and what is due in it", check_register)
    check.add_argument("--json", action="store_true", help="machine-readable output")
    init = _command(commands, "init", "make a register with its keys", init_register)
    init.add_argument("--name", required=True, help="what the keeper is called")
    init.add_argument("--keys", type=int, default=3, help="keys each of root and list (default 3)")
    init.add_argument("--threshold", type=int, default=2, help="how many of them must sign (default 2)")
    add = _command(commands, "add-state", "let a State sign its own entries", add_state)
    state_argument(add)
    add.add_argument("--key", type=Path, action="append", required=True, metavar="PUB", help="a public key")
    add.add_argument("--threshold", type=int, default=1, help="how many of them must sign (default 1)")
    take = _command(commands, "take", "take in a State's signed entries from the folder it sent", take_list)
    take.add_argument("sent", type=Path, metavar="FOLDER")
    state_argument(take)
    enter = _command(commands, "enter", "enter an authority of a State that has no keys here", enter_entry)
    enter.add_argument("entry", type=Path, metavar="ENTRY")
    remove = _command(commands, "remove", "take out an authority that the keeper had entered", remove_entry)
    state_argument(remove)
    remove.add_argument("--id", required=True, help="the authority's id")
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
    state_argument(revoke)
    revoke.add_argument("--key", type=Path, metavar="PUB", help="the key (default: the whole State)")


def init_register(arguments: argparse.Namespace) -> int:
    """``comity directory keeper init``."""
    from comity.directory import keeping

    register = keeping.create(
        arguments.folder,
        arguments.name,
        keys=arguments.keys,
        threshold=arguments.threshold,
        now=datetime.now(UTC),
        passphrase=secret_of(arguments),
    )
    print(f"Read this to everybody who follows the directory:\n{keeping.fingerprint(register)}")
    print("Move all but the keys of snapshot and time-stamp from keys/ to where their holders keep them.")
    return 0


def add_state(arguments: argparse.Namespace) -> int:
    """``comity directory keeper add-state``."""
    from comity.directory import keeping, signing
    from comity.directory.register import Register

    register, now = Register(arguments.folder), datetime.now(UTC)
    public = [signing.read_public(path) for path in arguments.key]
    keeping.add_state(register, arguments.state, public, arguments.threshold, now)
    return _waits()


def take_list(arguments: argparse.Namespace) -> int:
    """``comity directory keeper take``."""
    from comity.directory import keeping, signing
    from comity.directory.register import Register

    register, state = Register(arguments.folder), arguments.state
    before = signing.authorities(signing.read_list(register.path / "metadata", state))
    count = keeping.take(register, arguments.sent, state)
    named = signing.authorities(signing.read_list(register.path / "metadata", state))
    print(f"{count} entries of {state} were taken in and wait for a publication")
    say_withdrawn(before - named)
    return 0


def enter_entry(arguments: argparse.Namespace) -> int:
    """``comity directory keeper enter``."""
    from comity.directory import keeping
    from comity.directory.register import Register

    keeping.enter(Register(arguments.folder), bytes_of(arguments.entry), datetime.now(UTC))
    return _waits()


def remove_entry(arguments: argparse.Namespace) -> int:
    """``comity directory keeper remove``."""
    from comity.directory import keeping
    from comity.directory.register import Register

    register = Register(arguments.folder)
    keeping.remove(register, arguments.state, arguments.id, datetime.now(UTC))
    return _waits()


def check_register(arguments: argparse.Namespace) -> int:
    """``comity directory keeper check``; 1 where something is due."""
    from comity.directory.overview import overview
    from comity.directory.register import Register

    register = Register(arguments.folder)
    held = overview(register, datetime.now(UTC))
    if arguments.json:
        shown = {"name": register.name, "held": [one.as_dict() for one in held]}
        print(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        print("\n".join([register.name, *map(str, held)]))
    return 1 if any(one.due for one in held) else 0


def sign_register(arguments: argparse.Namespace) -> int:
    """``comity directory keeper sign``: with the keys that lie in the register, and those that are named."""
    from comity.directory import keeping, signing
    from comity.directory.register import Register

    register, secret = Register(arguments.folder), secret_of(arguments)
    signers = {path: signing.read_signer(path, secret) for path in arguments.key or []}
    may = set[str]().union(*keeping.may_sign(register).values())
    own = register.signers(secret, may)
    for path, signer in signers.items():
        if signer.public_key.keyid not in may:
            raise KeyOfAnotherError(path=path)
    if arguments.renew:
        keeping.renew(register, datetime.now(UTC))
    keeping.sign(register, [*own, *signers.values()])
    for role, signed, threshold in keeping.signatures(register):
        print(f"{role}: signed by {signed}, {threshold} needed")
    return 0


def publish_to(arguments: argparse.Namespace) -> int:
    """``comity directory keeper publish``; 1 where a reader would not take it, or not all of it."""
    from comity.directory import keeping
    from comity.directory.register import Register

    register = Register(arguments.folder)
    outcome = keeping.publish(register, arguments.out, datetime.now(UTC), secret_of(arguments))
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
    from comity.directory.register import Register

    old, register = signing.read_public(arguments.old), Register(arguments.folder)
    keeping.demand_held(register, arguments.role, old.keyid)
    keys = register.path / "keys"
    if arguments.role in ("snapshot", "timestamp") and arguments.new.resolve().parent != keys.resolve():
        raise KeyElsewhereError(role=arguments.role, keys=keys)
    new = signing.new_key(arguments.new, secret_of(arguments))
    keeping.rotate(register, arguments.role, old.keyid, new, datetime.now(UTC))
    return _waits()


def revoke_key(arguments: argparse.Namespace) -> int:
    """``comity directory keeper revoke``."""
    from comity.directory import keeping, signing
    from comity.directory.register import Register

    keyid = signing.read_public(arguments.key).keyid if arguments.key else None
    keeping.revoke(Register(arguments.folder), arguments.state, keyid, datetime.now(UTC))
    return _waits()


def _command(
    commands: Commands, name: str, words: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=words)
    parser.add_argument("folder", type=Path, metavar="DIR")
    passphrase_argument(parser)
    parser.set_defaults(run=run)
    return parser


def state_argument(parser: argparse.ArgumentParser) -> None:
    """``--state``."""
    parser.add_argument("--state", required=True, metavar="XX", help="two-letter code of the State")


def passphrase_argument(parser: argparse.ArgumentParser) -> None:
    """``--passphrase-file``."""
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="opens the keys")


def secret_of(arguments: argparse.Namespace) -> bytes | None:
    """The passphrase of the file that was named."""
    return bytes_of(arguments.passphrase_file).rstrip(b"\r\n") if arguments.passphrase_file else None


def bytes_of(path: Path) -> bytes:
    """A file's bytes; FileMissingError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileMissingError(path=path) from error


def say_withdrawn(ids: set[str]) -> None:
    """Name the authorities that a list names no more: readers withdraw them."""
    for each in sorted(ids):
        print(f"{each} is not named any more and will be withdrawn")


def _waits() -> int:
    print("It waits for signatures: comity directory keeper sign DIR")
    return 0
