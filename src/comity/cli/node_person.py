"""``comity node person``: an account for an official, and tokens for the official's programs."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

_ROLES = (
    "drafter, reviewer, signatory, registrar, executing_officer, custodian, duty_officer,"
    " data_protection_officer, auditor, filter_reviewer, administrator (with none that sees cases)"
)
"""For --help, which must not wait for the database's models."""
_LONGEST_LABEL = 100
"""Letters that the database keeps of what a token is for."""


def register(inner: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command under ``comity node``."""
    person = inner.add_parser("person", help="accounts of officials").add_subparsers(
        required=True, metavar="COMMAND"
    )
    _register_token(person)
    add = person.add_parser("add", help="make an account")
    add.add_argument("folder", type=Path, metavar="DIR")
    add.add_argument("--username", required=True)
    add.add_argument("--full-name", required=True)
    add.add_argument("--post", required=True, help="the title that stands in letters")
    add.add_argument("--roles", nargs="+", required=True, metavar="ROLE", help=_ROLES)
    add.add_argument(
        "--rank",
        default="other",
        choices=["head", "deputy", "other"],
        help="some letters only the head of the body or a deputy may sign",
    )
    add.add_argument("--language", default="en", choices=["en", "kk", "ru"])
    add.add_argument("--time-zone", default="UTC")
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add.set_defaults(run=add_person)


def _register_token(person: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    token = person.add_parser("token", help="make a token with which an official's program uses the API")
    token.add_argument("folder", type=Path, metavar="DIR")
    token.add_argument("--username", required=True)
    token.add_argument("--label", required=True, type=_label, help="what the token is for")
    token.add_argument("--days", type=int, default=90, choices=range(1, 367), metavar="DAYS")
    token.add_argument("--roles", nargs="+", metavar="ROLE", help="only these of the official's roles")
    token.set_defaults(run=make_token)


def _label(text: str) -> str:
    if not 1 <= len(text) <= _LONGEST_LABEL:
        message = f"from one to {_LONGEST_LABEL} letters"
        raise argparse.ArgumentTypeError(message)
    return text


def make_token(arguments: argparse.Namespace) -> int:
    """Make a token; it is shown once and only its digest is kept."""
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.accounts import people
    from comity.node.api import tokens

    official = people.find(arguments.username)
    secret = tokens.make(
        official, arguments.label, days=arguments.days, now=datetime.now(UTC), roles=arguments.roles
    )
    print(f"Token, shown once: {secret}")
    return 0


def add_person(arguments: argparse.Namespace) -> int:
    """Make the account; a generated password is shown once and kept nowhere."""
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.administration import acts

    given = sys.stdin.readline().rstrip("\n") if arguments.password_stdin else None
    _, password = acts.add_official(
        None,
        arguments.username,
        full_name=arguments.full_name,
        post=arguments.post,
        rank=arguments.rank,
        roles=arguments.roles,
        password=given,
        language=arguments.language,
        time_zone=arguments.time_zone,
        now=datetime.now(UTC),
    )
    print(f"{arguments.username} can sign in." if given is not None else f"Password, shown once: {password}")
    return 0
