"""The JSON shapes of drafting: strict, nothing unknown accepted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Path, Schema
from pydantic import Field

from comity.letters.bodies import Identifier
from comity.node.api.shapes import Strict
from comity.shapes import Line, Prose, Sha256Hex

LAST = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=LAST)]
Language = Literal["en", "kk", "ru"]


class CountOut(Schema):
    """How many of the fields that one paragraph requires are there."""

    cite: str
    there: int
    required: int


class FieldOut(Schema):
    """One field that is asked for."""

    id: str
    need: str
    cites: list[str]
    reading: str
    example: str
    prompts: list[str]
    text: str
    missing: bool


class GroupOut(Schema):
    """Fields that belong together, and how many of the required ones are there."""

    id: str
    name: str
    fields: list[FieldOut]
    there: int
    required: int


class PointOut(Schema):
    """What the check found at one place."""

    place: str
    words: str
    cite: str
    is_error: bool


class Guide(Schema):
    """A draft as it is asked for."""

    complete: bool
    counts: list[CountOut]
    groups: list[GroupOut]
    problems: list[PointOut]


class VersionLine(Schema):
    """A version in a list."""

    number: int
    at: datetime
    by: str = Field(alias="by.username")
    origin: str
    source: str


class VersionOut(VersionLine):
    """A version with what it says."""

    body: dict[str, Any]


class VersionPage(Schema):
    """A page of versions, latest first; ``after`` asks for the next one."""

    versions: list[VersionLine]
    after: int | None


class PieceOut(Schema):
    """Words that stayed, came or went."""

    kind: str
    text: str


class DifferenceOut(Schema):
    """What changed at one place."""

    place: str
    of: str
    before: Any
    after: Any
    pieces: list[PieceOut]


class NewComment(Strict):
    """A comment; without a field it is about the whole draft."""

    field: Identifier | Literal[""] = ""
    text: Prose = Field(max_length=4000)


class CommentOut(Schema):
    """A comment; open while ``resolved_at`` is null."""

    id: int
    field: str
    text: str
    at: datetime
    by: str = Field(alias="by.username")
    version: int
    resolved_at: datetime | None


class NewTemplate(Strict):
    """A template from texts of a draft."""

    name: Line = Field(max_length=200)
    fields_kept: list[Identifier] = Field(min_length=1, max_length=100)


class TemplateOut(Schema):
    """A template of the organisation."""

    id: int
    name: str
    instrument: str
    measure: str
    contents: dict[str, str]
    at: datetime
    by: str = Field(alias="by.username")


class TakenTexts(Strict):
    """Edited texts by field, and the fingerprint of the draft that they were compared with."""

    contents: dict[Identifier, Prose | Literal[""]] = Field(min_length=1)
    compared_with: Sha256Hex


class ComparisonOut(Schema):
    """What a document would change, and what of it no field can take."""

    compared_with: str
    changes: list[DifferenceOut]
    unchanged: list[str]
    absent: list[str]
    unrecognised: list[str]
    lost: list[str]
