"""The cases beside the law: facts and expected findings that a lawyer writes, no code needed.

In a case ``none`` stands for the known absence that the facts file writes as ``null``, and for
no recommendation or no decided procedure.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from comity.reasoning import advise, read
from comity.treaties import load

LAW = Path(__file__).resolve().parents[2] / "law"
CASES = sorted(LAW.glob("*/cases/*.toml"))
KEYS = {"title", "facts", "expected", "finding", "absent"}
EXPECTED = {"recommended", "procedure", "addressee", "bases"}


def case(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def with_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: with_nulls(one) for key, one in value.items()}
    if isinstance(value, list):
        return [with_nulls(one) for one in value]
    return None if value == "none" else value


def opinion(given: dict[str, Any]) -> dict[str, Any]:
    library = load(LAW)
    return advise(read(with_nulls(given["facts"]), library), library).as_dict()


def findings(found: dict[str, Any], wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The findings of the list, or of the basis, that a case speaks of."""
    if "basis" in wanted:
        (basis,) = [one for one in found["bases"] if one["instrument"] == wanted["basis"]]
        return list(basis["findings"])
    return list(found[wanted["list"]])


def matches(finding: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all(finding.get(key) == value for key, value in wanted.items() if key not in ("list", "basis"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_the_opinion_is_what_the_case_expects(path: Path) -> None:
    given = case(path)
    assert set(given) <= KEYS
    assert given["title"]
    assert given["expected"]
    assert set(given["expected"]) <= EXPECTED
    found = opinion(given)
    expected = with_nulls(given["expected"])
    outcomes = {basis["instrument"]: basis["outcome"] for basis in found["bases"]}
    assert outcomes | expected.pop("bases", {}) == outcomes
    role = expected.pop("addressee", None)
    assert role is None or found["addressee"]["role"] == role
    assert {key: found[key] for key in expected} == expected
    for wanted in given.get("finding", []):
        assert any(matches(one, wanted) for one in findings(found, wanted)), wanted
    for unwanted in given.get("absent", []):
        assert not any(matches(one, unwanted) for one in findings(found, unwanted)), unwanted


def test_each_treaty_has_cases_of_its_own() -> None:
    assert {path.parts[-3] for path in CASES} == {"uncc", "uncac", "csto-ict", "kz-tm"}


def test_a_case_that_expects_otherwise_fails() -> None:
    given = case(LAW / "uncc" / "cases" / "preservation.toml")
    found = opinion(given)
    wanted = given["finding"][0]
    assert any(matches(one, wanted) for one in findings(found, wanted))
    for key, wrong in (
        ("outcome", "undetermined"),
        ("cite", "uncc:art_41__para_2"),
        ("id", "oral"),
    ):
        assert not any(matches(one, wanted | {key: wrong}) for one in findings(found, wanted))
