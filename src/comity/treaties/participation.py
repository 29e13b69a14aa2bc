"""How States take part in an instrument, by its own final clauses: all of it data of ``instrument.toml``.

Signature and its period, consent, entry into force, what an organisation's instrument counts, which
reservations and declarations the treaty provides for, leaving, amendments. Every rule cites its clause.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from comity.terms import Citation
from comity.treaties.calendar import reached
from comity.treaties.mistakes import KeyMissingError
from comity.treaties.toml import Table

# Acts by which a State consents to be bound (or tells that its own procedures are completed).
CONSENTS = ("ratification", "acceptance", "approval", "accession", "succession", "notification")
# The tables of instrument.toml that this file reads.
TABLES = (
    "signature",
    "consent",
    "entry_into_force",
    "organisations",
    "reservation",
    "declaration",
    "leaving",
    "amendment",
    "duration",
)


@dataclass(frozen=True, slots=True)
class Signature:
    """When the instrument is open for signature; ``organisations``: the clause on theirs."""

    citation: Citation
    opens: date | None
    closes: date | None
    organisations: Citation | None

    def open(self, day: date) -> bool:
        """Whether it can be signed on that day; both of its days are inside."""
        return (self.opens is None or day >= self.opens) and (self.closes is None or day <= self.closes)


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
        return reached(days[self.instruments - 1], self.after) if len(days) >= self.instruments else None

    def for_state(self, consented: date, in_force_since: date) -> date:
        """The day on which the instrument binds a State that consented on ``consented``."""
        if self.later_after is None:
            return in_force_since
        return max(in_force_since, reached(consented, self.later_after))

    def clause(self, bound: date, in_force_since: date) -> Citation:
        """The clause by which a State is bound from ``bound``: with the treaty itself, or later."""
        return self.citation if bound == in_force_since else self.later_citation or self.citation


@dataclass(frozen=True, slots=True)
class Leaving:
    """How a State leaves: ``after`` the day on which the depositary (or the other Party) received its notice.

    ``ends_treaty``: one notice ends it for all, as between two Parties. ``organisations``: the clause by
    which an organisation ceases to be a Party when all of its members have left. ``condition``: what must
    be settled first.
    """

    citation: Citation
    after: str
    ends_treaty: bool = False
    organisations: Citation | None = None
    condition: Mapping[str, str] | None = None

    def effect(self, notice: date, named: date | None = None) -> date:
        """The day from which a State that gave notice is no longer bound; a later day that it names goes."""
        earliest = reached(notice, self.after)
        return max(earliest, named) if named else earliest


@dataclass(frozen=True, slots=True)
class AmendmentRule:
    """Amendments: ``consent`` they need, ``citation`` on their force, ``binds`` on whom they bind.

    ``after``: each State is bound that long after its own consent. None: an amendment enters into force
    as the treaty itself did.
    """

    citation: Citation
    consent: Citation
    binds: Citation
    after: str | None


@dataclass(frozen=True, slots=True)
class Permission:
    """A reservation or declaration that the treaty provides for.

    ``citation`` permits it, ``on`` is what it concerns, ``withdrawal`` the clause on taking it back,
    ``mutual`` the clause by which others are not bound towards the State that made it. ``made_with``: the
    acts (signature, consent) with which alone it can be made; empty where the treaty names no time.
    """

    kind: str
    id: str
    citation: Citation
    text: Mapping[str, str]
    on: tuple[Citation, ...] = ()
    withdrawal: Citation | None = None
    mutual: Citation | None = None
    made_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Participation:
    """The final clauses of one instrument, as far as code counts by them.

    ``not_counted``: the clause by which an organisation's instrument adds nothing to its members'; None
    where the treaty knows no organisations.
    """

    entry: EntryIntoForce
    consents: Mapping[str, Citation]
    signature: Signature | None = None
    leaving: Leaving | None = None
    amendment: AmendmentRule | None = None
    not_counted: Citation | None = None
    permissions: tuple[Permission, ...] = ()
    duration: Citation | None = None

    def consent(self, form: str) -> Citation | None:
        """The clause that provides for consent in that form."""
        return self.consents.get(form)

    def permission(self, kind: str, name: str) -> Permission | None:
        """The reservation or declaration of that id; an objection is to a reservation."""
        kind = "reservation" if kind == "objection" else kind
        return next((one for one in self.permissions if (one.kind, one.id) == (kind, name)), None)

    def citations(self) -> tuple[Citation, ...]:
        """Every clause that these rules cite."""
        cited: list[Citation | None] = [self.entry.citation, self.entry.later_citation, self.duration]
        if self.signature:
            cited += [self.signature.citation, self.signature.organisations]
        if self.leaving:
            cited += [self.leaving.citation, self.leaving.organisations]
        if self.amendment:
            cited += [self.amendment.citation, self.amendment.consent, self.amendment.binds]
        for one in self.permissions:
            cited += [one.citation, *one.on, one.withdrawal, one.mutual]
        return tuple(one for one in (*cited, *self.consents.values(), self.not_counted) if one)

    def provided(self) -> tuple[Citation, ...]:
        """The clauses on signature and consent, each once."""
        signature = (self.signature.citation,) if self.signature else ()
        return tuple(dict.fromkeys((*signature, *self.consents.values())))


def read_participation(table: Table, instrument: str) -> Participation:
    """The final clauses in ``instrument.toml``; raise LawDataUnreadableError naming the table."""
    organisations, duration = table.table("organisations"), table.table("duration")
    for known, cell in (("not_counted", organisations), ("eid", duration)):
        if cell is not None:
            cell.only(known)
    return Participation(
        entry=_entry(table, instrument),
        consents={form: eid for cell in table.tables("consent") for form, eid in _consents(cell, instrument)},
        signature=_signature(table.table("signature"), instrument),
        leaving=_leaving(table.table("leaving"), instrument),
        amendment=_amendment(table.table("amendment"), instrument),
        not_counted=organisations.cited("not_counted", instrument) if organisations else None,
        permissions=tuple(
            _permission(cell, kind, instrument)
            for kind in ("reservation", "declaration")
            for cell in table.tables(kind)
        ),
        duration=duration.cited("eid", instrument) if duration else None,
    )


def _consents(table: Table, instrument: str) -> Iterable[tuple[str, Citation]]:
    table.only("forms", "eid")
    for number, form in enumerate(table.words("forms")):
        yield (
            table.one_of(form, CONSENTS, "the forms of consent", "forms", number),
            table.cite("eid", instrument),
        )


def _needed_duration(table: Table, key: str) -> str:
    """One that must be there; no delay while mistakes are collected and it is wrong."""
    if key not in table:
        table.wrong(KeyMissingError, key=key)
    return table.duration(key) or "P0D"


def _entry(table: Table, instrument: str) -> EntryIntoForce:
    force = table.needed_table("entry_into_force")
    force.only("eid", "later_eid", "instruments", "after", "later_after")
    return EntryIntoForce(
        citation=force.cite("eid", instrument),
        later_citation=force.cited("later_eid", instrument),
        instruments=force.need("instruments", int) or 1,
        after=_needed_duration(force, "after"),
        later_after=force.duration("later_after"),
    )


def _signature(table: Table | None, instrument: str) -> Signature | None:
    if table is None:
        return None
    table.only("eid", "opens", "closes", "organisations_eid")
    return Signature(
        citation=table.cite("eid", instrument),
        opens=table.take("opens", date),
        closes=table.take("closes", date),
        organisations=table.cited("organisations_eid", instrument),
    )


def _leaving(table: Table | None, instrument: str) -> Leaving | None:
    if table is None:
        return None
    table.only("eid", "after", "ends_treaty", "organisations_eid", "condition")
    return Leaving(
        citation=table.cite("eid", instrument),
        after=_needed_duration(table, "after"),
        ends_treaty=bool(table.take("ends_treaty", bool)),
        organisations=table.cited("organisations_eid", instrument),
        condition=table.texts("condition") or None,
    )


def _amendment(table: Table | None, instrument: str) -> AmendmentRule | None:
    if table is None:
        return None
    table.only("eid", "consent_eid", "binds_eid", "after")
    return AmendmentRule(
        citation=table.cite("eid", instrument),
        consent=table.cite("consent_eid", instrument),
        binds=table.cite("binds_eid", instrument),
        after=table.duration("after"),
    )


def _permission(table: Table, kind: str, instrument: str) -> Permission:
    table.only("id", "eid", "on", "withdrawal_eid", "mutual_eid", "made_with", "text")
    made_with = table.words("made_with")
    for number, act in enumerate(made_with):
        table.one_of(act, ("signature", "consent"), "the acts it can be made with", "made_with", number)
    return Permission(
        kind=kind,
        id=table.need("id", str),
        citation=table.cite("eid", instrument),
        text=table.texts("text"),
        on=table.cites("on", instrument),
        withdrawal=table.cited("withdrawal_eid", instrument),
        mutual=table.cited("mutual_eid", instrument),
        made_with=made_with,
    )
