"""``comity node clock``: whether the machine's clock can be believed, and taking a stepped one for right."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path


def register(inner: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command under ``comity node``."""
    clock = inner.add_parser("clock", help="whether the clock was set; --accept takes it for right")
    clock.add_argument("folder", type=Path, metavar="DIR")
    clock.add_argument("--accept", metavar="REASON", help="how it was compared; stands in the ledger")
    clock.set_defaults(run=show_clock)


def show_clock(arguments: argparse.Namespace) -> int:
    """Say how the clock stands, or take it for right; 1 while it has stepped."""
    from comity.node import start

    start.prepare(arguments.folder)
    from comity.node.ledger import clock_steps, wall_clock

    if arguments.accept is not None:
        found = clock_steps.accept(None, arguments.accept, datetime.now(UTC))
        print(f"The clock is taken for right, {round(found.seconds)} seconds from what was expected.")
        return 0
    step = wall_clock.step()
    if step is None:
        print("The clock is steady.")
        return 0
    print(f"It shows {step.shown:%Y-%m-%dT%H:%M:%SZ}; {step.expected:%Y-%m-%dT%H:%M:%SZ} was expected.")
    print(f"{step.error()} [{step.error().code}]")
    print("If it is wrong, set it: the node goes on by itself. If it is right: --accept REASON")
    return 1
