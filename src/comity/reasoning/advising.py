"""Facts in, opinion out: which basis, which procedure, and what the governing rules say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from comity.reasoning.basis import basis_of
from comity.reasoning.dual_criminality import dual_criminality
from comity.reasoning.errors import DateMissingError
from comity.reasoning.facts import Facts
from comity.reasoning.gathering import Gathering
from comity.reasoning.knowledge import NO, Answer, all_of, any_of
from comity.reasoning.matter import Matter
from comity.reasoning.opinion import Basis, Opinion
from comity.reasoning.reasons import displacement, recommend
from comity.reasoning.rules import conditions, giving_way
from comity.terms import Outcome
from comity.treaties import Library, Reach


def advise(facts: Facts, library: Library, as_of: date | None = None, language: str = "en") -> Opinion:
    """Give an opinion as of a day (``as_of`` goes before the facts' own); DateMissingError without one."""
    day = as_of or facts.as_of
    if day is None:
        raise DateMissingError()
    matter = Matter(facts, library, day, language)
    bases = tuple(basis_of(matter, library.reach[i]) for i in sorted(library.reach))
    recommended, reasons = recommend(matter, bases)
    if recommended is None:
        return Opinion(day, bases, None, None, None, {})
    opinion = opinion_under(recommended, matter, bases)
    return opinion.because(reasons)


def opinion_under(instrument: str, matter: Matter, bases: tuple[Basis, ...]) -> Opinion:
    """What follows when the request rests on this instrument."""
    library = matter.library
    reach = library.reach[instrument]
    others = [
        basis
        for basis in bases
        if basis.instrument != instrument and library.reach[basis.instrument].mutual_assistance_treaty
    ]
    displaced = _displaced(matter, reach, others)
    findings = Gathering(matter)
    findings.add(reach, displaced)
    procedure: str | None = instrument
    if displaced.outcome is Outcome.APPLIES:
        procedure = next(basis.instrument for basis in others if basis.outcome is Outcome.APPLIES)
        findings.add(library.reach[procedure], NO)
    elif displaced.outcome is Outcome.UNDETERMINED:
        procedure = None
    lists = findings.lists() | {"dual_criminality": dual_criminality(matter, reach)}
    if displaced != NO:
        lists["reasons"] = displacement(matter, reach, displaced)
    unread = _unread(library, instrument, matter.facts.measure)
    return Opinion(matter.day, bases, instrument, procedure, findings.addressee, lists, unread)


@lru_cache(maxsize=1024)
def _unread(library: Library, instrument: str, measure: str) -> tuple[str, ...]:
    """The provisions for the measure whose article carries no rule yet."""
    articles = library.instrument(instrument).articles
    read = {article.citation.eid for article in articles if article.rules}
    cell = library.reach[instrument].measures.get(measure)
    return tuple(str(cite) for cite in cell.basis if cite.eid.partition("__")[0] not in read) if cell else ()


def _displaced(matter: Matter, reach: Reach, others: Iterable[Basis]) -> Answer:
    """Whether another treaty's provisions take the place of the instrument's own paragraphs."""
    own = reach.precedence
    if own is None or not giving_way(matter.library, reach.instrument, matter.facts.measure):
        return NO
    kept = any_of(conditions(own.unless, (), case) for case in matter.seen(reach.instrument))
    return all_of([any_of(basis.answer for basis in others), ~kept])
