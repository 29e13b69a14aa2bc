"""A case beside the law: facts and what a lawyer expects the opinion to find of them.

Receives the parsed file (``law/<instrument>/cases/*.toml``) and a library; returns where the opinion
disagrees, one sentence each. ``none`` in a case stands for what JSON writes as ``null``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from comity.reasoning.advising import advise
from comity.reasoning.opinion import LISTS
from comity.reasoning.reading import read
from comity.treaties import Library

KEYS = frozenset({"title", "facts", "expected", "lists", "finding", "absent"})
EXPECTED = frozenset({"recommended", "procedure", "addressee", "bases"})
_MARKS = {"applies": "", "undetermined": "? ", "does_not_apply": "- "}


def opinion_on(case: Mapping[str, Any], library: Library) -> dict[str, Any]:
    """The opinion on a case's facts, in the shape of the contract."""
    return advise(read(with_nulls(case["facts"]), library), library).as_dict()


def disagreements(case: Mapping[str, Any], library: Library) -> tuple[str, ...]:
    """Where the opinion is not what the case expects; a case that expects nothing disagrees."""
    return tuple(_disagreements(case, opinion_on(case, library)))


def entry(finding: Mapping[str, Any]) -> str:
    """One finding as a case's ``[lists]`` writes it: ``? uncc:art_42__para_8 preservation_minimum``."""
    name = finding.get("id") or finding.get("field")
    return f"{_MARKS[finding['outcome']]}{finding['cite']}{f' {name}' if name else ''}"


def with_nulls(value: Any) -> Any:
    """The values of a case as JSON has them."""
    if isinstance(value, dict):
        return {key: with_nulls(one) for key, one in value.items()}
    if isinstance(value, list):
        return [with_nulls(one) for one in value]
    return None if value == "none" else value


def _disagreements(case: Mapping[str, Any], found: dict[str, Any]) -> Iterator[str]:
    yield from _malformed(case)
    yield from _expected(with_nulls(dict(case.get("expected", {}))), found)
    for name, wanted in case.get("lists", {}).items():
        asked, there = Counter(wanted), Counter(entry(one) for one in found.get(name, ()))
        yield from (f"{name} lacks “{one}”" for one in sorted((asked - there).elements()))
        yield from (f"{name} has “{one}”" for one in sorted((there - asked).elements()))
    for one in case.get("finding", []):
        if not any(_matches(finding, one) for finding in _findings(found, one)):
            yield f"there is no finding {one}"
    for one in case.get("absent", []):
        if any(_matches(finding, one) for finding in _findings(found, one)):
            yield f"there is a finding {one}"


def _expected(expected: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    outcomes = {basis["instrument"]: basis["outcome"] for basis in found["bases"]}
    for instrument, outcome in expected.pop("bases", {}).items():
        if outcomes.get(instrument) != outcome:
            yield f"{instrument} is {outcomes.get(instrument)}, not {outcome}"
    role = expected.pop("addressee", None)
    if role is not None and (found["addressee"] or {}).get("role") != role:
        yield f"the addressee is not {role}"
    for key, value in expected.items():
        if found.get(key) != value:
            yield f"{key} is {found.get(key)}, not {value}"


def _malformed(case: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(set(case) - KEYS) + sorted(set(case.get("expected", {})) - EXPECTED):
        yield f"a case has no “{key}”"
    for name in sorted(set(case.get("lists", {})) - set(LISTS)):
        yield f"an opinion has no list “{name}”"
    if not case.get("title"):
        yield "it has no title"
    if not any(case.get(key) for key in ("expected", "lists", "finding", "absent")):
        yield "it expects nothing"


def _findings(found: dict[str, Any], wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The findings of the list, or of the basis, that a case speaks of."""
    if "basis" in wanted:
        return [
            one
            for basis in found["bases"]
            if basis["instrument"] == wanted["basis"]
            for one in basis["findings"]
        ]
    return list(found.get(wanted.get("list", ""), ()))


def _matches(finding: dict[str, Any], wanted: Mapping[str, Any]) -> bool:
    return all(finding.get(key) == value for key, value in wanted.items() if key not in ("list", "basis"))
