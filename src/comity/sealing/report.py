"""The report of a verification: numbered steps, what they found, one verdict.

Receives what each step concluded; returns the JSON of the public contract; never judges by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from comity import canonical
from comity.sealing.signed_pdf import SignedPdf
from comity.terms import Verdict, gettext_noop


class TimeSource(StrEnum):
    """Whose time-stamp service gave the time."""

    OWN = "own"
    PEER = "peer"
    INDEPENDENT = "independent"


_OWN_CLOCK = gettext_noop(
    "That the time is right: the clock is that of the authority that sealed, and nobody else confirms it."
)
_PEER_CLOCK = gettext_noop(
    "That the time is right beyond the word of the other authority whose clock stamped it."
)
_LATER_REVOCATION = gettext_noop(
    "That the certificate was not revoked later: the responder's answer speaks until {until}."
)
_PROOF_ENDS = gettext_noop(
    "Any proof after {until}: by then the package has to have been sealed again inside a newer one."
)


class Sentence:
    """One sentence for people: a template that the pages translate, and what fills it."""

    def __init__(self, template: str, **params: Any) -> None:
        self.template = template
        self.params = params

    def __str__(self) -> str:
        return self.template.format_map(self.params)


@dataclass(frozen=True, slots=True)
class Step:
    """What one numbered step concluded; ``code`` is null when it passed."""

    n: int
    id: str
    verdict: Verdict
    code: str | None
    sentence: Sentence

    @property
    def text(self) -> str:
        """The sentence in English."""
        return str(self.sentence)

    def as_dict(self) -> dict[str, Any]:
        """The contract's keys, and the sentence as template and values, for other languages."""
        values = {name: str(value) for name, value in self.sentence.params.items()}
        shown = {"n": self.n, "id": self.id, "verdict": self.verdict, "code": self.code, "text": self.text}
        return shown | {"template": self.sentence.template, "values": values}


class VerifiedFile(NamedTuple):
    """A file whose content was read and hashed: SHA-256 (hex) and size."""

    name: str
    media_type: str | None
    sha256: str
    bytes: int


@dataclass(slots=True)
class Report:
    """The numbered steps and what was learned on the way; complete as far as the steps passed."""

    as_of: datetime
    steps: list[Step] = field(default_factory=list)
    kind: str | None = None
    by: str | None = None
    about: dict[str, Any] | None = None
    own_form: bool = False
    time_source: TimeSource | None = None
    revocation_known_until: datetime | None = None
    proof_ends: datetime | None = None
    """When the time-stamp or an algorithm ends: before that the package has to be sealed again."""
    files: list[VerifiedFile] = field(default_factory=list)
    signatures: list[dict[str, Any]] = field(default_factory=list)
    custody: list[dict[str, Any]] = field(default_factory=list)
    step_up: dict[str, Any] | None = None
    national: bytes | None = None
    signed_pdf: SignedPdf | None = None
    holds: Report | None = None
    """The report on the older container that this one was sealed around."""

    @property
    def verdict(self) -> Verdict:
        """Failed if any step failed, else indeterminate if any step is, else passed."""
        reached = {step.verdict for step in self.steps}
        for verdict in (Verdict.FAILED, Verdict.INDETERMINATE):
            if verdict in reached:
                return verdict
        return Verdict.PASSED if reached else Verdict.INDETERMINATE

    @property
    def codes(self) -> list[str]:
        """The codes of the steps that did not pass."""
        return [step.code for step in self.steps if step.code]

    @property
    def limits(self) -> list[Sentence]:
        """What the verdict does not promise, in words; empty as long as nothing was established."""
        found = []
        if self.time_source is TimeSource.OWN:
            found.append(Sentence(_OWN_CLOCK))
        elif self.time_source is TimeSource.PEER:
            found.append(Sentence(_PEER_CLOCK))
        if self.revocation_known_until is not None:
            until = canonical.instant_text(self.revocation_known_until)
            found.append(Sentence(_LATER_REVOCATION, until=until))
        if self.proof_ends is not None:
            found.append(Sentence(_PROOF_ENDS, until=canonical.instant_text(self.proof_ends)))
        return found

    def as_dict(self) -> dict[str, Any]:
        """The JSON of ``comity verify --json``."""
        known = self.revocation_known_until
        return {
            "verdict": self.verdict,
            "as_of": canonical.instant_text(self.as_of),
            "kind": self.kind,
            "by": self.by,
            "about": self.about,
            "form": "comity" if self.own_form else "other",
            "time_source": self.time_source,
            "revocation_known_until": canonical.instant_text(known) if known else None,
            "proof_ends": canonical.instant_text(self.proof_ends) if self.proof_ends else None,
            "steps": [step.as_dict() for step in self.steps],
            "files": [
                {"name": f.name, "sha256": f.sha256, "bytes": f.bytes, "media_type": f.media_type}
                for f in self.files
            ],
            "signatures": self.signatures,
            "custody": self.custody,
            "limits": [
                {"text": str(each), "template": each.template, "values": dict(each.params)}
                for each in self.limits
            ],
            "holds": self.holds.as_dict() if self.holds else None,
        }
