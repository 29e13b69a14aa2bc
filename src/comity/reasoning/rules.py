"""One rule against one case: which rules concern a measure, and whether their conditions hold."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from comity.reasoning.case import Case
from comity.reasoning.facts import Facts
from comity.reasoning.knowledge import NO, YES, Answer, any_of
from comity.reasoning.predicates import predicate
from comity.terms import Outcome
from comity.treaties import EVERY, Library, Reach, Rule

Cases = tuple[Case, ...]


def cases(facts: Facts, library: Library, reach: Reach, day: date) -> Cases:
    """The facts seen through each of their offences."""
    return tuple(Case(facts, offence, reach, library, day) for offence in facts.offences)


def answer(name: str, case: Case) -> Answer:
    """What a condition comes to in a case; asked once."""
    found = case.answers.get(name)
    if found is None:
        found = case.answers[name] = Answer.of(predicate(name, case.library)(case))
    return found


def conditions(when: tuple[str, ...], unless: tuple[str, ...], case: Case) -> Answer:
    """Every ``when`` must hold and no ``unless`` may."""
    if not when and not unless:
        return YES
    found = case.together.get((when, unless))
    if found is None:
        found = case.together[when, unless] = _together(when, unless, case)
    return found


def _together(when: tuple[str, ...], unless: tuple[str, ...], case: Case) -> Answer:
    """As ``all_of``, but no condition is asked after one that decides."""
    missing: dict[str, None] = {}
    for names, wanted in ((when, YES), (unless, NO)):
        for name in names:
            found = answer(name, case)
            if found.missing:
                missing.update(dict.fromkeys(found.missing))
            elif found != wanted:
                return NO
    return Answer(Outcome.UNDETERMINED, tuple(missing)) if missing else YES


def for_any_offence(rule: Rule, seen: Cases) -> Answer:
    """A rule concerns the request when it concerns one of its offences; a declaration, its own State."""
    if not _of_a_state_concerned(rule, seen):
        return NO
    if not rule.when and not rule.unless:
        return YES
    if len(seen) == 1:
        return conditions(rule.when, rule.unless, seen[0])
    return any_of(conditions(rule.when, rule.unless, case) for case in seen)


@lru_cache(maxsize=1024)
def opening(library: Library, instrument: str, measure: str) -> tuple[Rule, ...]:
    """The scope rules that open the instrument for a measure: one of them must apply."""
    return tuple(
        rule
        for rule in library.rules(instrument)
        if rule.kind == "scope" and (measure in rule.measures or EVERY in rule.measures)
    )


@lru_cache(maxsize=1024)
def governing(library: Library, instrument: str, measure: str) -> tuple[Rule, ...]:
    """The rules that concern a measure: those of its provisions and of the general ones, if it has any."""
    reach = library.reach[instrument]
    cell = reach.measures.get(measure)
    if cell is None:
        return ()
    return tuple(
        rule
        for rule in library.rules(instrument)
        if (not rule.measures or measure in rule.measures or EVERY in rule.measures)
        and (cell.governs(rule.place.eid) or _beneath(rule.place.eid, reach.general))
    )


@lru_cache(maxsize=1024)
def following(library: Library, instrument: str, measure: str) -> tuple[Rule, ...]:
    """The governing rules but for those that open the instrument: these stand with the basis."""
    opened = opening(library, instrument, measure)
    return tuple(rule for rule in governing(library, instrument, measure) if rule not in opened)


@lru_cache(maxsize=1024)
def giving_way(library: Library, instrument: str, measure: str) -> frozenset[Rule]:
    """Those governing rules that stand on paragraphs which another treaty's provisions may replace."""
    own = library.reach[instrument].precedence
    rules = governing(library, instrument, measure) if own else ()
    return frozenset(rule for rule in rules if own and own.displaces(rule.place.eid))


def _of_a_state_concerned(rule: Rule, seen: Cases) -> bool:
    """A declaration (``decl_KZ_2``) speaks for its State as the requested one; on status, as either."""
    eid = rule.place.eid
    if not eid.startswith("decl_"):
        return True
    facts = seen[0].facts
    concerned = facts.states if rule.kind == "status" else (facts.requested_state,)
    return eid.split("_")[1] in concerned


def _beneath(eid: str, places: tuple[str, ...]) -> bool:
    return any(eid == place or eid.startswith(place + "__") for place in places)
