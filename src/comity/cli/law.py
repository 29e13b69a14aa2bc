"""Commands of the law room: `law`, `treaty`, `advise`, `check`."""

from __future__ import annotations

import argparse

from comity.cli import advise, law_coverage, law_search, law_show, treaty


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add this room's commands."""
    law = commands.add_parser("law", help="the law: texts, readings, rules, and where each provision lives")
    within = law.add_subparsers(dest="law_command", required=True, metavar="COMMAND")
    for command in (law_show, law_search, law_coverage):
        command.register(within)
    treaty.register(commands)
    advise.register(commands)
