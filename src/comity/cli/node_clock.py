"""``comity node clock``: whether the machine's clock can be believed, and taking a stepped one for right."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from comity.terms import ComityError, gettext_noop


class AdministratorUnnamedError(ComityError):
    """Whoever takes a stepped clock for right stands in the ledger with the reason."""

    code = "administrator_unnamed"
    message = gettext_noop("Nobody was named who takes the clock for right.")
    next_step = gettext_noop(
        "Name an administrator: comity node clock DIR --accept REASON --username ADMINISTRATOR"
    )


def register(inner: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command under ``comity node``."""
    clock = inner.add_parser("clock", help="whether the clock was set; --accept takes it for right")
    clock.add_argument("folder", type=Path, metavar="DIR")
    clock.add_argument("--accept", metavar="REASON", help="how it was compared; stands in the ledger")
    clock.add_argument("--username", help="the administrator who accepts it")
    clock.set_defaults(run=show_clock)


def show_clock(arguments: argparse.Namespace) -> int:
    """Say how the clock stands, or let an administrator take it for right; 1 while it has stepped."""
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.accounts import people
    from comity.node.ledger import clock_steps, wall_clock

    if arguments.accept is not None:
        if arguments.username is None:
            raise AdministratorUnnamedError
        by = people.find(arguments.username)
        found = clock_steps.accept(by, arguments.accept, datetime.now(UTC))
        print(f"The clock is taken for right, {round(found.seconds)} seconds from what was expected.")
        return 0
    step = wall_clock.step()
    if step is None:
        print("The clock is steady.")
        return 0
    print(f"It shows {step.shown:%Y-%m-%dT%H:%M:%SZ}; {step.expected:%Y-%m-%dT%H:%M:%SZ} was expected.")
    print(f"{step.error()} [{step.error().code}]")
    print(
        "If it is wrong, set it: the node goes on by itself. "
        "If it is right: --accept REASON --username ADMINISTRATOR"
    )
    return 1
