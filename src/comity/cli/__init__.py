"""The command line: receives arguments, calls one room, prints; never decides anything itself.

Exit status: 0 success, 1 the answer is "no", 2 wrong use or unreadable input, 75 (EX_TEMPFAIL) what may
succeed when it is started again: only of commands that name such codes (``again``).
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from comity import __version__
from comity.cli.lines import visible
from comity.node.durable import disk_told
from comity.terms import ComityError

OK, NO, UNUSABLE, TRY_AGAIN = 0, 1, 2, 75
ROOMS = {
    "law": ("law", "treaty", "advise"),
    "seal": ("seal",),
    "packages": ("verify", "open"),
    "authorities": ("key", "directory"),
    "evidence": ("evidence",),
    "reseal": ("reseal",),
    "disclose": ("disclose",),
    "verifier": ("verifier",),
    "node": ("node",),
    "courier": ("courier",),
    "orders": ("order",),
    "conformance": ("conformance",),
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
        return _refused(error, arguments)
    except BrokenPipeError:
        sys.stderr.close()
        return OK
    except Exception as error:
        known = _of_database(error)
        if known is None:
            raise
        return _refused(known, arguments)


def _refused(error: ComityError, arguments: argparse.Namespace) -> int:
    if getattr(arguments, "json", False):
        print(json.dumps({"error": error.as_dict()}, ensure_ascii=False), file=sys.stderr)
    else:
        print(visible(f"{error} [{error.code}] {error.advice}"), file=sys.stderr)
    return TRY_AGAIN if error.code in getattr(arguments, "again", ()) else UNUSABLE


def _of_database(error: Exception) -> ComityError | None:
    """What an error of the database means, of a command that loaded one; None for what is not its trouble."""
    loaded = sys.modules.get("django.db")
    if loaded is None or not isinstance(error, loaded.Error):
        return None
    from comity.node.databases import troubles

    return troubles.told(error)


def script() -> None:
    """The entry point of the ``comity`` command."""
    gc.set_threshold(50_000)  # of what a command loads and lists nothing is garbage
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # nobody else's; to look for them takes time
    status = main()
    gc.freeze()  # what is left goes with the process; looking for garbage in it takes time
    sys.exit(status)
