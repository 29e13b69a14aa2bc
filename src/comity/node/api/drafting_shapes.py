"""The JSON shapes of drafting: strict, nothing unknown accepted."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Path, Schema
from pydantic import Field

from comity.letters.bodies import Identifier
from comity.letters.bodies.translation import MOST_TEXTS
from comity.node.api.shapes import Strict
from comity.shapes import Line, Prose, Sha256Hex

LAST = 2**31 - 1
Number = Annotated[int, Path(ge=1, le=LAST)]
Language = Literal["en", "kk", "ru"]
AnyLanguage = Annotated[str, Path(pattern=r"^[a-z]{2,3}$", description="ISO 639")]


class FollowUp(Strict):
    """A further request by another measure."""

    measure: Identifier


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


class FileOut(Schema):
    """A file that goes with the request."""

    id: UUID
    number: str
    name: str = Field(alias="raw_name")
    media_type: str
    bytes: int
    sha256: str


class TextIn(Strict):
    """A translated text; ``original`` is the SHA-256 (UTF-8) of the words that it translates."""

    text: Prose | Literal[""]
    original: Sha256Hex


class TranslatorIn(Strict):
    """Who answers for a translation."""

    kind: Literal["official", "sworn"]
    name: Line
    post: Line


class TranslationIn(Strict):
    """Texts by field or item (``item_1``); what is not named stays, an empty text is taken away."""

    texts: dict[Identifier, TextIn] = Field(default={}, max_length=MOST_TEXTS)
    translator: TranslatorIn | None = None
    statement: Prose | Literal[""] | None = None


class TextOut(Schema):
    """A text of the draft beside its translation."""

    id: str
    name: str
    original: str
    digest: str
    text: str
    stale: bool


class TranslationOut(Schema):
    """The draft's texts beside a translation, who answers for it, what is missing as to language."""

    language: str
    accepted: list[str]
    cite: str
    ruled_out: list[str]
    translator: TranslatorIn | None
    statement: str | None
    texts: list[TextOut]
    lacking: list[str]


class OwnTranslationIn(Strict):
    """This authority's own translation of a letter's texts, kept with the case."""

    texts: dict[Identifier, Prose | Literal[""]] = Field(max_length=MOST_TEXTS)


class OwnTranslationOut(Schema):
    """What is kept of it."""

    letter: UUID
    language: str
    texts: dict[str, str]
    at: datetime


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
