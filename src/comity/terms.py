"""The words that every room shares: citation, outcome, and the error that says what to do next.

Receives nothing, returns values; never reads a clock, a disk or a network.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

_INSTRUMENT = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NUMBER = r"[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*"
_EID = re.compile(rf"[a-z]+(?:_{_NUMBER})?(?:__[a-z]+_{_NUMBER})*")
CITATION_PATTERN = f"^{_INSTRUMENT.pattern}:{_EID.pattern}$"
"""What a citation looks like, for schemas that are published (LETTER-1)."""
_SHORT = {"art": "art.", "decl": "declaration", "res": "resolution"}
_WITHIN = {"para": "para."}


def gettext_noop(message: str) -> str:
    """Mark a message for translation without translating it here (the pages do)."""
    return message


class Outcome(StrEnum):
    """What the engine finds of a rule. An unknown fact is never given a default."""

    APPLIES = "applies"
    DOES_NOT_APPLY = "does_not_apply"
    UNDETERMINED = "undetermined"


class Verdict(StrEnum):
    """What a verification step concludes (the three values of ETSI EN 319 102-1, clause 5.1)."""

    PASSED = "passed"
    INDETERMINATE = "indeterminate"
    FAILED = "failed"


class ComityError(Exception):
    """Something a person can act on: one plain sentence, a stable code, a next step.

    Subclasses are named after the fact and set ``code``, ``message`` and ``next_step``;
    the two texts may hold ``{placeholders}`` that keyword arguments fill, so that the
    pages can translate the template and fill it afterwards.
    """

    code: ClassVar[str] = "error"
    message: ClassVar[str] = gettext_noop("Something went wrong.")
    next_step: ClassVar[str] = gettext_noop("Try again; if it happens again, tell the node's administrator.")
    temporary: ClassVar[bool] = False
    """Whether the same attempt may succeed later by itself, as when a disk was full or a peer away."""

    def __init__(self, **params: Any) -> None:
        self.params = params
        super().__init__(self.message.format_map(_Gaps(params)))

    @property
    def advice(self) -> str:
        """The next step with its placeholders filled."""
        return self.fill(self.next_step)

    def fill(self, template: str) -> str:
        """A text of this error, in whatever language, with its placeholders filled."""
        return template.format_map(_Gaps(self.params))

    def as_dict(self) -> dict[str, str]:
        """The shape that ``--json`` and the API give: code, message, next_step."""
        return {"code": self.code, "message": str(self), "next_step": self.advice}


class _Gaps(dict[str, Any]):
    """Leaves an unfilled placeholder visible instead of hiding the error behind a KeyError."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class CitationUnreadableError(ComityError):
    """A citation does not have the form ``instrument:eid``."""

    code = "citation_unreadable"
    message = gettext_noop("“{citation}” is not a citation.")
    next_step = gettext_noop("Write it as instrument:eid, for example uncc:art_40__para_21__point_b.")


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """A place in an instrument: ``uncc:art_40__para_21__point_b`` (Akoma Ntoso style eIds)."""

    instrument: str
    eid: str
    _text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _INSTRUMENT.fullmatch(self.instrument) or not _EID.fullmatch(self.eid):
            raise CitationUnreadableError(citation=f"{self.instrument}:{self.eid}")
        object.__setattr__(self, "_text", f"{self.instrument}:{self.eid}")

    @classmethod
    def parse(cls, text: str) -> Citation:
        """Read ``instrument:eid``; raise CitationUnreadableError for anything else."""
        instrument, colon, eid = text.partition(":")
        if not colon:
            raise CitationUnreadableError(citation=text)
        return cls(instrument, eid)

    def __str__(self) -> str:
        return self._text

    @property
    def label(self) -> str:
        """For people: ``UNCC art. 40(21)(b)``, ``UNCC annex, note 3``, ``UNCC art. 40(8), ground 1``."""
        head, *rest = self.eid.split("__")
        kind, _, number = head.partition("_")
        place = f"{_SHORT.get(kind, kind)} {number.replace('_', ' ')}".strip()
        for part in rest:
            inner, _, number = part.partition("_")
            bare = kind == "art" and inner in ("para", "point", "item")
            place += f"({number})" if bare else f", {_WITHIN.get(inner, inner)} {number}"
        return f"{self.instrument.upper()} {place}"
