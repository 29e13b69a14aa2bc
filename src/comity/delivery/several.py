"""Several small letters, or several receipts, in one request, and the answers to them.

Each is judged and answered as if it had come alone. Clauses: WIRE-25, WIRE-26.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO

from pydantic import Field

from comity import canonical
from comity.delivery import envelope as envelopes
from comity.delivery.envelope import Envelope
from comity.sealing.age.payload import filled
from comity.shapes import Shape, read_shape
from comity.terms import ComityError, gettext_noop

MOST = 16
"""Letters or receipts in one request."""
LETTER_BYTES = 256 * 1024
"""Bytes that a container may have to travel with others."""
BYTES = 1_000_000
"""Bytes of several receipts, or of the answers to several."""


class SeveralMalformedError(ComityError):
    """What was brought together, or the answers to it, cannot be read."""

    code = "several_malformed"
    message = gettext_noop("What was brought together cannot be read: {where}: {why}.")
    next_step = gettext_noop("Send each by itself.")


class Receipts(Shape):
    """Signed receipts, in the order in which they are answered."""

    notes: list[str] = Field(min_length=1, max_length=MOST)


class Said(Shape):
    """What one of them is answered: as HTTP would say it, had it come alone."""

    status: int = Field(ge=100, le=599)
    retry_after: int | None = Field(ge=0, default=None)
    body: str


class Answers(Shape):
    """The answers, in the order of what they answer."""

    answers: list[Said] = Field(max_length=MOST)


def write_letters(letters: Sequence[tuple[Envelope, bytes]]) -> bytes:
    """The body of a request: of each letter its envelope on one line, then its container."""
    parts = ((envelopes.write_envelope(envelope), b"\n", container) for envelope, container in letters)
    return b"".join(part for each in parts for part in each)


def read_letters(body: IO[bytes]) -> Iterator[tuple[Envelope, bytes]]:
    """Each envelope and the bytes behind it, fewer than it says where the body ends early.

    Raises SeveralMalformedError for what is no such body, EnvelopeMalformedError and NewerVersionError.
    """
    for _ in range(MOST):
        line = body.readline(envelopes.MAX_BYTES + 1)
        if not line:
            return
        if not line.endswith(b"\n"):
            raise SeveralMalformedError(where="envelope", why="its line does not end")
        envelope = envelopes.read_envelope(line[:-1])
        if envelope.bytes >= LETTER_BYTES:
            raise SeveralMalformedError(where="bytes", why="the container is too large to travel with others")
        container = bytearray(envelope.bytes)
        yield envelope, bytes(container[: filled(body, memoryview(container))])
    if body.read(1):
        raise SeveralMalformedError(where="letters", why="there are too many")


def write_receipts(notes: Sequence[str]) -> bytes:
    """The body of a request that brings receipts."""
    return canonical.write(Receipts(notes=list(notes)).as_json())


def read_receipts(body: bytes) -> list[bytes]:
    """The notes in such a body; raises SeveralMalformedError."""
    return [
        note.encode()
        for note in read_shape(Receipts, body, SeveralMalformedError, whole="body", max_bytes=BYTES).notes
    ]


def write_answers(answers: Sequence[Said]) -> bytes:
    """The body of the answer to several."""
    return canonical.write(Answers(answers=list(answers)).as_json())


def read_answers(body: bytes, count: int) -> list[Said]:
    """The answers to ``count`` letters or receipts; raises SeveralMalformedError."""
    said = read_shape(Answers, body, SeveralMalformedError, whole="body", max_bytes=BYTES).answers
    if len(said) != count:
        raise SeveralMalformedError(where="answers", why=f"there are {len(said)} and not {count}")
    return said
