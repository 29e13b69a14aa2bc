"""The command line: receives arguments, calls one room, prints; never decides anything itself.

Exit status: 0 success, 1 the answer is "no", 2 wrong use or unreadable input.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from comity import __version__
from comity.cli import disclose, law, node, packages, reseal, verifier
from comity.cli.lines import visible
from comity.terms import ComityError

OK, NO, UNUSABLE = 0, 1, 2


def parser() -> argparse.ArgumentParser:
    """All commands with their help."""
    top = argparse.ArgumentParser(prog="comity", description="International cooperation against crime.")
    top.add_argument("--version", action="version", version=f"comity {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for room in (law, packages, reseal, disclose, verifier, node):
        room.register(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; print an error as one plain sentence with its code and next step."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except ComityError as error:
        if getattr(arguments, "json", False):
            print(json.dumps({"error": error.as_dict()}, ensure_ascii=False), file=sys.stderr)
        else:
            print(visible(f"{error} [{error.code}] {error.advice}"), file=sys.stderr)
        return UNUSABLE
    except BrokenPipeError:
        sys.stderr.close()
        return OK


def script() -> None:
    """The entry point of the ``comity`` command."""
    sys.exit(main())
