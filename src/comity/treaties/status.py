"""Who is bound by an instrument as of a date: acts with their sources, and the treaty's own rule as data.

What no source proves stays unknown: a fact holds as of its source's date, never as of today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from comity.terms import Citation
from comity.treaties.calendar import later
from comity.treaties.sources import Source, read_sources
from comity.treaties.toml import Table, read_toml

# Acts by which a State consents to be bound (or tells that its own procedures are completed).
CONSENTS = ("ratification", "acceptance", "approval", "accession", "succession", "notification")
ACTS = ("signature", "domestic_approval", *CONSENTS, "denunciation", "absence")


@dataclass(frozen=True, slots=True)
class Act:
    """What a State did (or, for ``absence``, that a source's table did not list it on that day).

    ``domestic_approval`` (a decree, a law on ratification) binds nobody abroad and decides no status.

    ``mark``: D the depositary's own page, DS a machine copy of it, O another source,
    C computed from other facts. ``on`` is None where no source gives the day.
    """

    state: str
    what: str
    on: date | None
    mark: str
    source: str
    note: str | None


@dataclass(frozen=True, slots=True)
class EntryIntoForce:
    """How an instrument enters into force: on the ``instruments``-th consent plus ``after``.

    For a State that consents later, its own consent plus ``later_after``, never before the
    instrument itself; None where the instrument knows no later States.
    """

    citation: Citation
    later_citation: Citation | None
    instruments: int
    after: str
    later_after: str | None

    def general(self, consents: Iterable[date]) -> date | None:
        """The day of entry into force that these consents bring about; None while they are too few."""
        days = sorted(consents)
        return later(days[self.instruments - 1], self.after) if len(days) >= self.instruments else None

    def for_state(self, consented: date, in_force_since: date) -> date:
        """The day on which the instrument binds a State that consented on ``consented``."""
        if self.later_after is None:
            return in_force_since
        return max(in_force_since, later(consented, self.later_after))


@dataclass(frozen=True, slots=True)
class Leaving:
    """How a State leaves: ``after`` the day on which the depositary received its notice."""

    citation: Citation
    after: str

    def effect(self, notice: date) -> date:
        """The day from which a State that gave notice is no longer bound."""
        return later(notice, self.after)


@dataclass(frozen=True, slots=True)
class InForce:
    """What is known of an instrument's own entry into force.

    ``since`` with a day; or ``not_until``: a source of that day still shows it not in force.
    Both None: unknown.
    """

    since: date | None
    not_until: date | None
    source: str | None
    mark: str | None

    def as_of(self, day: date) -> bool | None:
        """Whether the instrument is in force on ``day``; None where no source tells."""
        if self.since is not None:
            return day >= self.since
        return False if self.not_until is not None and day <= self.not_until else None


@dataclass(frozen=True, slots=True)
class StateStatus:
    """A State's status on a day: a word of ``treaty_statuses``, or ``unknown``.

    ``since`` is the day from which it has held (for ``denounced``, of its effect). ``settled``
    is False where a later act could have changed it without our sources knowing (a signatory
    may have ratified since): it then says what is proved, not that nothing more has happened.
    A party stays one until a notice of denunciation is known.
    """

    instrument: str
    state: str
    as_of: date
    status: str
    since: date | None = None
    settled: bool = False
    acts: tuple[Act, ...] = ()
    citation: Citation | None = None


@dataclass(frozen=True, slots=True)
class StatusTable:
    """All status data of one instrument; ``known_until`` is the day of its latest complete source."""

    instrument: str
    entry: EntryIntoForce
    leaving: Leaving | None
    in_force: InForce
    known_until: date | None
    sources: Mapping[str, Source]
    acts: tuple[Act, ...]

    def states(self) -> tuple[str, ...]:
        """The States of which something is known, by code."""
        return tuple(sorted({act.state for act in self.acts}))

    def of(self, state: str, as_of: date) -> StateStatus:
        """The status of a State on a day; acts after that day count for nothing."""
        known = tuple(act for act in self.acts if act.state == state)
        acts = tuple(act for act in known if act.on is None or act.on <= as_of)
        consent = _last(acts, *CONSENTS)
        if consent is not None and consent.on is not None:
            return self._consented(state, as_of, acts, consent.on)
        settled = self.known_until is not None and as_of <= self.known_until
        signature = _last(acts, "signature")
        if consent is None and signature is not None:
            return StateStatus(self.instrument, state, as_of, "signatory", signature.on, settled, acts)
        if consent is None and _not_yet(known, as_of):
            return StateStatus(self.instrument, state, as_of, "none", None, True, acts)
        return StateStatus(self.instrument, state, as_of, "unknown", None, False, acts)

    def _consented(self, state: str, as_of: date, acts: tuple[Act, ...], consented: date) -> StateStatus:
        left = self._left(acts, consented)
        if left is not None and self.leaving is not None and left <= as_of:
            where = self.leaving.citation
            return StateStatus(self.instrument, state, as_of, "denounced", left, True, acts, where)
        since = self.in_force.since
        bound = self.entry.for_state(consented, since) if since is not None else None
        where = self.entry.citation if bound == since else self.entry.later_citation or self.entry.citation
        if bound is not None and bound <= as_of:
            return StateStatus(self.instrument, state, as_of, "party", bound, True, acts, where)
        sure = bound is not None or self.in_force.as_of(as_of) is False
        return StateStatus(self.instrument, state, as_of, "notified", consented, sure, acts, where)

    def _left(self, acts: tuple[Act, ...], consented: date) -> date | None:
        """The day from which a notice given after the last consent takes effect."""
        notice = _last(acts, "denunciation")
        if notice is None or notice.on is None or notice.on < consented or self.leaving is None:
            return None
        return self.leaving.effect(notice.on)


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


def read_status(path: Path, instrument: str, entry: EntryIntoForce, leaving: Leaving | None) -> StatusTable:
    """Read ``law/<instrument>/status.toml``; refuse an act whose source is not listed."""
    table = read_toml(path)
    table.only("instrument", "known_until", "in_force", "source", "act")
    if table.need("instrument", str) != instrument:
        table.refuse(f"belongs to another instrument than {instrument}")
    sources = read_sources(table)
    acts = tuple(_act(one, sources) for one in table.tables("act"))
    force = table.table("in_force")
    return StatusTable(
        instrument=instrument,
        entry=entry,
        leaving=leaving,
        in_force=_in_force(force, sources) if force else InForce(None, None, None, None),
        known_until=table.take("known_until", date),
        sources=sources,
        acts=acts,
    )


def _act(table: Table, sources: Mapping[str, Source]) -> Act:
    table.only("state", "what", "on", "mark", "source", "note")
    what, source = table.need("what", str), table.need("source", str)
    if what not in ACTS:
        table.refuse(f"is no act: “{what}”")
    if source not in sources:
        table.refuse(f"names the source “{source}”, which is not listed")
    if what == "absence" and table.take("on", date) is None:
        table.refuse("is an absence without a day")
    mark, note = table.need("mark", str), table.take("note", str)
    return Act(table.need("state", str), what, table.take("on", date), mark, source, note)


def _in_force(table: Table, sources: Mapping[str, Source]) -> InForce:
    table.only("since", "not_until", "source", "mark")
    if table.need("source", str) not in sources:
        table.refuse("names a source that is not listed")
    known = [table.take(key, date) for key in ("since", "not_until")]
    return InForce(known[0], known[1], table.take("source", str), table.take("mark", str))
