"""`comity treaty status`: who is bound by an instrument as of a day, by which clause, and what proves it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from comity.cli import treaty_import
from comity.cli.days import day
from comity.terms import Citation
from comity.treaties import Library, StateStatus, StatusTable, load
from comity.treaties.statements import Statement
from comity.treaties.vocabulary import state_name


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `treaty`."""
    treaty = commands.add_parser("treaty", help="who is bound by a treaty")
    inner = treaty.add_subparsers(dest="treaty_command", required=True, metavar="COMMAND")
    status = inner.add_parser("status", help="status of States as of a day, with clauses and sources")
    status.add_argument("instrument", help="for example uncc")
    status.add_argument("--as-of", metavar="DATE", help="YYYY-MM-DD; today where it is absent")
    status.add_argument("--state", action="append", metavar="XX", help="only this State (may be repeated)")
    status.add_argument("--json", action="store_true", help="for machines")
    status.set_defaults(run=run)
    treaty_import.register(inner)


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
    table, force = treaty.status, treaty.status.in_force
    rows = [library.status(instrument, state, as_of) for state in states or table.states()]
    used = {act.source for row in rows for act in row.acts} | {force.source}
    used |= {one.source for one in table.amendments}
    return {
        "instrument": instrument,
        "name": dict(treaty.name),
        "as_of": as_of.isoformat(),
        "in_force": force.as_of(as_of),
        "in_force_since": _iso(force.since),
        "in_force_at_latest": _iso(force.at_latest),
        "not_in_force_until": _iso(force.not_until),
        "ended": _iso(force.until),
        "entry_into_force": str(table.rules.entry.citation),
        "known_until": _iso(table.known_until),
        "complete_until": _iso(table.complete_until),
        "rules": _rules(table, as_of),
        "states": [_row(table, row) for row in rows],
        "sources": [
            {"key": s.key, "title": s.title, "address": s.address, "date": _iso(s.dated)}
            for s in table.sources.values()
            if s.key in used
        ],
    }


def _rules(table: StatusTable, as_of: date) -> dict[str, Any]:
    """The final clauses by which the table is counted."""
    rules, signature, leaving = table.rules, table.rules.signature, table.rules.leaving
    return {
        "signature": signature
        and {
            "open": signature.open(as_of),
            "opens": _iso(signature.opens),
            "closes": _iso(signature.closes),
            "cite": str(signature.citation),
        },
        "consent": {form: str(cite) for form, cite in rules.consents.items()},
        "instruments_needed": rules.entry.instruments,
        "instruments_counted": sum(1 for deposited in table.counted if deposited <= as_of),
        "organisations_not_counted": _cite(rules.not_counted),
        "leaving": leaving
        and {
            "after": leaving.after,
            "cite": str(leaving.citation),
            "ends_treaty": leaving.ends_treaty,
            "organisations": _cite(leaving.organisations),
            "condition": leaving.condition and dict(leaving.condition),
        },
        "amendments": rules.amendment and str(rules.amendment.citation),
        "duration": _cite(rules.duration),
    }


def _row(table: StatusTable, row: StateStatus) -> dict[str, Any]:
    return {
        "state": row.state,
        "name": state_name(row.state, "en"),
        "status": row.status,
        "since": _iso(row.since),
        "settled": row.settled,
        "cite": _cite(row.citation),
        "cites": _cites(row.citations),
        "leaves": _iso(row.leaves),
        "statements": [_statement(one) for one in table.statements(row.state, row.as_of)],
        "amendments": [
            {
                "id": one.amendment.id,
                "bound": one.bound,
                "since": _iso(one.since),
                "cites": _cites(one.citations),
            }
            for one in table.amended(row.state, row.as_of)
        ],
        "acts": [
            {"what": act.what, "on": _iso(act.on), "mark": act.mark, "source": act.source, "note": act.note}
            for act in row.acts
        ],
    }


def _statement(one: Statement) -> dict[str, Any]:
    return {
        "kind": one.act.what,
        "id": one.act.id,
        "text": one.permission and dict(one.permission.text),
        "note": one.act.note,
        "on": _iso(one.act.on),
        "to": one.act.to,
        "stands": one.stands,
        "timely": one.timely,
        "withdrawn": _iso(one.withdrawn.on) if one.withdrawn else None,
        "cite": _cite(one.permission.citation) if one.permission else None,
        "cites": _cites(one.citations),
        "mark": one.act.mark,
        "source": one.act.source,
    }


def _sheet(table: dict[str, Any]) -> list[str]:
    lines = [
        table["name"]["en"],
        f"As of {table['as_of']}: {_force(table)}; {table['entry_into_force']}.",
        f"The latest full table among the sources is of {table['known_until'] or 'no known day'}.",
        *_clauses(table["rules"]),
        "",
    ]
    for row in table["states"]:
        lines += _lines(row)
    lines += ["", *(f"{s['key']}  {s['title']} <{s['address']}>" for s in table["sources"])]
    return lines


def _force(table: dict[str, Any]) -> str:
    if table["ended"] and table["ended"] <= table["as_of"]:
        return f"no longer in force since {table['ended']}"
    if table["in_force"]:
        since = table["in_force_since"]
        return (
            f"in force since {since}"
            if since
            else f"in force, since {table['in_force_at_latest']} at the latest"
        )
    if table["in_force"] is False:
        return "not in force"
    unknown = "not known whether it is in force"
    until = table["not_in_force_until"]
    return f"{unknown} (it is shown not to be until {until})" if until else unknown


def _clauses(rules: dict[str, Any]) -> Iterator[str]:
    signature, leaving = rules["signature"], rules["leaving"]
    if signature:
        is_open = "open for signature" if signature["open"] else "not open for signature"
        yield f"{is_open}: from {signature['opens']} to {signature['closes']} ({signature['cite']})"
    counted, needed = rules["instruments_counted"], rules["instruments_needed"]
    less = rules["organisations_not_counted"]
    yield f"instruments listed here and counted: {counted}; needed: {needed}" + (
        f"; those of organisations are not counted ({less})" if less else ""
    )
    if leaving:
        first = f" {leaving['condition']['en']}" if leaving["condition"] else ""
        yield f"a notice takes effect after {leaving['after']} ({leaving['cite']})." + first


def _lines(row: dict[str, Any]) -> Iterator[str]:
    """A State: its status, the clauses and acts that it rests on, what it said."""
    since = f"since {row['since']}" if row["since"] else ""
    said = row["status"] if row["settled"] or row["status"] == "unknown" else f"at least {row['status']}"
    leaves = f"  leaves on {row['leaves']}" if row["leaves"] else ""
    yield f"{row['state']}  {row['name']:<28.28}  {said:<19} {since:<17}{leaves}".rstrip()
    proofs = "; ".join(_act(act) for act in row["acts"])
    yield f"      by {', '.join(row['cites'])}" + (f"; {proofs}" if proofs else "")
    for one in row["statements"]:
        text = " ".join(filter(None, ((one["text"] or {}).get("en"), one["note"])))
        cited = f" ({', '.join(one['cites'])})" if one["cites"] else ""
        to = f" to that of {one['to']}" if one["to"] else ""
        gone = "" if one["stands"] else f", withdrawn on {one['withdrawn'] or 'an unknown day'}"
        late = ", not made with the act that the clause asks for" if one["timely"] is False else ""
        yield f"      {one['kind']}{to}{cited}{late}{gone}: {text}"
    for one in row["amendments"]:
        bound = f"bound since {one['since']}" if one["bound"] else "not bound"
        yield f"      amendment {one['id']}: {bound} ({', '.join(one['cites'])})"


def _act(act: dict[str, Any]) -> str:
    return f"{act['what']} {act['on'] or 'on an unknown day'} [{act['mark']}, {act['source']}]"


def _iso(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _cite(citation: Citation | None) -> str | None:
    return str(citation) if citation else None


def _cites(citations: Iterable[Citation]) -> list[str]:
    return [str(one) for one in citations]
