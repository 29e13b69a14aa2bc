"""`comity treaty status`: who is bound by an instrument as of a day, and what proves it."""

from __future__ import annotations

import argparse
import json
from datetime import date
from typing import Any

from comity.cli.days import day
from comity.treaties import Library, StateStatus, load
from comity.treaties.vocabulary import state_name


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `treaty`."""
    treaty = commands.add_parser("treaty", help="who is bound by a treaty")
    inner = treaty.add_subparsers(dest="treaty_command", required=True, metavar="COMMAND")
    status = inner.add_parser("status", help="status of States as of a day, with the sources")
    status.add_argument("instrument", help="for example uncc")
    status.add_argument("--as-of", metavar="DATE", help="YYYY-MM-DD; today where it is absent")
    status.add_argument("--state", action="append", metavar="XX", help="only this State (may be repeated)")
    status.add_argument("--json", action="store_true", help="for machines")
    status.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the status table; ComityError (exit 2) for an unknown treaty, State or day."""
    library = load()
    table = as_dict(library, arguments.instrument, day(arguments.as_of), arguments.state)
    if arguments.json:
        print(json.dumps(table, ensure_ascii=False, indent=2))
    else:
        print("\n".join(_sheet(table)))
    return 0


def as_dict(library: Library, instrument: str, as_of: date, states: list[str] | None) -> dict[str, Any]:
    """The table for machines; without ``states`` every State of which something is known."""
    treaty = library.instrument(instrument)
    force = treaty.status.in_force
    rows = [library.status(instrument, state, as_of) for state in states or treaty.status.states()]
    used = {act.source for row in rows for act in row.acts} | {force.source}
    return {
        "instrument": instrument,
        "name": dict(treaty.name),
        "as_of": as_of.isoformat(),
        "in_force": force.as_of(as_of),
        "in_force_since": _iso(force.since),
        "not_in_force_until": _iso(force.not_until),
        "entry_into_force": str(treaty.status.entry.citation),
        "known_until": _iso(treaty.status.known_until),
        "states": [_row(row) for row in rows],
        "sources": [
            {"key": s.key, "title": s.title, "address": s.address, "date": _iso(s.dated)}
            for s in treaty.status.sources.values()
            if s.key in used
        ],
    }


def _row(row: StateStatus) -> dict[str, Any]:
    return {
        "state": row.state,
        "name": state_name(row.state, "en"),
        "status": row.status,
        "since": _iso(row.since),
        "settled": row.settled,
        "cite": str(row.citation) if row.citation else None,
        "acts": [
            {"what": act.what, "on": _iso(act.on), "mark": act.mark, "source": act.source, "note": act.note}
            for act in row.acts
        ],
    }


def _sheet(table: dict[str, Any]) -> list[str]:
    in_force = {True: f"in force since {table['in_force_since']}", False: "not in force"}
    unknown = "not known whether it is in force"
    if table["not_in_force_until"]:
        unknown += f" (a source of {table['not_in_force_until']} still shows that it is not)"
    lines = [
        table["name"]["en"],
        f"As of {table['as_of']}: {in_force.get(table['in_force'], unknown)}; {table['entry_into_force']}.",
        f"The latest full table among the sources is of {table['known_until'] or 'no known day'}.",
        "",
    ]
    for row in table["states"]:
        since = f"since {row['since']}" if row["since"] else ""
        said = row["status"] if row["settled"] or row["status"] == "unknown" else f"at least {row['status']}"
        proofs = "; ".join(_act(act) for act in row["acts"])
        lines.append(f"{row['state']}  {row['name']:<28.28}  {said:<19} {since:<17} {proofs}".rstrip())
    lines += ["", *(f"{s['key']}  {s['title']} <{s['address']}>" for s in table["sources"])]
    return lines


def _act(act: dict[str, Any]) -> str:
    return f"{act['what']} {act['on'] or 'on an unknown day'} [{act['mark']}, {act['source']}]"


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None
