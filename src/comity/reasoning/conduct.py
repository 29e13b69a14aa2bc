"""Is the conduct an offence in a State: what the facts say, else what the State's law in the data covers.

The comparison is of conduct, never of the name or the category of an offence (uncc 35(3), uncac 43(2)).
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.reasoning.case import Case
from comity.reasoning.facts import Unknown
from comity.reasoning.knowledge import Missing
from comity.treaties.states import WHOLE, Answering


@dataclass(frozen=True, slots=True)
class Criminality:
    """Whether a State punishes the conduct, and the provisions of its law that were compared."""

    state: str
    answer: bool | Missing
    provisions: tuple[Answering, ...] = ()


def is_criminal_in(state: str, case: Case) -> Criminality:
    """What is known of one State; the facts of the case go before the data.

    A provision that covers the whole conduct and requires nothing on top decides; one that requires an
    element, as far as the facts say whether that was there; one that covers a part decides nothing.
    """
    provisions = _compared(state, case)
    given = case.offence.criminal_in.get(state)
    if given is not None:
        return Criminality(state, given, provisions)
    lacking: list[str] = []
    for _enactment, found in provisions:
        if found.covers != WHOLE:
            continue
        answers = [case.offence.elements.get(element) for element in found.requires]
        if all(answers):
            return Criminality(state, True, provisions)
        if False not in answers:
            lacking += [
                f"{case.offence.path}.elements.{element}"
                for element, answer in zip(found.requires, answers, strict=True)
                if answer is None
            ]
    paths = [f"{case.offence.path}.criminal_in.{state}", *lacking]
    return Criminality(state, Missing(tuple(dict.fromkeys(paths))), provisions)


def _compared(state: str, case: Case) -> tuple[Answering, ...]:
    """The State's provisions that answer the catalogue's offence of which the case speaks."""
    if case.offence.id is None or isinstance(case.offence.id, Unknown):
        return ()
    offence = case.library.reach[case.offence.id.instrument].offence(case.offence.id)
    return case.library.enactments(offence.citation, state) if offence else ()
