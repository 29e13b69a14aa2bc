"""Is an instrument a basis for the measure: in force between the two, in its column, within its scope."""

from __future__ import annotations

from comity.reasoning.case import Case
from comity.reasoning.knowledge import NO, YES, Answer, all_of, any_of
from comity.reasoning.matter import Matter
from comity.reasoning.opinion import Basis, Finding
from comity.reasoning.rules import conditions, for_any_offence, opening
from comity.reasoning.senses import sense
from comity.reasoning.standing import standing
from comity.terms import Citation
from comity.treaties import MeasureBasis, Reach

OTHER = "other_assistance"


def basis_of(matter: Matter, reach: Reach) -> Basis:
    """All findings on one instrument, and what they come to together."""
    facts, library, language = matter.facts, matter.library, matter.language
    findings = list(standing(facts, library, reach, matter.day, language))
    answers = [finding.answer for finding in findings]
    binding = all_of(answers)
    cell = reach.measures.get(facts.measure)
    if cell is None:
        findings += _not_in_column(matter, reach)
        answers.append(NO)
    else:
        provided = _in_column(matter, reach, cell)
        scope = [
            Finding(
                str(rule.citation),
                for_any_offence(rule, matter.seen(reach.instrument)),
                rule.reading[language],
            )
            for rule in opening(library, reach.instrument, facts.measure)
        ]
        findings += [*provided, *scope]
        answers += [finding.answer for finding in provided]
        answers.append(any_of(finding.answer for finding in scope))
    return Basis(reach.instrument, all_of(answers), tuple(findings), binding, provides=cell is not None)


def _in_column(matter: Matter, reach: Reach, cell: MeasureBasis) -> list[Finding]:
    """Each provision for the measure; its own conditions stand with the main one."""
    own = any_of(
        all_of([conditions(cell.when, (), case), _among(cell, case)])
        for case in matter.seen(reach.instrument)
    )
    details = {"measure": cell.id}
    return [
        Finding(
            str(cite),
            YES if place else own,
            sense(matter.library, cite, matter.language, cell.id),
            details,
        )
        for place, cite in enumerate(cell.basis)
    ]


def _among(cell: MeasureBasis, case: Case) -> Answer:
    """Whether the offence is one for which the measure is provided."""
    named = conditions(("offence_of_the_instrument",), (), case) if cell.offences else YES
    if named != YES or not cell.offences:
        return named
    offence = case.reach.offence(case.named) if isinstance(case.named, Citation) else None
    return YES if offence and offence.citation.eid in cell.offences else NO


def _not_in_column(matter: Matter, reach: Reach) -> list[Finding]:
    """The measure is not there; an open clause may still carry it as other assistance."""
    found = [Finding(str(reach.column), NO, sense(matter.library, reach.column, matter.language))]
    if reach.open_clause:
        text = sense(matter.library, reach.open_clause, matter.language)
        found.append(Finding(str(reach.open_clause), NO, text, {"instead": OTHER}))
    return found
