"""Who is bound by an instrument as of a date: acts with their sources, and the treaty's own rule as data.

What no source proves stays unknown: a fact holds as of its source's date, never as of today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from comity.terms import Citation
from comity.treaties.acts import Act, read_act
from comity.treaties.amendments import Amendment, AmendmentStatus, amendments_for, read_amendment
from comity.treaties.force import InForce, counted_in, read_in_force
from comity.treaties.organisations import Organisation
from comity.treaties.participation import CONSENTS, Participation
from comity.treaties.sources import Source, read_sources
from comity.treaties.statements import Statement, statements
from comity.treaties.toml import read_toml


@dataclass(frozen=True, slots=True)
class StateStatus:
    """A State's status on a day: a word of ``treaty_statuses``, or ``unknown``.

    ``since`` is the day from which it has held (for ``denounced``, of its effect). ``settled``
    is False where a later act could have changed it without our sources knowing (a signatory
    may have ratified since): it then says what is proved, not that nothing more has happened.
    A party stays one until a notice of denunciation is known; ``leaves`` is the day from which
    a notice already received takes effect.

    ``citation``: the clause by which it is bound or no longer so. ``citations``: all clauses on which
    the status rests.
    """

    instrument: str
    state: str
    as_of: date
    status: str
    since: date | None = None
    settled: bool = False
    acts: tuple[Act, ...] = ()
    citation: Citation | None = None
    citations: tuple[Citation, ...] = ()
    leaves: date | None = None


@dataclass(frozen=True)
class StatusTable:
    """All status data of one instrument.

    ``known_until`` is the day of its latest complete source. ``complete_until``: the day up to which every
    consent is listed, so that they can be counted. ``stated``: what sources say of the treaty's own force.
    """

    instrument: str
    rules: Participation
    stated: InForce
    known_until: date | None
    sources: Mapping[str, Source]
    acts: tuple[Act, ...]
    complete_until: date | None = None
    organisations: Mapping[str, Organisation] = field(default_factory=dict)
    amendments: tuple[Amendment, ...] = ()

    @cached_property
    def _on_treaty(self) -> Mapping[str, tuple[Act, ...]]:
        """Each State's acts on the treaty itself, not on an amendment of it."""
        found: dict[str, list[Act]] = {}
        for act in self.acts:
            if act.amendment is None:
                found.setdefault(act.state, []).append(act)
        return {state: tuple(acts) for state, acts in found.items()}

    def states(self) -> tuple[str, ...]:
        """The States of which something is known, by code."""
        return tuple(sorted({act.state for act in self.acts}))

    @cached_property
    def counted(self) -> tuple[date, ...]:
        """The days of the consents that count for entry into force: one a State, none of an organisation.

        An organisation's instrument is not counted in addition to its members', and it can deposit one
        only where a member has.
        """
        first = {
            state: _first(self._main(state), *CONSENTS)
            for state in self.states()
            if self.rules.not_counted is None or state not in self.organisations
        }
        return tuple(sorted(act.on for act in first.values() if act is not None and act.on is not None))

    @cached_property
    def in_force(self) -> InForce:
        """What sources say of the treaty's own force, completed by counting the consents."""
        complete = None if self._undated() else self.complete_until
        found = counted_in(self.stated, self.rules.entry, self.counted, complete)
        return replace(found, until=self._ended())

    def _undated(self) -> bool:
        return any(act.what in CONSENTS and act.on is None and act.amendment is None for act in self.acts)

    def _ended(self) -> date | None:
        """The day from which a notice of one Party has ended the treaty for all, where it does."""
        if self.rules.leaving is None or not self.rules.leaving.ends_treaty:
            return None
        left = [self._left(self._main(state)) for state in self.states()]
        return min((day for day in left if day is not None), default=None)

    def _main(self, state: str) -> tuple[Act, ...]:
        return self._on_treaty.get(state, ())

    def statements(self, state: str, as_of: date) -> tuple[Statement, ...]:
        """What a State has said by a day about how it is bound; what it has withdrawn no longer stands."""
        return tuple(statements(self._main(state), self.rules, as_of))

    def amended(self, state: str, as_of: date) -> tuple[AmendmentStatus, ...]:
        """How the amendments stand for a Party on a day; none for a State that is no Party."""
        if not self.amendments or self.of(state, as_of).status != "party":
            return ()
        return tuple(amendments_for(state, self.amendments, self.acts, self.rules, as_of))

    def of(self, state: str, as_of: date) -> StateStatus:
        """The status of a State on a day; acts after that day count for nothing."""
        known = self._main(state)
        acts = tuple(act for act in known if act.by(as_of))
        consent = _last(acts, *CONSENTS)
        if consent is not None and consent.on is not None:
            found = self._consented(state, as_of, acts, consent, consent.on)
        else:
            found = self._not_consented(state, as_of, known, acts, consent)
        status, since, settled, citation, citations = found
        return StateStatus(
            instrument=self.instrument,
            state=state,
            as_of=as_of,
            status=status,
            since=since,
            settled=settled,
            acts=acts,
            citation=citation,
            citations=tuple(dict.fromkeys(citations)),
            leaves=self._left(acts) if status in ("party", "notified") else None,
        )

    def _not_consented(
        self, state: str, as_of: date, known: tuple[Act, ...], acts: tuple[Act, ...], consent: Act | None
    ) -> _Found:
        complete = self.complete_until is not None and as_of <= self.complete_until
        settled = complete or (self.known_until is not None and as_of <= self.known_until)
        signature, entry = _last(acts, "signature"), self.rules.entry.citation
        if consent is None and signature is not None:
            subject_to = next(iter(self.rules.consents.values()), entry)
            clause = self._signature_clause(state) or entry
            return "signatory", signature.on, settled, None, (clause, subject_to)
        if consent is None and (complete or _not_yet(known, as_of)):
            return "none", None, True, None, self.rules.provided() or (entry,)
        return "unknown", None, False, None, (entry,)

    def _signature_clause(self, state: str) -> Citation | None:
        rule = self.rules.signature
        organisation = state in self.organisations and rule and rule.organisations
        return organisation or (rule.citation if rule else None)

    def _consented(
        self, state: str, as_of: date, acts: tuple[Act, ...], consent: Act, consented: date
    ) -> _Found:
        gone = self._gone(state, acts, as_of)
        if gone is not None:
            return gone
        if consent.what == "succession":
            return self._succeeded(consent, as_of)
        entry, force = self.rules.entry, self.in_force
        start = force.since or force.at_latest
        bound = entry.for_state(consented, start) if start is not None else None
        where = entry.clause(bound, start) if bound and start else entry.later_citation or entry.citation
        by = self.rules.consent(consent.what)
        cited = (by, where) if by else (where,)
        if bound is not None and bound <= as_of:
            exact = force.since is not None or bound != start
            return "party", bound if exact else None, True, where, cited
        sure = (bound is not None and force.at_latest is None) or force.as_of(as_of) is False
        return "notified", consented, sure, where, cited

    def _succeeded(self, consent: Act, as_of: date) -> _Found:
        """A successor State is a Party from the day that its notice names; the treaty has no clause on it."""
        clause = self.rules.entry.citation
        if consent.effect is None or consent.effect <= as_of:
            return "party", consent.effect, True, clause, (clause,)
        return "notified", consent.on, True, clause, (clause,)

    def _left(self, acts: tuple[Act, ...]) -> date | None:
        """The day from which a notice given after the last consent and not taken back has effect."""
        rule, consent, notice = self.rules.leaving, _last(acts, *CONSENTS), _last(acts, "denunciation")
        if rule is None or notice is None or notice.on is None:
            return None
        if consent is not None and consent.on is not None and notice.on < consent.on:
            return None
        left = rule.effect(notice.on, notice.effect)
        withdrawn = any(act.undoes(notice) and (act.on is None or act.on < left) for act in acts)
        return None if withdrawn else left

    def _gone(self, state: str, acts: tuple[Act, ...], as_of: date) -> _Found | None:
        """How and since when a State that consented is no longer a Party; None while it still is one."""
        rule, left, ended = self.rules.leaving, self._left(acts), self.in_force.until
        if rule is None:
            return None
        if left is not None and left <= as_of:
            return "denounced", left, True, rule.citation, (rule.citation,)
        if ended is not None and ended <= as_of:
            return "ceased", ended, True, rule.citation, (rule.citation,)
        if rule.organisations and state in self.organisations:
            return self._without_members(self.organisations[state], as_of, rule.organisations)
        return None

    def _without_members(self, organisation: Organisation, as_of: date, clause: Citation) -> _Found | None:
        """An organisation ceases to be a Party when all of its members that were Parties have left."""
        found = [self.of(member, as_of) for member in sorted(organisation.members(as_of))]
        left = [one.since for one in found if one.status == "denounced" and one.since]
        if not left or any(one.status in ("party", "notified") for one in found):
            return None
        if any(one.status != "denounced" and not one.settled for one in found):
            return "unknown", None, False, clause, (clause,)
        return "ceased", max(left), True, clause, (clause,)


# status, since, settled, the clause on being bound, all clauses
_Found = tuple[str, date | None, bool, Citation | None, tuple[Citation, ...]]


def _not_yet(known: tuple[Act, ...], as_of: date) -> bool:
    """Whether it is proved that the State had done nothing by that day.

    A source's table without its row proves it up to the table's day; so does a first act
    (signature or accession) that came later. A ratification of which the signature is not
    known proves nothing of the time before it.
    """
    if any(act.what == "absence" and act.on is not None and as_of <= act.on for act in known):
        return True
    dated = sorted((act.on, act.what) for act in known if act.on and act.what in ("signature", *CONSENTS))
    undated = any(act.on is None and act.what in ("signature", *CONSENTS) for act in known)
    return bool(dated) and not undated and dated[0][1] in ("signature", "accession") and as_of < dated[0][0]


def _last(acts: Iterable[Act], *kinds: str) -> Act | None:
    """The latest act of these kinds; one without a day counts before all others."""
    found = [act for act in acts if act.what in kinds]
    return max(found, key=lambda act: act.on or date.min) if found else None


def _first(acts: Iterable[Act], *kinds: str) -> Act | None:
    """The earliest dated act of these kinds."""
    found = [act for act in acts if act.what in kinds and act.on is not None]
    return min(found, key=lambda act: act.on or date.max) if found else None


def read_status(
    path: Path, instrument: str, rules: Participation, organisations: Mapping[str, Organisation]
) -> StatusTable:
    """Read ``law/<instrument>/status.toml``; refuse an act that has no source or does not fit."""
    table = read_toml(path)
    table.only("instrument", "known_until", "complete_until", "in_force", "source", "act", "amendment")
    if table.need("instrument", str) != instrument:
        table.refuse(f"belongs to another instrument than {instrument}")
    sources = read_sources(table)
    force = table.table("in_force")
    amendments = tuple(read_amendment(one, sources) for one in table.tables("amendment"))
    acts = tuple(read_act(one, sources, rules) for one in table.tables("act"))
    unknown = {act.amendment for act in acts if act.amendment} - {one.id for one in amendments}
    if unknown:
        table.refuse(f"has acts on an amendment that is not listed: {', '.join(sorted(map(str, unknown)))}")
    return StatusTable(
        instrument=instrument,
        rules=rules,
        stated=read_in_force(force, sources) if force else InForce(None, None, None, None),
        known_until=table.take("known_until", date),
        sources=sources,
        acts=acts,
        complete_until=table.take("complete_until", date),
        organisations=organisations,
        amendments=amendments,
    )
