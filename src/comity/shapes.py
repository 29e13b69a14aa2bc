"""The field types that documents of several rooms share, as strict pydantic shapes.

Receives parsed JSON; returns frozen values; never converts one type into another.
"""

from __future__ import annotations

import base64
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from comity.canonical import (
    MAX_BYTES,
    InstantUnreadableError,
    JsonUnreadableError,
    read_canonical,
    read_instant,
)
from comity.terms import (
    CITATION_PATTERN,
    Citation,
    CitationUnreadableError,
    ComityError,
    gettext_noop,
)


class Shape(BaseModel):
    """A JSON object whose keys are all known and whose values already have their type.

    Clauses: COMMON-2, COMMON-6.
    """

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True
    )

    def as_json(self) -> dict[str, Any]:
        """The object as plain JSON values, every key written, ready for ``canonical.write``."""
        return self.model_dump(mode="json", by_alias=True)


class NewerVersionError(ComityError):
    """A document of a form that a later release of this software brought."""

    code = "newer_version"
    message = gettext_noop("This is {schema}, newer than the {known} that this software reads.")
    next_step = gettext_noop("Read it with a newer release of the software (docs/upgrading.md).")


def is_newer(said: Any, known: str) -> bool:
    """Whether ``said`` names the same form as ``known`` (``comity-letter/1``) in a later version."""
    form, _, number = known.rpartition("/")
    name, _, version = said.rpartition("/") if isinstance(said, str) else ("", "", "")
    is_number = version.isascii() and version.isdigit() and len(version) <= _VERSION_DIGITS
    return name == form and is_number and int(version) > int(number)


def demand_known_version(said: Any, known: str) -> None:
    """Raise NewerVersionError for a later version of the form ``known``; what else is wrong, others say."""
    if is_newer(said, known):
        raise NewerVersionError(schema=said, known=known)


S = TypeVar("S", bound=Shape)


def read_shape(
    shape: type[S],
    data: bytes,
    malformed: type[ComityError],
    *,
    whole: str,
    max_bytes: int = MAX_BYTES,
    version: str | None = None,
) -> S:
    """The document in canonical bytes; raises ``malformed`` (where, why) for others, NewerVersionError for a
    later form than ``version``. ``whole`` says where, of bytes that are no canonical JSON.
    """
    try:
        value = read_canonical(data, max_bytes=max_bytes)
        if version is not None:
            demand_known_version(value.get("schema") if isinstance(value, dict) else None, version)
        found = shape.model_validate(value)
    except ValidationError as error:
        where, why = first_problem(error)
        raise malformed(where=where, why=why) from None
    except JsonUnreadableError as error:
        raise malformed(where=whole, why=str(error)) from None
    if _says_its_form(shape) and found.as_json() != value:
        raise malformed(where=whole, why="a key is missing that is always written")
    return found


def _says_its_form(shape: type[Shape]) -> bool:
    """Whether it is a document of its own: it has every key that is written, also one that has a default
    here (COMMON-2).
    """
    return any(field.alias == "schema" for field in shape.model_fields.values())


def first_problem(error: ValidationError) -> tuple[str, str]:
    """Where in the document (``body.items.0.number``) and why the first problem arose, for people."""
    problem = error.errors(include_url=False, include_input=False, include_context=False)[0]
    why = str(problem["msg"]).removeprefix("Value error, ").removesuffix(".")
    return ".".join(str(part) for part in problem["loc"]) or "document", why


def decode_base64(text: str) -> bytes:
    """Bytes of standard base64 in its one canonical spelling (RFC 4648, section 3.5), else ValueError."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        spelling = "not the canonical base64 of its bytes"
        raise ValueError(spelling)
    return data


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode()


def _instant(text: str) -> str:
    try:
        read_instant(text)
    except InstantUnreadableError as error:
        raise ValueError(str(error)) from None
    return text


def _citation(text: str) -> str:
    try:
        Citation.parse(text)
    except CitationUnreadableError as error:
        raise ValueError(str(error)) from None
    return text


def _base64(text: str) -> str:
    decode_base64(text)
    return text


_VERSION_DIGITS = 4
_UUID4 = r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"

Instant = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"),
    AfterValidator(_instant),
]
"""RFC 3339 in UTC, whole seconds (COMMON-3)."""
Sha256Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256, lower-case hex."""
Base64 = Annotated[str, AfterValidator(_base64)]
"""Standard base64."""
Uuid = Annotated[str, Field(pattern=_UUID4)]
"""A random UUID (version 4), lower case."""
AuthorityId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=64)]
"""The short name of an authority: ``kz-247`` (COMMON-4)."""
CitationText = Annotated[
    str, Field(max_length=200, json_schema_extra={"pattern": CITATION_PATTERN}), AfterValidator(_citation)
]
"""A citation: ``uncc:art_42__para_8``."""
Size = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""Bytes, or a count of entries."""
LINE_LENGTH = 300
"""Characters of one line."""
PROSE_LENGTH = 100_000
"""Characters of a text of several lines."""
_PRINTED = r"^[^\x00-\x1f\x7f]*$"
_PRINTED_LINES = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
Line = Annotated[str, Field(min_length=1, max_length=LINE_LENGTH, pattern=_PRINTED)]
"""One line for people: a name, a post, a title."""
Prose = Annotated[str, Field(min_length=1, max_length=PROSE_LENGTH, pattern=_PRINTED_LINES)]
"""Text for people; line feeds and tabs are its only control characters."""
Remark = Annotated[str, Field(max_length=10_000, pattern=_PRINTED_LINES)]
"""Text for people that may be empty."""
