"""``comity node person add``: an account for an official."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def register(inner: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command under ``comity node``."""
    person = inner.add_parser("person", help="accounts of officials")
    add = person.add_subparsers(required=True, metavar="COMMAND").add_parser("add", help="make an account")
    add.add_argument("folder", type=Path, metavar="DIR")
    add.add_argument("--username", required=True)
    add.add_argument("--full-name", required=True)
    add.add_argument("--post", required=True, help="the title that stands in letters")
    add.add_argument("--roles", nargs="+", required=True, metavar="ROLE")
    add.add_argument("--language", default="en", choices=["en", "kk", "ru"])
    add.add_argument("--time-zone", default="UTC")
    add.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    add.set_defaults(run=add_person)


def add_person(arguments: argparse.Namespace) -> int:
    """Make the account; a generated password is shown once and kept nowhere."""
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.accounts import people

    given = sys.stdin.readline().rstrip("\n") if arguments.password_stdin else None
    password = people.new_password() if given is None else given
    people.add(
        arguments.username,
        full_name=arguments.full_name,
        post=arguments.post,
        roles=arguments.roles,
        password=password,
        language=arguments.language,
        time_zone=arguments.time_zone,
    )
    print(f"{arguments.username} can sign in." if given is not None else f"Password, shown once: {password}")
    return 0
