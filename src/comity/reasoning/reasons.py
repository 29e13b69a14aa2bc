"""Which instrument is recommended among those that apply, and why; each reason with its provision."""

from __future__ import annotations

from comity.reasoning.knowledge import YES, Answer, any_of
from comity.reasoning.matter import Matter
from comity.reasoning.opinion import Basis, Finding
from comity.reasoning.rules import answer, for_any_offence, opening
from comity.reasoning.senses import sense
from comity.terms import Citation, Outcome
from comity.treaties import Reach

Reasons = tuple[Finding, ...]


def recommend(matter: Matter, bases: tuple[Basis, ...]) -> tuple[str | None, Reasons]:
    """One whose catalogue names the offence, then the order of the data; None where none applies."""
    applying = [basis for basis in bases if basis.outcome is Outcome.APPLIES]
    if not applying:
        return None, ()
    chosen = min(applying, key=lambda basis: _place(matter, basis))
    others = [basis for basis in applying if basis is not chosen]
    return chosen.instrument, tuple(_because(matter, chosen, others))


def _place(matter: Matter, basis: Basis) -> tuple[bool, int]:
    return (not names_the_offence(matter, basis.instrument), matter.library.reach[basis.instrument].priority)


def names_the_offence(matter: Matter, instrument: str) -> bool:
    """Whether one of the offences is of the instrument's own catalogue."""
    own = any_of(answer("offence_of_the_instrument", case) for case in matter.seen(instrument))
    return own.outcome is Outcome.APPLIES


def _because(matter: Matter, chosen: Basis, others: list[Basis]) -> Reasons:
    reach = matter.library.reach[chosen.instrument]
    if not others:
        rules = opening(matter.library, chosen.instrument, matter.facts.measure)
        opened = next(rule for rule in rules if for_any_offence(rule, matter.seen(chosen.instrument)) == YES)
        text = opened.reading[matter.language]
        return (Finding(str(opened.citation), YES, text, {"id": "only_basis"}),)
    named = names_the_offence(matter, chosen.instrument)
    found = [_named(matter, reach)] if named else []
    if any(names_the_offence(matter, other.instrument) == named for other in others):
        text = reach.goes_first.get(matter.language) or sense(matter.library, reach.column, matter.language)
        found.append(Finding(str(reach.column), YES, text, {"id": "goes_first"}))
    return tuple(found)


def _named(matter: Matter, reach: Reach) -> Finding:
    """The provision that describes the offence."""
    for case in matter.seen(reach.instrument):
        named = case.named
        offence = reach.offence(named) if isinstance(named, Citation) else None
        if offence and answer("offence_of_the_instrument", case) == YES:
            text = offence.names[matter.language]
            return Finding(str(offence.citation), YES, text, {"id": "names_the_offence"})
    message = f"{reach.instrument} names none of the offences"
    raise LookupError(message)


def displacement(matter: Matter, reach: Reach, displaced: Answer) -> Reasons:
    """Why another treaty's provisions govern the procedure, or why that cannot be decided."""
    if reach.precedence is None:
        return ()
    cite = reach.precedence.citation
    text = sense(matter.library, cite, matter.language)
    return (Finding(str(cite), displaced, text, {"id": "other_treaty_governs_procedure"}),)
