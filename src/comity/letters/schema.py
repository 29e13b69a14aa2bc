"""The letter: its head, the people behind it, its limits and attachments, and the body of its kind."""

from __future__ import annotations

from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, TypeAdapter, ValidationError, create_model

from comity import canonical
from comity.letters.bodies import BODIES, Body, Identifier, Reference
from comity.shapes import (
    AuthorityId,
    CitationText,
    Instant,
    Line,
    Prose,
    Sha256Hex,
    Shape,
    Size,
    Uuid,
    demand_known_version,
    first_problem,
)
from comity.terms import ComityError, gettext_noop

SCHEMA = "comity-letter/1"
MAX_BYTES = 16 * 1024 * 1024
"""Bytes of one letter.json; evidence travels as attachments, never inside."""


class LetterNotUnderstoodError(ComityError):
    """The bytes are canonical JSON but no letter of a kind and form this node knows (LETTER-11)."""

    code = "not_understood"
    message = gettext_noop("The letter cannot be understood: {where}: {why}.")
    next_step = gettext_noop("Ask the sender for a letter in the published form (comity-letter/1).")


class Part(StrEnum):
    """What a person did for a letter; the delegator is whose role its signatory holds for a time."""

    DRAFTER = "drafter"
    APPROVER = "approver"
    SIGNATORY = "signatory"
    DELEGATOR = "delegator"


class LetterPerson(Shape):
    """One person behind a letter, with post, and when they did their part."""

    part: Part = Field(strict=False)
    name: Line
    post: Line
    at: Instant


class CaseNumbers(Shape):
    """The case as each side numbers it; null where that side has not numbered it yet."""

    requesting: Reference | None
    requested: Reference | None


class Limit(Shape):
    """A limit that travels with the letter: its id, the provision it rests on, words if it needs any."""

    id: Identifier
    cite: CitationText
    text: Prose | None


class Attachment(Shape):
    """A file in the same container; ``exhibit`` when it is one."""

    name: Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f\\:]*$")]
    media_type: Annotated[str, Field(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$", max_length=127)]
    bytes: Size
    sha256: Sha256Hex
    exhibit: Uuid | None


class Letter(Shape):
    """What one authority says to another, in the form that is signed (LETTER-1)."""

    schema_: Literal["comity-letter/1"] = Field(alias="schema")
    kind: str
    id: Uuid
    case: CaseNumbers
    generation: int = Field(ge=1, le=10**9)
    source: AuthorityId = Field(alias="from")
    target: AuthorityId = Field(alias="to")
    written_at: Instant
    expires_at: Instant
    answers: list[Uuid] = Field(max_length=100)
    people: list[LetterPerson] = Field(min_length=1, max_length=50)
    limits: list[Limit] = Field(max_length=50)
    attachments: list[Attachment] = Field(max_length=100_000)
    body: Body

    def as_bytes(self) -> bytes:
        """The bytes of letter.json: RFC 8785."""
        return canonical.write(self.as_json())


def _model(kind: str, body: type[Shape]) -> type[Letter]:
    name = "".join(part.capitalize() for part in kind.split("_")) + "Letter"
    fields: dict[str, Any] = {"kind": (Literal[kind], ...), "body": (body, ...)}
    return create_model(name, __base__=Letter, __doc__=body.__doc__, **fields)


_MODELS = {kind: _model(kind, body) for kind, body in BODIES.items()}


def read_value(value: Any) -> Letter:
    """The letter in a JSON value; raise LetterNotUnderstoodError naming the first field that is wrong.

    Raises NewerVersionError for a letter of a later version.
    """
    if isinstance(value, dict):
        demand_known_version(value.get("schema"), SCHEMA)
    kind = value.get("kind") if isinstance(value, dict) else None
    model = _MODELS.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise LetterNotUnderstoodError(
            where="kind", why=f"“{str(kind)[:40]}” is no kind of letter known here"
        )
    return understood(model, value)


_Read = TypeVar("_Read", bound=Shape)


def understood(shape: type[_Read], value: Any, *, strict: bool | None = None) -> _Read:
    """The value as a shape; raise LetterNotUnderstoodError naming the first field that is wrong."""
    try:
        return shape.model_validate(value, strict=strict)
    except ValidationError as error:
        where, why = first_problem(error)
        raise LetterNotUnderstoodError(where=where, why=why) from None


def parse(data: bytes) -> Letter:
    """The letter in the bytes of letter.json, which must be their own canonical form.

    Raises a JsonUnreadableError for bytes that are not, LetterNotUnderstoodError for another form.
    """
    return read_value(canonical.read_canonical(data, max_bytes=MAX_BYTES))


def written(data: bytes) -> dict[str, Any]:
    """letter.json of a letter whose form was judged when it was frozen or opened, as it was written."""
    found: dict[str, Any] = canonical.read(data, max_bytes=MAX_BYTES)
    return found


def json_schema() -> dict[str, Any]:
    """The published JSON Schema (draft 2020-12): one of the kinds, each closed (LETTER-1)."""
    kinds: Any = reduce(or_, _MODELS.values())
    any_kind: Any = Annotated[kinds, Field(discriminator="kind")]
    schema = TypeAdapter[Any](any_kind).json_schema(by_alias=True)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Comity letter, version 1",
        "description": "letter.json of a sealed letter, in canonical form (RFC 8785).",
    }
    return head | schema
