"""The body of the letter that confirms an oral request: the request in writing, and how it was made."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from comity.letters.bodies.execution import RequestBody
from comity.letters.bodies.shared import Speaker, is_absent
from comity.shapes import CitationText, Instant, Line, Prose, Shape

Means = Literal["telephone", "video_call", "in_person", "technical_means"]
MEANS: tuple[str, ...] = get_args(Means)


class OralParticulars(Shape):
    """An oral request, or one by technical means, as the side that made it noted it down.

    ``number`` is the number that was called, ``agreed`` how the other side agreed to this form where the
    provision asks for agreement, ``cite`` the provision that admits the form.
    """

    made_at: Instant
    means: Means
    asked_by: Speaker
    asked_of: Speaker
    number: Line | None = Field(default=None, exclude_if=is_absent)
    asked: Prose
    urgency: Prose
    agreed: Prose | None = Field(default=None, exclude_if=is_absent)
    cite: CitationText


class OralConfirmationBody(RequestBody):
    """A request in writing that confirms the one made orally before it."""

    oral: OralParticulars
