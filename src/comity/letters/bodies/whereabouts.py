"""What a result says of the whereabouts of a person who was to be located."""

from __future__ import annotations

from pydantic import ConfigDict, model_validator

from comity.shapes import Instant, Line, Shape

_PLACE_GOES_WITH_A_PERSON_FOUND = ConfigDict(
    json_schema_extra={
        "if": {"properties": {"found": {"const": True}}},
        "then": {"properties": {"place": {"type": "string"}}},
        "else": {"properties": {"place": {"type": "null"}}},
    }
)
"""What ``_has_a_place`` demands, for readers of the published schema."""


class Whereabouts(Shape):
    """Whether the person was found, where, as of when, and where that is known from.

    ``place`` is null for a person who was not found: then it says that nobody was, as of that moment.
    """

    model_config = _PLACE_GOES_WITH_A_PERSON_FOUND

    found: bool
    place: Line | None
    as_of: Instant
    source: Line

    @model_validator(mode="after")
    def _has_a_place(self) -> Whereabouts:
        if self.found != (self.place is not None):
            problem = "a place goes with a person who was found, and with nobody else"
            raise ValueError(problem)
        return self
