"""What travels beside a sealed letter, so that the receiving node can judge it before it opens it.

The envelope repeats what the seal covers; the receiver compares the two once it has opened the letter,
so a false envelope gains nothing but a refusal (WIRE-7).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from comity import canonical
from comity.shapes import (
    AuthorityId,
    Instant,
    Sha256Hex,
    Shape,
    Size,
    Uuid,
    read_shape,
)
from comity.terms import ComityError, gettext_noop

SCHEMA = "comity-envelope/1"
MAX_BYTES = 4096
LIFETIME = timedelta(days=30)
"""The longest life of a letter: after it the key that it was encrypted to may be destroyed. A letter that was
not delivered by then is void; its sender learns it from the missing receipt."""


class EnvelopeMalformedError(ComityError):
    """The bytes beside a letter are no envelope."""

    code = "envelope_malformed"
    message = gettext_noop("The letter's envelope cannot be read: {where}: {why}.")
    next_step = gettext_noop("Send the letter again with an envelope in the published form.")


class LetterLivesTooLongError(ComityError):
    """A letter that is to live longer than the keys that open it (WIRE-8)."""

    code = "life_too_long"
    message = gettext_noop("The letter expires more than {days} days after it was written.")
    next_step = gettext_noop("Write the letter again with an earlier end.")


class Envelope(Shape):
    """Which letter goes from whom to whom, and the encrypted container that holds it (WIRE-6)."""

    format: Literal["comity-envelope/1"] = Field(alias="schema", default="comity-envelope/1")
    letter: Uuid
    source: AuthorityId = Field(alias="from")
    target: AuthorityId = Field(alias="to")
    generation: int = Field(ge=1, le=10**9)
    sha256: Sha256Hex
    bytes: Size
    written_at: Instant
    expires_at: Instant


def lives_too_long(written_at: str, expires_at: str) -> bool:
    """Whether a letter of these two instants would outlive ``LIFETIME``."""
    return canonical.read_instant(expires_at) > canonical.read_instant(written_at) + LIFETIME


def demand_life(written_at: str, expires_at: str) -> None:
    """Raise LetterLivesTooLongError for a letter that would outlive ``LIFETIME``."""
    if lives_too_long(written_at, expires_at):
        raise LetterLivesTooLongError(days=LIFETIME.days)


def write_envelope(envelope: Envelope) -> bytes:
    """Its RFC 8785 bytes."""
    return canonical.write(envelope.as_json())


def read_envelope(data: bytes) -> Envelope:
    """The envelope in canonical bytes; raises EnvelopeMalformedError, NewerVersionError for a later form."""
    return read_shape(
        Envelope, data, EnvelopeMalformedError, whole="envelope", max_bytes=MAX_BYTES, version=SCHEMA
    )
