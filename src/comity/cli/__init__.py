"""The command line: receives arguments, calls one room, prints; never decides anything itself.

Exit status: 0 success, 1 the answer is "no", 2 wrong use or unreadable input.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from importlib import import_module

from comity import __version__
from comity.cli.lines import visible
from comity.node.durable import disk_told
from comity.terms import ComityError

OK, NO, UNUSABLE = 0, 1, 2
ROOMS = {
    "law": ("law", "treaty", "advise"),
    "packages": ("seal", "verify", "open"),
    "authorities": ("key", "directory"),
    "evidence": ("evidence",),
    "reseal": ("reseal",),
    "disclose": ("disclose",),
    "verifier": ("verifier",),
    "node": ("node",),
    "courier": ("courier",),
}
"""Each room's module here and its commands. Only the room that is asked for is loaded: all of them take
longer to load than a package to verify."""


def parser(command: str = "") -> argparse.ArgumentParser:
    """The room of this command with its help, or all when it is none."""
    top = argparse.ArgumentParser(prog="comity", description="International cooperation against crime.")
    top.add_argument("--version", action="version", version=f"comity {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    asked = [room for room, its in ROOMS.items() if command in its] or ROOMS
    for room in asked:
        import_module(f"comity.cli.{room}").register(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; print an error as one plain sentence with its code and next step."""
    given = sys.argv[1:] if argv is None else list(argv)
    arguments = parser(*given[:1]).parse_args(given)
    try:
        with disk_told():
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
