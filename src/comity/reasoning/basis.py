"""Is an instrument a basis for the measure: in force between the two, in its column, within its scope."""

from __future__ import annotations

from datetime import date

from comity.reasoning.facts import Facts
from comity.reasoning.knowledge import NO, YES, Answer, all_of, any_of
from comity.reasoning.opinion import Basis, Finding
from comity.reasoning.predicates import Case
from comity.reasoning.rules import cases, conditions, for_any_offence, opening
from comity.reasoning.senses import sense
from comity.reasoning.standing import standing
from comity.terms import Citation
from comity.treaties import Library, MeasureBasis, Reach

OTHER = "other_assistance"


def basis_of(facts: Facts, library: Library, reach: Reach, as_of: date, language: str) -> Basis:
    """All findings on one instrument, and what they come to together."""
    findings = list(standing(facts, library, reach, as_of, language))
    answers = [finding.answer for finding in findings]
    binding = all_of(answers)
    cell = reach.measures.get(facts.measure)
    if cell is None:
        findings += _not_in_column(library, reach, language)
        answers.append(NO)
    else:
        provided = _in_column(facts, library, reach, cell, language)
        scope = [
            Finding(str(rule.citation), for_any_offence(rule, facts, reach), rule.reading[language])
            for rule in opening(library, reach, facts.measure)
        ]
        findings += [*provided, *scope]
        answers += [finding.answer for finding in provided]
        answers.append(any_of(finding.answer for finding in scope))
    return Basis(reach.instrument, all_of(answers), tuple(findings), binding, provides=cell is not None)


def _in_column(
    facts: Facts, library: Library, reach: Reach, cell: MeasureBasis, language: str
) -> list[Finding]:
    """Each provision for the measure; its own conditions stand with the main one."""
    own = any_of(
        all_of([conditions(cell.when, (), case), _among(cell, case)]) for case in cases(facts, reach)
    )
    first, *others = cell.basis
    details = {"measure": cell.id}
    found = [Finding(str(first), own, sense(library, first, language), details)]
    return found + [Finding(str(cite), YES, sense(library, cite, language), details) for cite in others]


def _among(cell: MeasureBasis, case: Case) -> Answer:
    """Whether the offence is one for which the measure is provided."""
    named = conditions(("offence_of_the_instrument",), (), case) if cell.offences else YES
    if named != YES or not cell.offences:
        return named
    offence = case.reach.offence(case.named) if isinstance(case.named, Citation) else None
    return YES if offence and offence.citation.eid in cell.offences else NO


def _not_in_column(library: Library, reach: Reach, language: str) -> list[Finding]:
    """The measure is not there; an open clause may still carry it as other assistance."""
    found = [Finding(str(reach.column), NO, sense(library, reach.column, language))]
    if reach.open_clause:
        text = sense(library, reach.open_clause, language)
        found.append(Finding(str(reach.open_clause), NO, text, {"instead": OTHER}))
    return found


def own_offence(facts: Facts, reach: Reach) -> Answer:
    """Whether one of the offences is of the instrument's own catalogue."""
    return any_of(conditions(("offence_of_the_instrument",), (), case) for case in cases(facts, reach))
