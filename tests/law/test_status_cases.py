"""Cases of status beside the law: acts of invented States, and what a lawyer expects of each day.

`[[crowd]]` are States without names that only count. An expected status cites all clauses on which it rests.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from comity.treaties import Act, InForce, Membership, Organisation, StatusTable, load
from comity.treaties.acts import misfit
from comity.treaties.amendments import Amendment

LAW = Path(__file__).resolve().parents[2] / "law"
CASES = sorted(LAW.glob("*/cases_of_status/*.toml"))
KEYS = {
    "title", "known_until", "complete_until", "organisations", "crowd", "act", "amendment", "expect",
    "refused",
}  # fmt: skip
EXPECT = {
    "on", "in_force", "in_force_since", "state", "status", "since", "settled", "cites", "leaves",
    "reservations", "objections", "competence", "amendments", "amendment_cites", "timely",
    "open_for_signature",
}  # fmt: skip


def act(given: dict[str, Any]) -> Act:
    return Act(**{"on": None, "note": None, "mark": "O", "source": "case", **given})


def table(instrument: str, given: dict[str, Any]) -> StatusTable:
    crowd = [
        Act(f"{row}-{number}", one["what"], one["on"], "O", "case", None)
        for row, one in enumerate(given.get("crowd", []))
        for number in range(one["states"])
    ]
    members = {
        code: Organisation(code, tuple(Membership(one, date.min, None, "case") for one in states), {})
        for code, states in given.get("organisations", {}).items()
    }
    return replace(
        load(LAW).instrument(instrument).status,
        stated=InForce(None, None, None, None),
        known_until=given.get("known_until"),
        complete_until=given.get("complete_until"),
        sources={},
        acts=(*crowd, *map(act, given.get("act", []))),
        organisations=members,
        amendments=tuple(
            Amendment(one["id"], one["adopted"], {}, "case", "O") for one in given.get("amendment", [])
        ),
    )


def on_treaty(found: StatusTable, day: date) -> dict[str, Any]:
    known = found.in_force.as_of(day)
    return {
        "in_force": "unknown" if known is None else known,
        "in_force_since": found.in_force.since,
        "open_for_signature": found.rules.signature and found.rules.signature.open(day),
    }


def on_state(found: StatusTable, state: str, day: date) -> dict[str, Any]:
    status = found.of(state, day)
    stated, amended = found.statements(state, day), found.amended(state, day)
    said = {kind: [one for one in stated if one.act.what == kind and one.stands] for kind in
            ("reservation", "objection", "competence")}  # fmt: skip
    return {
        "status": status.status,
        "since": status.since or "none",
        "settled": status.settled,
        "cites": [str(one) for one in status.citations],
        "leaves": status.leaves or "none",
        "reservations": {one.act.id: [str(cite) for cite in one.citations] for one in said["reservation"]},
        "timely": {one.act.id: one.timely for one in said["reservation"] if one.timely is not None},
        "objections": [f"{one.act.to} {one.act.id}" for one in said["objection"]],
        "competence": [[str(cite) for cite in one.citations] for one in said["competence"]],
        "amendments": [one.amendment.id for one in amended if one.bound],
        "amendment_cites": [[str(cite) for cite in one.citations] for one in amended],
    }


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_the_status_is_what_the_case_expects(path: Path) -> None:
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    instrument = path.parts[-3]
    assert set(given) <= KEYS
    assert given["title"]
    assert given.get("expect") or given.get("refused")
    found = table(instrument, given)
    named = {one.state for one in found.acts if len(one.state) == 2 and one.state.startswith("X")}
    for one in found.acts:
        if one.state in named:
            assert misfit(one, found.rules) is None, one
    for wanted in given.get("expect", []):
        assert set(wanted) <= EXPECT
        assert "state" not in wanted or {"status", "cites"} <= set(wanted), (
            "a status is expected with its clauses"
        )
        day = wanted["on"]
        got = on_state(found, wanted["state"], day) if "state" in wanted else {}
        got |= on_treaty(found, day)
        for key in set(wanted) - {"on", "state"}:
            assert got[key] == wanted[key], f"{day}: {key}"
    for one in given.get("refused", []):
        because = one.pop("because")
        assert because in (misfit(act(one), found.rules) or "it fits")


@pytest.mark.parametrize("instrument", list(load(LAW).instruments))
def test_every_clause_of_participation_is_in_the_text(instrument: str) -> None:
    library = load(LAW)
    rules = library.instrument(instrument).status.rules
    assert rules.citations()
    for citation in rules.citations():
        assert library.provision(citation), citation
    for one in rules.permissions:
        assert set(one.text) == {"en", "kk", "ru"}, one.id


def test_the_words_of_statements_that_the_data_hold_are_in_the_text() -> None:
    library = load(LAW)
    acts = [
        one for name in library.instruments for one in library.instrument(name).status.acts if one.wording
    ]
    assert {str(one.wording) for one in acts} == {f"uncac:bill__para_{n}" for n in (1, 2, 3)}
    assert all(library.provision(one.wording) for one in acts if one.wording)
