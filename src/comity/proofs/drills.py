"""Drills between desks: small signed notes by which two nodes prove that a desk is reached and answers.

A note's text is its schema and one line of canonical JSON, signed with the authority's ledger key. The asking
desk signs a drill; the asked one signs that it arrived (its node does) and that a person answered; the asking
one signs when that answer came. So each side holds the other's signature under the time it counts
(DRILL-1 to DRILL-4). Figures are signed too (DRILL-6).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Literal, TypeVar

from pydantic import Field, model_validator

from comity import canonical
from comity.proofs.notes import Signer, Verifier, open_line, sign_line
from comity.shapes import (
    AuthorityId,
    Instant,
    Sha256Hex,
    Shape,
    Uuid,
    demand_known_version,
    read_shape,
)
from comity.terms import ComityError, gettext_noop

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=24)
"""How long a desk may be given to answer (DRILL-1)."""
COUNTED = timedelta(days=90)
"""Figures count the drills of so many days (DRILL-6)."""


class DrillMalformedError(ComityError):
    """A signed text is not the note of a drill that was expected here."""

    code = "drill_malformed"
    message = gettext_noop("The signed text is not a note of a drill: {where}: {why}.")
    next_step = gettext_noop("Ask the other desk which release its node runs.")


class Drill(Shape):
    """One desk asks another to answer, until ``answer_by``."""

    format: Literal["comity-drill/1"] = Field(alias="schema", default="comity-drill/1")
    drill: Uuid
    source: AuthorityId = Field(alias="from")
    target: AuthorityId = Field(alias="to")
    sent_at: Instant
    answer_by: Instant

    @model_validator(mode="after")
    def _time_to_answer(self) -> Drill:
        given = canonical.read_instant(self.answer_by) - canonical.read_instant(self.sent_at)
        if not SHORTEST <= given <= LONGEST:
            problem = "the time to answer lies outside 5 minutes to 24 hours"
            raise ValueError(problem)
        return self


class Answer(Shape):
    """The asked desk: its node was ``reached``, or a person ``answered``; ``drill_sha256`` is of the note."""

    format: Literal["comity-drill-answer/1"] = Field(alias="schema", default="comity-drill-answer/1")
    drill: Uuid
    drill_sha256: Sha256Hex
    authority: AuthorityId
    what: Literal["reached", "answered"]
    at: Instant


class Record(Shape):
    """The asking desk: a person's answer came at ``received_at``, ``seconds`` after the drill was sent."""

    format: Literal["comity-drill-record/1"] = Field(alias="schema", default="comity-drill-record/1")
    drill: Uuid
    answer_sha256: Sha256Hex
    authority: AuthorityId
    received_at: Instant
    seconds: int = Field(ge=0, le=10**8)


class Figure(Shape):
    """What drills of a period came to: how many, how many reached the node, how many a person answered in
    time; seconds until the answer, of which half (``median``) and nine in ten (``p90``) took no longer.

    A time is null where so many were never answered, or none was asked.
    """

    drills: int = Field(ge=0)
    reached: int = Field(ge=0)
    answered: int = Field(ge=0)
    median: int | None = Field(ge=0)
    p90: int | None = Field(ge=0)

    @property
    def reachability(self) -> int | None:
        """Of the drills, how many in a hundred reached the node; None where none was asked."""
        return self.reached * 100 // self.drills if self.drills else None

    @property
    def answering(self) -> int | None:
        """Of the drills that reached the node, how many in a hundred a person answered in time."""
        return self.answered * 100 // self.reached if self.reached else None


class Consent(Shape):
    """That drills are taken: one in so many days at most."""

    every_days: int = Field(ge=1, le=365)


class DeskStanding(Shape):
    """What a desk tells a peer: whether it takes its drills, its own figure, its figure of that peer."""

    format: Literal["comity-drill-standing/1"] = Field(alias="schema", default="comity-drill-standing/1")
    authority: AuthorityId
    target: AuthorityId = Field(alias="to")
    at: Instant
    since: Instant
    accepts: Consent | None
    own: Figure
    of_you: Figure


Note = TypeVar("Note", bound=Shape)


def sign(note: Shape, signer: Signer) -> bytes:
    """The note as signed text."""
    said = note.as_json()
    return sign_line(said["schema"], said, signer)


def read(note: bytes, verifier: Verifier, form: type[Note]) -> Note:
    """The note of this form that ``verifier`` signed; raise DrillMalformedError or an error of ``notes``."""
    schema = form.model_fields["format"].default
    heading, line = open_line(note, verifier)
    demand_known_version(heading, schema)
    if heading != schema:
        raise DrillMalformedError(where="heading", why=f"it is not {schema}")
    return read_shape(form, line, DrillMalformedError, whole="note")


def digest(note: bytes) -> str:
    """How one note names another: SHA-256 of all its bytes."""
    return sha256(note).hexdigest()


def figure(drills: Iterable[tuple[bool, int | None, bool]]) -> Figure:
    """The figure of ended drills: whether each reached the node, seconds until a person answered (None:
    nobody did), and whether that was in time.

    Times are nearest ranks over the drills that reached the node. One that nobody answered took longer than
    any that was: silence is not left out of the median.
    """
    rows = list(drills)
    arrived = [(seconds, in_time) for reached, seconds, in_time in rows if reached]
    times = sorted(seconds for seconds, _ in arrived if seconds is not None)

    def rank(share: float) -> int | None:
        place = ceil(share * len(arrived))
        return times[place - 1] if 0 < place <= len(times) else None

    return Figure(
        drills=len(rows),
        reached=len(arrived),
        answered=sum(in_time for seconds, in_time in arrived if seconds is not None),
        median=rank(0.5),
        p90=rank(0.9),
    )


def seconds_between(begin: datetime, end: datetime) -> int:
    """Whole seconds, none less than nought: clocks may differ by a little."""
    return max(0, int((end - begin).total_seconds()))
