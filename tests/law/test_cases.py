"""The cases beside the law: facts and expected findings that a lawyer writes, no code needed."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest

from comity.reasoning.expectations import disagreements, entry, opinion_on
from comity.treaties import load

LAW = Path(__file__).resolve().parents[2] / "law"
LIBRARY = load(LAW)
CASES = sorted(LAW.glob("*/cases/*.toml"))


def case(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_the_opinion_is_what_the_case_expects(path: Path) -> None:
    assert disagreements(case(path), LIBRARY) == ()


def test_each_treaty_has_cases_of_its_own() -> None:
    assert {path.parts[-3] for path in CASES} == {"uncc", "uncac", "csto-ict", "kz-tm"}


WRONG: dict[str, dict[str, Any]] = {
    "another outcome": {
        "finding": [{"list": "clocks", "cite": "uncc:art_42__para_8", "outcome": "undetermined"}]
    },
    "another place": {"finding": [{"list": "clocks", "cite": "uncc:art_41__para_2"}]},
    "a finding that is there": {"absent": [{"list": "clocks", "cite": "uncc:art_42__para_8"}]},
    "another recommendation": {"expected": {"recommended": "kz-tm"}},
    "another basis": {"expected": {"bases": {"uncac": "applies"}}},
    "another addressee": {"expected": {"addressee": "depositary"}},
    "a list with one entry less": {"lists": {"clocks": ["uncc:art_42__para_8 preservation_minimum"]}},
    "a list of a wrong name": {"lists": {"watches": []}, "expected": {"recommended": "uncc"}},
    "nothing": {},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_case_that_expects_otherwise_disagrees(wrong: str) -> None:
    given = copy.deepcopy(case(LAW / "uncc" / "cases" / "preservation.toml"))
    assert disagreements(given, LIBRARY) == ()
    spoiled = {"title": given["title"], "facts": given["facts"], **WRONG[wrong]}
    assert disagreements(spoiled, LIBRARY) != ()


def test_a_list_is_compared_entry_by_entry() -> None:
    given = case(LAW / "uncc" / "cases" / "preservation.toml")
    clocks = [entry(one) for one in opinion_on(given, LIBRARY)["clocks"]]
    whole = {"title": "t", "facts": given["facts"], "lists": {"clocks": clocks}}
    assert disagreements(whole, LIBRARY) == ()
    twice = whole | {"lists": {"clocks": [*clocks, clocks[0]]}}
    assert disagreements(twice, LIBRARY) == (f"clocks lacks “{clocks[0]}”",)
    assert clocks[-1] == "uncc:art_42__para_8 preservation_until_decision"
    undecided = whole | {"lists": {"clocks": [*clocks[:-1], f"? {clocks[-1]}"]}}
    assert len(disagreements(undecided, LIBRARY)) == 2
