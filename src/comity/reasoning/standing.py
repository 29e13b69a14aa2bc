"""Is an instrument in force, and are both States bound by it, as of a day.

A “what if” of the facts goes before the node's own data, instrument by instrument. The days
of entry into force and of leaving are counted by the treaty's own rule, which is data.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from comity.reasoning.facts import UNKNOWN, Facts, StatedStatus, StatedTreaty, Unknown
from comity.reasoning.knowledge import NO, YES, Answer, Missing
from comity.reasoning.opinion import Finding
from comity.reasoning.senses import sense
from comity.terms import Citation
from comity.treaties import Library, Reach, StatusTable
from comity.treaties.calendar import reached


def standing(facts: Facts, library: Library, reach: Reach, as_of: date, language: str) -> tuple[Finding, ...]:
    """Findings on the treaty's entry into force and on each State; cited by its final clauses."""
    stated = facts.status.get(reach.instrument)
    if stated is None:
        return _by_the_data(facts.states, library, reach.instrument, as_of, language)
    return _findings(facts.states, library, reach, stated, as_of, language)


@lru_cache(maxsize=4096)
def _by_the_data(
    states: tuple[str, str], library: Library, instrument: str, as_of: date, language: str
) -> tuple[Finding, ...]:
    """What the library's own data tell: the same for all questions on two States and a day."""
    return _findings(states, library, library.reach[instrument], None, as_of, language)


def _findings(
    states: tuple[str, str],
    library: Library,
    reach: Reach,
    stated: StatedTreaty | None,
    as_of: date,
    language: str,
) -> tuple[Finding, ...]:
    table = library.instrument(reach.instrument).status
    entry = table.rules.entry

    def finding(answer: Answer, citation: Citation, **details: str) -> Finding:
        return Finding(str(citation), answer, sense(library, citation, language), details)

    outsiders = [state for state in states if reach.parties and state not in reach.parties]
    if outsiders:
        return tuple(finding(NO, entry.citation, state=state) for state in outsiders)
    force = _in_force(table, stated, as_of)
    ended = stated is None and table.in_force.until is not None and as_of >= table.in_force.until
    found = [finding(force, _leaving(table) if ended else entry.citation)]
    for state in states:
        given = stated.states.get(state) if stated else None
        answer, citation = _bound(library, table, stated, given, state, as_of)
        # A closed treaty binds both from its entry into force until one of them leaves.
        implied = reach.parties and given is None and (answer != NO or citation != _leaving(table))
        if not implied:
            found.append(finding(answer, citation, state=state))
    return tuple(found)


def _in_force(table: StatusTable, stated: StatedTreaty | None, as_of: date) -> Answer:
    path = Missing.of(f"status.{table.instrument}.in_force_since")
    if stated is None:
        known = table.in_force.as_of(as_of)
        return Answer.of(path if known is None else known)
    since = _since(table, stated)
    return Answer.of(path if isinstance(since, Unknown) else since is not None and since <= as_of)


def _since(table: StatusTable, stated: StatedTreaty) -> date | Unknown | None:
    """The day of entry into force as stated, else counted where enough deposits are stated."""
    if not isinstance(stated.in_force_since, Unknown):
        return stated.in_force_since
    deposits = (
        given.deposited
        for state, given in stated.states.items()
        if table.rules.not_counted is None or state not in table.organisations
    )
    return table.rules.entry.general(day for day in deposits if day is not None) or UNKNOWN


def _bound(
    library: Library,
    table: StatusTable,
    stated: StatedTreaty | None,
    given: StatedStatus | None,
    state: str,
    as_of: date,
) -> tuple[Answer, Citation]:
    """Whether one State is bound, and the clause that says so."""
    joining = table.rules.entry.later_citation or table.rules.entry.citation
    if stated is None:
        return _by_own_data(library, table, state, as_of)
    if given is None:
        return Answer.of(Missing.of(f"status.{table.instrument}.{state}")), joining
    if given.deposited is not None:
        return _by_deposit(table, stated, given.deposited, as_of), joining
    if given.status == "denounced":
        return _after_notice(table, given.since, state, as_of), _leaving(table)
    if given.status != "party":
        return NO, joining
    if given.since is None:
        return Answer.of(Missing.of(f"status.{table.instrument}.{state}.since")), joining
    return Answer.of(given.since <= as_of), joining


def _by_own_data(library: Library, table: StatusTable, state: str, as_of: date) -> tuple[Answer, Citation]:
    """The node's data; what no source settles stays open."""
    known = library.status(table.instrument, state, as_of)
    citation = known.citation or table.rules.entry.later_citation or table.rules.entry.citation
    if known.status == "party":
        return YES, citation
    if known.status == "denounced" or (known.settled and known.status != "unknown"):
        return NO, citation
    return Answer.of(Missing.of(f"status.{table.instrument}.{state}")), citation


def _by_deposit(table: StatusTable, stated: StatedTreaty, deposited: date, as_of: date) -> Answer:
    """Entry into force for a State, counted from its deposit by the treaty's own rule."""
    earliest = (
        reached(deposited, table.rules.entry.later_after) if table.rules.entry.later_after else deposited
    )
    since = _since(table, stated)
    if earliest > as_of or since is None:
        return NO
    if isinstance(since, Unknown):
        return Answer.of(Missing.of(f"status.{table.instrument}.in_force_since"))
    return Answer.of(table.rules.entry.for_state(deposited, since) <= as_of)


def _after_notice(table: StatusTable, notice: date | None, state: str, as_of: date) -> Answer:
    """A State that gave notice stays bound until the notice takes effect."""
    if notice is None or as_of < notice:
        return Answer.of(Missing.of(f"status.{table.instrument}.{state}"))
    return Answer.of(table.rules.leaving is None or as_of < table.rules.leaving.effect(notice))


def _leaving(table: StatusTable) -> Citation:
    return table.rules.leaving.citation if table.rules.leaving else table.rules.entry.citation
