"""The facts of a case as the engine knows them. An absent fact is unknown and stays so.

``None`` means unknown, except where a field is typed with ``Unknown``: there ``None`` is
the known absence that the facts file writes as ``null``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

from comity.terms import Citation


class Unknown(Enum):
    """A fact that was not given, where “known to be none” is a different thing."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN

SUSPECTED_GROUNDS = (
    "bank_secrecy",
    "dual_criminality",
    "fiscal",
    "nationality",
    "persecution",
    "political_offence",
)
PURPOSES = ("enforcement", "prosecution")


@dataclass(frozen=True, slots=True)
class Offence:
    """One offence of the case; ``max_penalty_years`` is deprivation of liberty in the requesting State.

    ``elements``: which of the elements that a treaty lets a State require were there.
    """

    path: str
    id: Citation | Unknown | None = UNKNOWN
    kind: Citation | None = None
    predicate: Citation | Unknown | None = UNKNOWN
    description: str | None = None
    max_penalty_years: float | None = None
    by_ict: bool | None = None
    criminal_in: Mapping[str, bool] = field(default_factory=dict)
    elements: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StatedStatus:
    """What the facts say of one State under one instrument.

    ``deposited`` is the day of its instrument (or notification); otherwise ``status`` with
    the day ``since`` when it has held (for ``denounced``: when the notice was received).
    """

    status: str | None = None
    since: date | None = None
    deposited: date | None = None


@dataclass(frozen=True, slots=True)
class StatedTreaty:
    """A “what if” on one instrument, for this opinion alone."""

    in_force_since: date | Unknown | None = UNKNOWN
    states: Mapping[str, StatedStatus] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Person:
    """The person sought or concerned."""

    national_of: str | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """The property sought."""

    proceeds_of: Citation | None = None
    final_judgment: bool | None = None
    confiscated_under: Citation | None = None
    public_funds: bool | None = None


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a State has declared: the languages it accepts (ISO 639), and its other declarations by name."""

    languages: tuple[str, ...] | None = None
    said: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the engine may rest a finding on.

    ``circumstances``: plain facts by the words of ``law/vocabulary/circumstances``. ``events``: the day on
    which a clock started, by the words of ``clock_starts``.
    """

    requesting_state: str
    requested_state: str
    measure: str
    offences: tuple[Offence, ...]
    as_of: date | None = None
    data_kinds: tuple[str, ...] | None = None
    electronic_evidence: bool | None = None
    urgent: bool | None = None
    emergency: bool | None = None
    coercive: bool | None = None
    agreements: Mapping[str, bool] = field(default_factory=dict)
    circumstances: Mapping[str, bool] = field(default_factory=dict)
    events: Mapping[str, date] = field(default_factory=dict)
    status: Mapping[str, StatedTreaty] = field(default_factory=dict)
    person: Person = Person()
    property_sought: Property = Property()
    suspected_grounds: tuple[str, ...] = ()
    assessment: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    declaration: Mapping[str, Declaration] = field(default_factory=dict)

    @property
    def states(self) -> tuple[str, str]:
        """The requesting and the requested State, in this order."""
        return (self.requesting_state, self.requested_state)
