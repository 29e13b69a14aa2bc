"""Every rule is exercised both ways by the cases beside the law, and the tables in docs say so truly."""

from __future__ import annotations

import importlib.util
import tomllib
from collections import defaultdict
from pathlib import Path
from types import ModuleType

import pytest

from comity.reasoning.exercise import FAILS, HOLDS, OPEN, OUTSIDE, decided_by_facts, exercised
from comity.treaties import Rule, load

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = load(ROOT / "law")
CASES = {path: tomllib.loads(path.read_text("utf-8")) for path in sorted(ROOT.glob("law/*/cases/*.toml"))}


@pytest.fixture(scope="module")
def ways() -> dict[Rule, set[str]]:
    """Each rule with the ways in which the cases exercise it."""
    found: dict[Rule, set[str]] = defaultdict(set)
    for case in CASES.values():
        for one in exercised(case, LIBRARY):
            found[one.rule].add(one.way)
    return found


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 150


def test_every_rule_that_facts_decide_is_exercised_both_ways(ways: dict[Rule, set[str]]) -> None:
    unexercised = [
        (str(rule.citation), rule.kind, rule.id, sorted(ways[rule]))
        for rule in decided_by_facts(LIBRARY)
        if HOLDS not in ways[rule] or not ways[rule] & {FAILS, OPEN, OUTSIDE}
    ]
    assert sorted(unexercised, key=str) == []


def test_a_rule_with_conditions_is_also_seen_to_fail_or_to_stay_open(ways: dict[Rule, set[str]]) -> None:
    conditional = [rule for rule in decided_by_facts(LIBRARY) if rule.when or rule.unless]
    assert [str(rule.citation) for rule in conditional if not ways[rule] & {FAILS, OPEN}] == []


def test_only_statements_of_status_and_records_are_decided_by_no_facts() -> None:
    left = {rule for name in LIBRARY.instruments for rule in LIBRARY.rules(name)} - decided_by_facts(LIBRARY)
    assert {rule.kind for rule in left} <= {"status", "record"}


def test_a_case_that_is_silent_exercises_nothing() -> None:
    given = CASES[ROOT / "law" / "uncc" / "cases" / "preservation.toml"]
    assert exercised(given, LIBRARY)
    assert exercised({"title": "t", "facts": given["facts"]}, LIBRARY) == frozenset()


def tables() -> ModuleType:
    spec = importlib.util.spec_from_file_location("law_tables", ROOT / "tools" / "law_tables.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["coverage.md", "cases.md"])
def test_the_tables_in_docs_are_those_of_the_data(name: str) -> None:
    page = tables().PAGES[name](LIBRARY)
    assert (ROOT / "docs" / "law" / name).read_text(encoding="utf-8") == page
