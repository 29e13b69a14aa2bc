"""The conditions that rules name in ``when`` and ``unless``: small, documented, three-valued.

Each receives one ``Case`` and answers true, false, or which facts are missing. A predicate
never guesses: where only the requested State can say, the missing fact is named
``assessment.<STATE>.<name>`` or ``declaration.<STATE>`` and may be given in the facts.

Most conditions are words of a closed list (``law/vocabulary``: assessments, circumstances, declarations,
agreements, measures, data kinds, clocks), so that a treaty that needs one more needs no code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

from comity.reasoning.case import Case
from comity.reasoning.conduct import is_criminal_in
from comity.reasoning.facts import Declaration, Unknown
from comity.reasoning.knowledge import Missing
from comity.terms import ComityError, gettext_noop
from comity.treaties import Library

Predicate = Callable[[Case], bool | Missing]


class PredicateUnknownError(ComityError):
    """A rule names a condition that this version of the engine does not have."""

    code = "predicate_unknown"
    message = gettext_noop("The condition “{name}” of a rule is unknown.")
    next_step = gettext_noop("Correct the rule's “when” or “unless”, or update Comity.")


def offence_of_the_instrument(case: Case) -> bool | Missing:
    """The offence is in the catalogue, and so is the predicate offence where the catalogue asks for one."""
    named = case.named
    if isinstance(named, Unknown) or (named is None and case.reach.named_by == "kind"):
        return Missing.of(f"{case.offence.path}.{case.reach.named_by}")
    found = case.reach.offence(named) if named else None
    if found is None:
        # A kind names one treaty's list only and so says nothing about another's.
        return Missing.of(f"{case.offence.path}.kind") if case.reach.named_by == "kind" else False
    if not found.predicates:
        return True
    if isinstance(case.offence.predicate, Unknown):
        return Missing.of(f"{case.offence.path}.predicate")
    under = case.reach.offence(case.offence.predicate) if case.offence.predicate else None
    return under is not None and under.citation.eid in found.predicates


def offence_is_laundering(case: Case) -> bool | Missing:
    """The offence is one for which the catalogue asks for a predicate offence: the laundering of proceeds."""
    named = case.named
    if isinstance(named, Unknown):
        return Missing.of(f"{case.offence.path}.{case.reach.named_by}")
    found = case.reach.offence(named) if named else None
    return found is not None and bool(found.predicates)


def offence_is_serious(case: Case) -> bool | Missing:
    """The maximum penalty reaches the instrument's threshold for a serious crime (data, in years)."""
    if case.reach.serious_from_years is None:
        return False
    if case.offence.max_penalty_years is None:
        return Missing.of(f"{case.offence.path}.max_penalty_years")
    return case.offence.max_penalty_years >= case.reach.serious_from_years


def committed_by_ict(case: Case) -> bool | Missing:
    """The offence was committed by means of an information and communications technology system."""
    return _given(case.offence.by_ict, f"{case.offence.path}.by_ict")


def evidence_is_electronic(case: Case) -> bool | Missing:
    """What is sought is evidence in electronic form."""
    return _given(case.facts.electronic_evidence, "electronic_evidence")


def urgent(case: Case) -> bool | Missing:
    """The matter is urgent."""
    return _given(case.facts.urgent, "urgent")


def emergency(case: Case) -> bool | Missing:
    """There is a significant and imminent risk to the life or safety of a natural person."""
    return _given(case.facts.emergency, "emergency")


def coercive(case: Case) -> bool | Missing:
    """The measure involves coercive action."""
    return _given(case.facts.coercive, "coercive")


def dual_criminality_lacking(case: Case) -> bool | Missing:
    """The conduct is not an offence in both States (it is about the conduct, not its name)."""
    answers = [is_criminal_in(state, case).answer for state in case.facts.states]
    return _either(*(answer if isinstance(answer, Missing) else not answer for answer in answers))


def personal_data_concerned(case: Case) -> bool | Missing:
    """The answer carries personal data: subscriber data always do; of other data the requested State says."""
    if case.facts.data_kinds and "subscriber" in case.facts.data_kinds:
        return True
    return _assessed(case, "personal_data_concerned")


def preservation_may_need_dual_criminality(case: Case) -> bool | Missing:
    """The offence is outside the instrument and the requested State reserved this for such offences."""
    inside = offence_of_the_instrument(case)
    reserved = _declared(case, "dual_criminality_reservation")
    lacking = _either(inside, reserved if isinstance(reserved, Missing) else not reserved)
    return lacking if isinstance(lacking, Missing) else not lacking


def matter_de_minimis_or_available_otherwise(case: Case) -> bool | Missing:
    """The matter is of a de minimis nature, or the help can be had under other provisions."""
    return _either(_assessed(case, "matter_de_minimis"), _assessed(case, "available_otherwise"))


def declared_languages(case: Case) -> bool | Missing:
    """The requested State has named the languages that it accepts."""
    state = case.facts.requested_state
    known = case.facts.declaration.get(state, Declaration()).languages
    return Missing.of(f"declaration.{state}") if known is None else True


def coercive_or_contrary_to_basic_concepts(case: Case) -> bool | Missing:
    """The help involves coercion, or is inconsistent with basic concepts of the requested legal system."""
    return _either(coercive(case), _assessed(case, "contrary_to_basic_concepts"))


def wanted_for_enforcement(case: Case) -> bool | Missing:
    """The person is sought to serve a sentence."""
    purpose = case.facts.person.purpose
    return Missing.of("person.purpose") if purpose is None else purpose == "enforcement"


def national_of_requested_state(case: Case) -> bool | Missing:
    """The person is a national of the requested State."""
    nation = case.facts.person.national_of
    return Missing.of("person.national_of") if nation is None else nation == case.facts.requested_state


def safe_conduct_ended(case: Case) -> bool | Missing:
    """The time of safe conduct has run out, and the person could leave and stayed, or came back."""
    ran_out = _ran_out(case, "safe_conduct")
    stayed = _circumstance(case, "could_leave_and_stayed_or_returned")
    held = _either(*(one if isinstance(one, Missing) else not one for one in (ran_out, stayed)))
    return held if isinstance(held, Missing) else not held


def _either(*answers: bool | Missing) -> bool | Missing:
    """One “true” decides; otherwise everything missing is named."""
    if True in answers:
        return True
    missing = [answer.facts for answer in answers if isinstance(answer, Missing)]
    return Missing(tuple(fact for facts in missing for fact in facts)) if missing else False


def _given(value: bool | None, path: str) -> bool | Missing:
    return Missing.of(path) if value is None else value


def _assessed(case: Case, name: str) -> bool | Missing:
    state = case.facts.requested_state
    return _given(case.facts.assessment.get(state, {}).get(name), f"assessment.{state}.{name}")


def _declared(case: Case, name: str) -> bool | Missing:
    state = case.facts.requested_state
    return _given(case.facts.declaration.get(state, Declaration()).said.get(name), f"declaration.{state}")


def _agreed(case: Case, name: str) -> bool | Missing:
    return _given(case.facts.agreements.get(name), f"agreements.{name}")


def _circumstance(case: Case, name: str) -> bool | Missing:
    return _given(case.facts.circumstances.get(name), f"circumstances.{name}")


def _measure(case: Case, name: str) -> bool | Missing:
    return case.facts.measure == name


def _data_kind(case: Case, name: str) -> bool | Missing:
    return Missing.of("data_kinds") if case.facts.data_kinds is None else name in case.facts.data_kinds


def _ran_out(case: Case, name: str) -> bool | Missing:
    """No clock of that name in the treaty is a clock that never runs out."""
    rule = case.clock(name)
    if rule is None or rule.start is None:
        return False
    ends = case.end_of(rule)
    return Missing.of(f"events.{rule.start}") if ends is None else case.day > ends


WRITTEN: Mapping[str, Predicate] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            offence_of_the_instrument,
            offence_is_laundering,
            offence_is_serious,
            committed_by_ict,
            evidence_is_electronic,
            urgent,
            emergency,
            coercive,
            dual_criminality_lacking,
            preservation_may_need_dual_criminality,
            matter_de_minimis_or_available_otherwise,
            coercive_or_contrary_to_basic_concepts,
            declared_languages,
            personal_data_concerned,
            wanted_for_enforcement,
            national_of_requested_state,
            safe_conduct_ended,
        )
    }
)
"""Conditions that take more than one fact or look at the instrument."""

DERIVED: tuple[tuple[str, str, Callable[[Case, str], bool | Missing]], ...] = (
    ("assessments", "{}", _assessed),
    ("circumstances", "{}", _circumstance),
    ("declarations", "declared_{}", _declared),
    ("agreements", "agreed_on_{}", _agreed),
    ("measures", "measure_{}", _measure),
    ("data_kinds", "data_kind_{}", _data_kind),
    ("clocks", "{}_ran_out", _ran_out),
)
"""Which closed list gives conditions of which name, and what each asks of the case."""


@lru_cache(maxsize=8)
def conditions_of(library: Library) -> Mapping[str, Predicate]:
    """Every condition that the rules of a library may name."""
    found: dict[str, Predicate] = {}
    for name, form, asks in DERIVED:
        for word in library.words(name):
            found[form.format(word)] = _asking(asks, word)
    return MappingProxyType(found | dict(WRITTEN))


def _asking(asks: Callable[[Case, str], bool | Missing], word: str) -> Predicate:
    return lambda case: asks(case, word)


def predicate(name: str, library: Library) -> Predicate:
    """Look a condition up; raise PredicateUnknownError for a name that no condition has."""
    try:
        return conditions_of(library)[name]
    except KeyError:
        raise PredicateUnknownError(name=name) from None
