"""What a request for data in an emergency says besides, and what its authority says of it afterwards."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from comity.letters.bodies.dialogue import Said
from comity.letters.bodies.shared import Speaker, is_absent
from comity.shapes import Instant, Line, Prose, Shape

LONGEST_HOURS = 720
"""Hours that a validation may be said to take, at most: thirty days."""


class Validation(Shape):
    """Whether the authority that the law of the requesting State asks (judge, prosecutor) has validated.

    ``given``: before the request, by ``decision``. ``later``: ``by`` will within so many hours.
    """

    state: Literal["given", "later"]
    by: Line
    decision: Line | None = Field(default=None, exclude_if=is_absent)
    within_hours: Annotated[int, Field(ge=1, le=LONGEST_HOURS)] | None = Field(
        default=None, exclude_if=is_absent
    )


class Emergency(Shape):
    """What makes it an emergency: the risk to life or safety, why it is imminent, who judged so and by what.

    ``contact`` is where the request itself says its authority can be reached: nothing is confirmed by it.
    """

    risk: Prose
    imminence: Prose
    judged_by: Speaker
    judged_on: Prose
    contact: Line | None = Field(default=None, exclude_if=is_absent)
    validation: Validation


class EmergencyValidatedBody(Said):
    """The emergency request was validated afterwards: by whom, by which decision, when."""

    validated_by: Line
    decision: Line
    decided_at: Instant


class EmergencyRevokedBody(Said):
    """The emergency request is revoked; the words give the reasons. What was given is not used."""
