"""`comity law validate`: every mistake of a folder of law data, with file, line and remedy."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from comity.cli.lines import visible
from comity.reasoning.validating import validate
from comity.treaties.errors import LawDataUnreadableError


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `validate`."""
    command = commands.add_parser("validate", help="every mistake of a folder of law data, with its remedy")
    command.add_argument("folder", metavar="DIR", type=Path, help="a law folder, or that of one instrument")
    command.add_argument("--json", action="store_true", help="for machines")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the mistakes; exit 1 where there is one that is more than a warning."""
    found = validate(arguments.folder)
    wrong = sum(not one.warning for one in found)
    if arguments.json:
        shape = {
            "clean": not wrong,
            "mistakes": [_as_dict(one) for one in found if not one.warning],
            "warnings": [_as_dict(one) for one in found if one.warning],
        }
        print(json.dumps(shape, ensure_ascii=False, indent=2))
        return int(wrong > 0)
    for one in found:
        print(visible(f"{'warning: ' if one.warning else ''}{one} {one.advice} [{one.code}]"))
    print(f"{wrong} mistakes, {len(found) - wrong} warnings.")
    return int(wrong > 0)


def _as_dict(mistake: LawDataUnreadableError) -> dict[str, Any]:
    place = mistake.place
    where = {"file": place.short, "line": place.line, "table": place.table}
    return mistake.as_dict() | where
