"""Commands of the law room: `law`, `treaty`, `advise`, `check`."""

from __future__ import annotations

import argparse

from comity.cli import advise, law_show, treaty


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this room's commands."""
    law = commands.add_parser("law", help="read the law: texts, readings, rules")
    law_show.register(law.add_subparsers(dest="law_command", required=True, metavar="COMMAND"))
    treaty.register(commands)
    advise.register(commands)
