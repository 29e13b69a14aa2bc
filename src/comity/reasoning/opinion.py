"""The opinion: cited findings on one case, in the JSON shape of the public contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from comity.reasoning.knowledge import Answer
from comity.terms import Outcome


@dataclass(frozen=True, slots=True)
class Finding:
    """What one provision says of the case. ``details`` are the further keys of its list."""

    cite: str
    answer: Answer
    text: str
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def outcome(self) -> Outcome:
        """Whether the provision applies to the case."""
        return self.answer.outcome

    def as_dict(self) -> dict[str, Any]:
        """Details first, then outcome, citation, reading and what is missing."""
        answer = self.answer
        shape = {**self.details, "cite": self.cite, "outcome": answer.outcome.value, "text": self.text}
        if answer.missing:
            shape["missing"] = list(answer.missing)
        return shape


@dataclass(frozen=True, slots=True)
class Basis:
    """Whether an instrument is a basis for the measure, and why.

    ``answer`` is what all findings come to and what the rest of the opinion builds on. ``binding`` answers
    whether the instrument binds both States at all.
    """

    instrument: str
    answer: Answer
    findings: tuple[Finding, ...]
    binding: Answer
    provides: bool = True

    @property
    def told(self) -> Answer:
        """What the opinion says of the instrument as a whole.

        Of a treaty that does not provide for the measure nothing more is said than whether it binds, while
        that is unknown: it may still carry other assistance, as the findings then show.
        """
        unknown = self.binding.outcome is Outcome.UNDETERMINED
        return self.binding if unknown and not self.provides else self.answer

    @property
    def outcome(self) -> Outcome:
        """The outcome that the opinion tells."""
        return self.told.outcome

    def as_dict(self) -> dict[str, Any]:
        """The shape of an entry of ``bases``."""
        shape: dict[str, Any] = {"instrument": self.instrument, "outcome": self.outcome.value}
        if self.told.missing:
            shape["missing"] = list(self.told.missing)
        return shape | {"findings": [finding.as_dict() for finding in self.findings]}


LISTS = (
    "reasons",
    "scope",
    "channels",
    "languages",
    "contents",
    "clocks",
    "grounds",
    "barred_grounds",
    "suspected_grounds",
    "duties",
    "forms",
    "limits",
    "rights",
    "powers",
    "records",
    "status",
    "dual_criminality",
)


@dataclass(frozen=True, slots=True)
class Opinion:
    """The whole opinion. ``lists`` holds the findings by the name of their list in the contract.

    ``unread`` cites the provisions for the measure on whose article no rule is written yet: of
    these the opinion says nothing, and silence there is not an answer.
    """

    as_of: date
    bases: tuple[Basis, ...]
    recommended: str | None
    procedure: str | None
    addressee: Finding | None
    lists: Mapping[str, tuple[Finding, ...]]
    unread: tuple[str, ...] = ()

    def because(self, reasons: tuple[Finding, ...]) -> Opinion:
        """The same opinion with the reasons why its instrument is recommended, first in their list."""
        lists = {**self.lists, "reasons": (*reasons, *self.lists.get("reasons", ()))}
        return replace(self, lists=lists)

    def basis(self, instrument: str) -> Basis:
        """The basis under one instrument; KeyError if the library has no such instrument."""
        return next(basis for basis in self.bases if basis.instrument == instrument)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready, keys in the order of the contract."""
        return {
            "as_of": self.as_of.isoformat(),
            "bases": [basis.as_dict() for basis in self.bases],
            "recommended": self.recommended,
            "procedure": self.procedure,
            "addressee": self.addressee.as_dict() if self.addressee else None,
            **{name: [finding.as_dict() for finding in self.lists.get(name, ())] for name in LISTS},
            "unread": list(self.unread),
        }
