"""The body of information that a State passes on without having been asked."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from comity.letters.bodies.shared import Identifier
from comity.letters.bodies.translation import Translatable
from comity.shapes import CitationText, Line, Prose


class InformationBody(Translatable):
    """Information without prior request: legal basis, what it is about, the text, the facts as data.

    The confidentiality and restrictions that its sender asks for stand among the limits of the letter.
    """

    instrument: Identifier
    basis: list[CitationText] = Field(min_length=1, max_length=50)
    subject: Line
    text: Prose
    facts: dict[str, Any]
