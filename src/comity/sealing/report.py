"""The report of a verification: numbered steps, what they found, one verdict.

Receives what each step concluded; returns the JSON of the public contract; never judges by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from comity import canonical
from comity.terms import Verdict


class TimeSource(StrEnum):
    """Whose time-stamp service gave the time."""

    OWN = "own"
    PEER = "peer"
    INDEPENDENT = "independent"


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


@dataclass(frozen=True, slots=True)
class VerifiedFile:
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
    files: list[VerifiedFile] = field(default_factory=list)
    signatures: list[dict[str, Any]] = field(default_factory=list)
    custody: list[dict[str, Any]] = field(default_factory=list)
    step_up: dict[str, Any] | None = None
    national: bytes | None = None

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
            "steps": [step.as_dict() for step in self.steps],
            "files": [
                {"name": f.name, "sha256": f.sha256, "bytes": f.bytes, "media_type": f.media_type}
                for f in self.files
            ],
            "signatures": self.signatures,
            "custody": self.custody,
        }
