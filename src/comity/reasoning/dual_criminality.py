"""Dual criminality in an opinion: for each offence and State what is known, with the provisions compared."""

from __future__ import annotations

from typing import Any

from comity.reasoning.case import Case
from comity.reasoning.conduct import Criminality, is_criminal_in
from comity.reasoning.knowledge import Answer
from comity.reasoning.matter import Matter
from comity.reasoning.opinion import Finding
from comity.reasoning.rules import governing
from comity.reasoning.senses import sense
from comity.treaties import Reach, Rule

ID = "dual_criminality"


def dual_criminality(matter: Matter, reach: Reach) -> tuple[Finding, ...]:
    """For each offence and State whether it punishes the conduct, where a rule for the measure asks it."""
    rules = governing(matter.library, reach.instrument, matter.facts.measure)
    if reach.conduct is None or not any(_asks(rule) for rule in rules):
        return ()
    text = sense(matter.library, reach.conduct, matter.language)
    return tuple(
        Finding(str(reach.conduct), Answer.of(found.answer), text, _told(case, found, matter.language))
        for case in matter.seen(reach.instrument)
        for found in (is_criminal_in(state, case) for state in matter.facts.states)
    )


def _asks(rule: Rule) -> bool:
    return "dual_criminality_lacking" in rule.when or ID in (rule.id, rule.bars)


def _told(case: Case, found: Criminality, language: str) -> dict[str, Any]:
    """The keys of the list: which offence, which State, which provisions of its law with their sources."""
    return {
        "offence": case.offence.path,
        "state": found.state,
        "provisions": [
            {
                "law": enactment.law,
                "article": enactment.article,
                "subject": enactment.subject[language],
                "covers": implements.covers,
                "requires": list(implements.requires),
                "note": implements.note.get(language),
                "max_years": {part.part: part.max_years for part in enactment.parts if part.max_years},
                "source": enactment.source.title,
                "address": enactment.source.address,
                "edition": enactment.edition.isoformat() if enactment.edition else None,
                "mark": enactment.mark,
            }
            for enactment, implements in found.provisions
        ],
    }
