"""The conditions that rules name in ``when`` and ``unless``: small, documented, three-valued.

Each receives one ``Case`` and answers true, false, or which facts are missing. A predicate
never guesses: where only the requested State can say, the missing fact is named
``assessment.<STATE>.<name>`` or ``declaration.<STATE>`` and may be given in the facts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from comity.reasoning.facts import Declaration, Facts, Offence, Unknown
from comity.reasoning.knowledge import Missing
from comity.terms import Citation, ComityError, gettext_noop
from comity.treaties import Reach


@dataclass(frozen=True, slots=True)
class Case:
    """The facts seen through one of their offences and one instrument."""

    facts: Facts
    offence: Offence
    reach: Reach

    @property
    def named(self) -> Citation | Unknown | None:
        """What names the offence in this instrument's catalogue: its ``id`` or its ``kind``."""
        return self.offence.id if self.reach.named_by == "id" else self.offence.kind


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
    answers = {state: case.offence.criminal_in.get(state) for state in case.facts.states}
    if False in answers.values():
        return True
    unknown = [
        f"{case.offence.path}.criminal_in.{state}" for state, answer in answers.items() if answer is None
    ]
    return Missing(tuple(unknown)) if unknown else False


def personal_data_concerned(case: Case) -> bool | Missing:
    """The answer carries personal data: subscriber data always do; of other data the requested State says."""
    if case.facts.data_kinds and "subscriber" in case.facts.data_kinds:
        return True
    return _assessed(case, "personal_data_concerned")


def preservation_may_need_dual_criminality(case: Case) -> bool | Missing:
    """The offence is outside the instrument and the requested State reserved this for such offences."""
    inside = offence_of_the_instrument(case)
    reserved = declared("dual_criminality_reservation", "")(case)
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


def documents_are_served(case: Case) -> bool | Missing:
    """The measure is the service of documents."""
    return case.facts.measure == "serve_documents"


def wanted_for_enforcement(case: Case) -> bool | Missing:
    """The person is sought to serve a sentence."""
    purpose = case.facts.person.purpose
    return Missing.of("person.purpose") if purpose is None else purpose == "enforcement"


def national_of_requested_state(case: Case) -> bool | Missing:
    """The person is a national of the requested State."""
    nation = case.facts.person.national_of
    return Missing.of("person.national_of") if nation is None else nation == case.facts.requested_state


def agreed(name: str, meaning: str) -> Predicate:
    """A predicate on what the two States have agreed for the case."""

    def predicate(case: Case) -> bool | Missing:
        return _given(case.facts.agreements.get(name), f"agreements.{name}")

    predicate.__doc__ = meaning
    return predicate


def assessed(name: str, meaning: str) -> Predicate:
    """A predicate that only the requested State's own assessment can answer."""

    def predicate(case: Case) -> bool | Missing:
        return _assessed(case, name)

    predicate.__doc__ = meaning
    return predicate


def declared(name: str, meaning: str) -> Predicate:
    """A predicate on a declaration or reservation of the requested State."""

    def predicate(case: Case) -> bool | Missing:
        state = case.facts.requested_state
        return _given(case.facts.declaration.get(state, Declaration()).said.get(name), f"declaration.{state}")

    predicate.__doc__ = meaning
    return predicate


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


ASSESSMENTS = {
    "action_barred_at_home": "Its law would bar its authorities from the action for a similar offence.",
    "available_otherwise": "The help can be had under other provisions of the instrument.",
    "conditions_of_its_law_not_met": "The conditions of its law or treaties on extradition are not met.",
    "confidentiality_impossible": "It cannot keep the request confidential.",
    "contrary_to_basic_concepts": "It would be inconsistent with the basic concepts of its legal system.",
    "contrary_to_legal_system": "Granting would be contrary to its legal system on mutual assistance.",
    "contrary_to_national_law": "Execution would be contrary to its law or its international obligations.",
    "costs_substantial": "Execution needs substantial or extraordinary expenses.",
    "data_protection_law_forbids": "The data protection law that binds it does not allow the transfer.",
    "data_vulnerable": "The data are particularly vulnerable to loss or modification.",
    "essential_interests_prejudiced": "Execution would prejudice its essential interests.",
    "evidence_or_value_insufficient": "Evidence is not sufficient and timely, or the value is de minimis.",
    "expedition_provided_otherwise": "The instruments and laws that it follows provide for expedition.",
    "foreign_provider_involved": "A provider in another State took part in the transmission.",
    "matter_de_minimis": "The matter is of a de minimis nature.",
    "ongoing_proceedings_disturbed": "Execution would interfere with an ongoing investigation or proceeding.",
    "persecution_to_be_feared": "There are substantial grounds to fear persecution of a person.",
    "preservation_ineffective": "Preservation would not secure the data or would threaten the investigation.",
    "request_not_in_conformity": "The request was not made in conformity with the instrument.",
}
DECLARATIONS = {
    "diplomatic_channel": "It demands that requests come through diplomatic channels.",
    "dual_criminality_reservation": "It reserved the right to ask dual criminality for preservation.",
    "electronic_transmission_barred": "Its law prohibits electronic transmission of requests.",
}
PREDICATES: Mapping[str, Predicate] = MappingProxyType(
    {
        function.__name__: function
        for function in (
            offence_of_the_instrument,
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
            documents_are_served,
            personal_data_concerned,
            wanted_for_enforcement,
            national_of_requested_state,
        )
    }
    | {
        "agreed_on_convention_paragraphs": agreed(
            "apply_convention_paragraphs", "Both agree to apply the Convention's own paragraphs."
        ),
        "agreed_on_other_crime": agreed("other_crime", "Both agree to cooperate on a crime not listed."),
        "agreed_on_interpol": agreed("interpol", "Both agree to the channels of INTERPOL."),
        "agreed_on_oral_form": agreed("oral", "Both agree to an oral request, confirmed in writing."),
    }
    | {name: assessed(name, meaning) for name, meaning in ASSESSMENTS.items()}
    | {f"declared_{name}": declared(name, meaning) for name, meaning in DECLARATIONS.items()}
)


def predicate(name: str) -> Predicate:
    """Look a condition up; raise PredicateUnknownError for a name that no predicate has."""
    try:
        return PREDICATES[name]
    except KeyError:
        raise PredicateUnknownError(name=name) from None
