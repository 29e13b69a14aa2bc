"""The bodies of what the two sides arrange: a hearing by video, the presence of officials."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from comity.letters.bodies.dialogue import Said
from comity.shapes import Instant, Line, Prose, Remark, Shape


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        unknown = "no time zone of the IANA database"
        raise ValueError(unknown) from None
    return name


Zone = Annotated[
    str, Field(max_length=64, pattern=r"^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$"), AfterValidator(_zone)
]
"""A time zone by its IANA name: ``Asia/Almaty``. Clock changes are the zone's."""
SideName = Literal["requesting", "requested"]
ParticipantRole = Literal[
    "witness",
    "victim",
    "expert",
    "judge",
    "prosecutor",
    "investigator",
    "counsel",
    "interpreter",
    "technician",
    "official",
]


class Participant(Shape):
    """Who takes part: by role and post, never by name."""

    role: ParticipantRole
    post: Line


class Hearing(Said):
    """A hearing by video: when, where, before whom, with whom, by which means, and who writes the record.

    The instants are in UTC; the two zones say how each side reads them. ``conducted_by`` is the side whose
    judicial authority conducts the hearing, the other side's is present. ``by`` is the side that writes.
    """

    by: SideName
    begins_at: Instant
    ends_at: Instant
    zone_requesting: Zone
    zone_requested: Zone
    place: Line
    conducted_by: SideName
    authority_requesting: Line
    authority_requested: Line
    participants: list[Participant] = Field(min_length=1, max_length=50)
    interpretation: Remark
    means: Line
    test_at: Instant | None
    record_by: SideName


class HearingProposedBody(Hearing):
    """One side proposes a hearing, or another time or way of one that was proposed or agreed."""


class HearingAgreedBody(Hearing):
    """The other side agrees to the hearing exactly as it was proposed."""


class Delegate(Shape):
    """An official who would be present: by post and authority, never by name."""

    post: Line
    authority: Line


class PresenceAskedBody(Said):
    """The requesting side asks that these officials of its own be present at the execution."""

    officials: list[Delegate] = Field(min_length=1, max_length=50)


class PresenceGrantedBody(Said):
    """The requested side consents to the presence: where and when, and what those present may do there."""

    place: Line
    begins_at: Instant
    ends_at: Instant
    standing: Prose


class PresenceDeclinedBody(Said):
    """The requested side does not consent to the presence."""
