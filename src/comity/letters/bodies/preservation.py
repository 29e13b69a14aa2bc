"""The bodies of what the two sides say to each other about a preservation: its end, its use, its path."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from comity.letters.bodies.dialogue import Said
from comity.letters.bodies.execution import ClockReference, Period
from comity.letters.bodies.shared import Ground
from comity.shapes import Instant, Line, Remark, Shape

Concern = Literal["availability", "confidentiality", "investigation"]
"""Why preservation would not help: it would not keep the data, would let the request be known, would harm."""
StateCode = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2."""


class ExtensionAskedBody(Said):
    """The requesting side asks that the items stay preserved until a later time; the text gives reasons."""

    until: Instant


class ExtensionGrantedBody(Said):
    """The items stay preserved until the time given; ``clock`` names the provision that lets it be so."""

    until: Instant
    clock: ClockReference


class ExtensionDeclinedBody(Said):
    """The preservation of the items is not extended; the text gives the reasons."""


class PreservationExpiringBody(Said):
    """The preservation of the items ends at the time given unless the requesting side acts before."""

    until: Instant


class PreservationUnhelpfulBody(Said):
    """Preservation would not keep the data, or would do harm: the requesting side decides what follows."""

    concerns: list[Concern] = Field(min_length=1, max_length=3)


class PreservationDecisionBody(Said):
    """The requesting side says whether the items are to be preserved all the same."""

    decision: Literal["go_on", "withdraw"]


class PathProvider(Shape):
    """A provider that took part in the transmission: its State, its name, what identifies it, and when."""

    state: StateCode
    provider: Line
    identifier: Remark
    period: Period | None


class PathDisclosureBody(Said):
    """The path of a communication, provider by provider; or the ground on which it is withheld."""

    path: list[PathProvider] = Field(max_length=50)
    withheld: Ground | None
