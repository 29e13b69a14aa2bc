"""`comity law coverage`: where every article, paragraph and point of the treaties lives in the software."""

from __future__ import annotations

import argparse
import json

from comity import treaties
from comity.treaties.coverage import KINDS, Coverage, coverage


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `coverage`."""
    command = commands.add_parser("coverage", help="where every provision lives in the software")
    command.add_argument("--instrument", metavar="ID", help="only this treaty")
    command.add_argument("--json", action="store_true", help="machine-readable output")
    command.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the counts; exit 1 where a provision has neither a home nor a room that owes it."""
    library = treaties.load()
    if arguments.instrument:
        library.instrument(arguments.instrument)
    named = [arguments.instrument] if arguments.instrument else list(library.instruments)
    found = [coverage(library, instrument) for instrument in named]
    if arguments.json:
        shape = {one.instrument: one.as_dict() for one in found}
        print(json.dumps(shape, ensure_ascii=False, indent=2))
    else:
        print("\n".join(line for one in found for line in _lines(one)))
    return int(any(one.homeless for one in found))


def _lines(found: Coverage) -> list[str]:
    counted = {kind: sum(place.kind == kind for place in found.places) for kind in KINDS}
    shares = ", ".join(f"{kind.replace('_', ' ')} {count}" for kind, count in counted.items() if count)
    lines = [f"{found.instrument}: {len(found.places)} provisions: {shares}"]
    for room, places in found.by_room().items():
        lines.append(f"  waits for {room}: {', '.join(place.citation.label for place in places)}")
    lines += [f"  without a home: {place.citation.label}" for place in found.homeless]
    return lines
