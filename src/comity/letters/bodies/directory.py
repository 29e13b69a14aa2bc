"""The body of a letter that belongs to no case: what changes in how an authority is reached."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, model_validator

from comity.letters.bodies.dialogue import Said
from comity.letters.bodies.meetings import Zone
from comity.letters.bodies.shared import ItemMention
from comity.letters.bodies.translation import LanguageCode
from comity.shapes import Instant, Prose, Sha256Hex, Shape

Pem = Annotated[Prose, Field(max_length=8000)]
"""One certificate as PEM text."""


Shown = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line for people that may be empty."""


class NextCertificate(Shape):
    """The certificate of the connection that follows the present one (LETTER-12).

    ``replaces`` is the SHA-256 of the present one (DER). From ``changes_at`` on the sender shows the next
    one, earlier where every peer has admitted it; until ``ends_at`` both are its own, then the next alone.
    """

    certificate: Pem
    replaces: Sha256Hex
    changes_at: Instant
    ends_at: Instant


class Reached(Shape):
    """How the authority is reached, whole: what is empty here is empty from now on."""

    hours: Shown = Field(max_length=60)
    time_zone: Zone
    languages: list[LanguageCode] = Field(max_length=50)
    contact: Shown = Field(max_length=200)


class DirectoryUpdateBody(Said):
    """An authority tells what changes in its entry: its next certificate, how it is reached, or both.

    The letter's generation numbers what the sender tells so, to whichever peer.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"properties": {part: {"type": "object"}}} for part in ("certificate", "reached")]
        }
    )

    items: list[ItemMention] = Field(max_length=0)
    certificate: NextCertificate | None
    reached: Reached | None

    @model_validator(mode="after")
    def _says_something(self) -> DirectoryUpdateBody:
        if self.certificate is None and self.reached is None:
            empty = "it changes nothing"
            raise ValueError(empty)
        return self
