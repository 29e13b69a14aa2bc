"""Facts in, opinion out: which basis, which procedure, and what the governing rules say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from comity.reasoning.basis import basis_of, own_offence
from comity.reasoning.errors import DateMissingError
from comity.reasoning.facts import Facts
from comity.reasoning.gathering import Gathering
from comity.reasoning.knowledge import NO, Answer, all_of, any_of
from comity.reasoning.opinion import Basis, Opinion
from comity.reasoning.rules import cases, conditions, governing
from comity.terms import Outcome
from comity.treaties import Library, Reach


def advise(facts: Facts, library: Library, as_of: date | None = None, language: str = "en") -> Opinion:
    """Give an opinion as of a day (``as_of`` goes before the facts' own); DateMissingError without one."""
    day = as_of or facts.as_of
    if day is None:
        raise DateMissingError()
    bases = tuple(basis_of(facts, library, library.reach[i], day, language) for i in sorted(library.reach))
    recommended = _recommended(facts, library, bases)
    if recommended is None:
        return Opinion(day, bases, None, None, None, {})
    return opinion_under(recommended, facts, library, bases, day, language)


def opinion_under(
    instrument: str, facts: Facts, library: Library, bases: tuple[Basis, ...], as_of: date, language: str
) -> Opinion:
    """What follows when the request rests on this instrument."""
    reach = library.reach[instrument]
    others = [
        basis
        for basis in bases
        if basis.instrument != instrument and library.reach[basis.instrument].mutual_assistance_treaty
    ]
    displaced = _displaced(facts, library, reach, others)
    findings = Gathering(facts, library, language)
    findings.add(reach, displaced)
    procedure: str | None = instrument
    if displaced.outcome is Outcome.APPLIES:
        procedure = next(basis.instrument for basis in others if basis.outcome is Outcome.APPLIES)
        findings.add(library.reach[procedure], NO)
    elif displaced.outcome is Outcome.UNDETERMINED:
        procedure = None
    unread = _unread(facts, library, reach)
    return Opinion(as_of, bases, instrument, procedure, findings.addressee, findings.lists(), unread)


def _unread(facts: Facts, library: Library, reach: Reach) -> tuple[str, ...]:
    """The provisions for the measure whose article carries no rule yet."""
    read = {article.citation.eid for article in library.instrument(reach.instrument).articles}
    cell = reach.measures.get(facts.measure)
    return tuple(str(cite) for cite in cell.basis if cite.eid.partition("__")[0] not in read) if cell else ()


def _recommended(facts: Facts, library: Library, bases: tuple[Basis, ...]) -> str | None:
    """Among the instruments that apply: one whose catalogue names the offence, then the order of the data."""

    def place(instrument: str) -> tuple[bool, int]:
        reach = library.reach[instrument]
        return own_offence(facts, reach).outcome is not Outcome.APPLIES, reach.priority

    applying = [basis.instrument for basis in bases if basis.outcome is Outcome.APPLIES]
    return min(applying, key=place, default=None)


def _displaced(facts: Facts, library: Library, reach: Reach, others: Iterable[Basis]) -> Answer:
    """Whether another treaty's provisions take the place of the instrument's own paragraphs."""
    own = reach.precedence
    if own is None or not any(
        own.displaces(rule.place.eid) for rule in governing(library, reach, facts.measure)
    ):
        return NO
    kept = any_of(conditions(own.unless, (), case) for case in cases(facts, reach))
    return all_of([any_of(basis.answer for basis in others), ~kept])
