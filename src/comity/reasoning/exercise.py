"""Which rules a case beside the law exercises, and which way: the rule is found to hold, or found not to.

A rule is exercised only where the case says what it expects of it: in a ``[[finding]]``, an ``[[absent]]``
or a whole list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from comity.reasoning.expectations import opinion_on, with_nulls
from comity.reasoning.gathering import LIST_OF
from comity.reasoning.opinion import LISTS
from comity.reasoning.rules import governing, opening
from comity.treaties import Library, Rule

HOLDS = "holds"
FAILS = "does not hold"
OPEN = "cannot be decided"
OUTSIDE = "concerns another request"
_WAYS = {"applies": HOLDS, "does_not_apply": FAILS, "undetermined": OPEN}


@dataclass(frozen=True, slots=True)
class Exercise:
    """One rule in one case."""

    rule: Rule
    way: str


def exercised(case: Mapping[str, Any], library: Library) -> frozenset[Exercise]:
    """Every rule of which the case expects something, with the way it expects."""
    opinion = opinion_on(case, library)
    measure = str(case["facts"]["measure"])
    found = set(_in_bases(case, library, opinion, measure))
    resting = {opinion["recommended"], opinion["procedure"]}
    for instrument in library.reach:
        rules = governing(library, instrument, measure) if instrument in resting else ()
        for rule in library.rules(instrument):
            way = _way(case, opinion, rule)
            if way is not None:
                found.add(Exercise(rule, OUTSIDE if way == FAILS and rule not in rules else way))
    return frozenset(found)


def decided_by_facts(library: Library) -> frozenset[Rule]:
    """The rules that can be exercised at all: those that govern some measure of their instrument.

    What is left are statements of status and records of the treaty as such, which no facts of a case decide.
    """
    return frozenset(
        rule
        for instrument, reach in library.reach.items()
        for measure in reach.measures
        for rule in (*governing(library, instrument, measure), *opening(library, instrument, measure))
    )


def _in_bases(
    case: Mapping[str, Any], library: Library, opinion: dict[str, Any], measure: str
) -> Iterator[Exercise]:
    """Scope rules that open an instrument, by the case's findings on a basis."""
    for basis in opinion["bases"]:
        asked = [one for one in case.get("finding", []) if one.get("basis") == basis["instrument"]]
        for rule in opening(library, basis["instrument"], measure):
            for one in asked:
                if one.get("cite") == str(rule.citation) and "outcome" in one:
                    yield Exercise(rule, _WAYS[one["outcome"]])


def _way(case: Mapping[str, Any], opinion: dict[str, Any], rule: Rule) -> str | None:
    """What the case expects of a rule that may stand in a list of the opinion; None where it is silent."""
    name = LIST_OF[rule.kind]
    for one in with_nulls(case.get("finding", [])):
        if one.get("list") == name and _speaks_of(one, rule):
            return _WAYS[one.get("outcome", "applies")]
    for one in with_nulls(case.get("absent", [])):
        if one.get("list") == name and _speaks_of(one, rule):
            return FAILS
    if name not in case.get("lists", {}) or name not in LISTS:
        return None
    there = [one for one in opinion[name] if _speaks_of(one, rule)]
    return _WAYS[there[0]["outcome"]] if there else FAILS


def _speaks_of(finding: Mapping[str, Any], rule: Rule) -> bool:
    name = rule.bars if rule.kind == "no_ground" else rule.id
    said = finding.get("id") or finding.get("field")
    return finding.get("cite") == str(rule.citation) and (said is None or name is None or said == name)
