"""One rule against one case: which rules concern a measure, and whether their conditions hold."""

from __future__ import annotations

from collections.abc import Iterator

from comity.reasoning.facts import Facts
from comity.reasoning.knowledge import NO, Answer, all_of, any_of
from comity.reasoning.predicates import Case, predicate
from comity.treaties import EVERY, Library, Reach, Rule


def cases(facts: Facts, reach: Reach) -> tuple[Case, ...]:
    """The facts seen through each of their offences."""
    return tuple(Case(facts, offence, reach) for offence in facts.offences)


def conditions(when: tuple[str, ...], unless: tuple[str, ...], case: Case) -> Answer:
    """Every ``when`` must hold and no ``unless`` may."""
    required = [Answer.of(predicate(name)(case)) for name in when]
    excluded = [~Answer.of(predicate(name)(case)) for name in unless]
    return all_of([*required, *excluded])


def for_any_offence(rule: Rule, facts: Facts, reach: Reach) -> Answer:
    """A rule concerns the request when it concerns one of its offences; a declaration, its own State."""
    if not _of_requested_state(rule, facts):
        return NO
    return any_of(conditions(rule.when, rule.unless, case) for case in cases(facts, reach))


def opening(library: Library, reach: Reach, measure: str) -> Iterator[Rule]:
    """The scope rules that open the instrument for a measure: one of them must apply."""
    for rule in library.rules(reach.instrument):
        if rule.kind == "scope" and (measure in rule.measures or EVERY in rule.measures):
            yield rule


def governing(library: Library, reach: Reach, measure: str) -> Iterator[Rule]:
    """The rules that concern a measure: those of its provisions and of the general ones, if it has any."""
    cell = reach.measures.get(measure)
    if cell is None:
        return
    for rule in library.rules(reach.instrument):
        if rule.measures and measure not in rule.measures and EVERY not in rule.measures:
            continue
        if cell.governs(rule.place.eid) or _beneath(rule.place.eid, reach.general):
            yield rule


def _of_requested_state(rule: Rule, facts: Facts) -> bool:
    """A declaration or reservation (``decl_KZ_2``) speaks for the State that made it."""
    kind, _, rest = rule.place.eid.partition("_")
    return kind != "decl" or rest.partition("_")[0] == facts.requested_state


def _beneath(eid: str, places: tuple[str, ...]) -> bool:
    return any(eid == place or eid.startswith(place + "__") for place in places)
