"""Custody records: who did what to an exhibit, each record naming the one before it by hash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise
from typing import Any, Literal

from pydantic import Field, ValidationError

from comity import canonical
from comity.shapes import AuthorityId, Instant, Line, Sha256Hex, Shape, Size, Uuid, first_problem
from comity.terms import ComityError, gettext_noop

CLOCKS = timedelta(minutes=5)
"""How far the clocks of two authorities may differ; one authority's own records never go back."""


class CustodyRecordMalformedError(ComityError):
    """A JSON value is not a custody record of the known form."""

    code = "custody_record_malformed"
    message = gettext_noop("Custody record {n} is malformed: {where}: {why}.")
    next_step = gettext_noop("Ask the authority that made the record for an undamaged copy.")


class CustodyAct(StrEnum):
    """What can be done to an exhibit."""

    RECEIVED = "received"
    HASHED = "hashed"
    SEALED = "sealed"
    COPIED = "copied"
    COPY_DESTROYED = "copy_destroyed"
    OPENED = "opened"
    EXPORTED = "exported"
    SENT = "sent"
    RECEIVED_ABROAD = "received_abroad"
    USED = "used"
    RETURNED = "returned"
    DESTROYED = "destroyed"


class Keeper(Shape):
    """The person who acted, with post and authority."""

    name: Line
    post: Line
    authority: AuthorityId


class CustodyRecord(Shape):
    """One act on one exhibit. ``sha256`` and ``bytes`` are those of the exhibit when it was done.

    Clause CUSTODY-1.
    """

    schema_: Literal["comity-custody/1"] = Field(alias="schema")
    exhibit: Uuid
    n: int = Field(ge=1, le=10**9)
    act: CustodyAct = Field(strict=False)
    at: Instant
    by: Keeper
    sha256: Sha256Hex
    bytes: Size
    note: str = Field(max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")
    previous: Sha256Hex | None

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the record's canonical JSON: what the next record calls ``previous``."""
        return sha256(canonical.write(self.as_json())).hexdigest()


@dataclass(frozen=True, slots=True)
class CustodyFinding:
    """One thing that is wrong with a chain: a stable code, the number of the record, a sentence."""

    code: str
    n: int
    text: str


def read_records(values: Any) -> list[CustodyRecord]:
    """The records of a parsed JSON array; raise CustodyRecordMalformedError for the first bad one."""
    if not isinstance(values, list):
        raise CustodyRecordMalformedError(n=0, where="document", why="it is no list of records")
    records = []
    for n, value in enumerate(values, start=1):
        try:
            records.append(CustodyRecord.model_validate(value))
        except ValidationError as error:
            where, why = first_problem(error)
            raise CustodyRecordMalformedError(n=n, where=where, why=why) from None
    return records


def check_chain(records: Sequence[CustodyRecord]) -> list[CustodyFinding]:
    """Everything that is wrong with the whole chain of one exhibit; an empty list when nothing is.

    Clause CUSTODY-2.
    """
    if not records:
        return [CustodyFinding("custody_empty", 0, gettext_noop("The exhibit has no custody records."))]
    return [*_check_start(records[0]), *(f for pair in pairwise(records) for f in _check_step(*pair))]


def _check_start(first: CustodyRecord) -> Iterator[CustodyFinding]:
    if first.n != 1 or first.previous is not None:
        text = gettext_noop("The chain does not begin with its first record.")
        yield CustodyFinding("custody_gap", first.n, text)
    elif first.act != CustodyAct.RECEIVED:
        text = gettext_noop("The chain does not begin with the receipt of the exhibit.")
        yield CustodyFinding("custody_start_missing", first.n, text)


def _is_backwards(before: CustodyRecord, after: CustodyRecord) -> bool:
    """Whether a record is older than the one before it, by more than two authorities' clocks may differ."""
    allowed = CLOCKS if before.by.authority != after.by.authority else timedelta()
    return canonical.read_instant(after.at) < canonical.read_instant(before.at) - allowed


def _check_step(before: CustodyRecord, after: CustodyRecord) -> Iterator[CustodyFinding]:
    n = after.n
    if after.exhibit != before.exhibit:
        text = gettext_noop("The record is of another exhibit.")
        yield CustodyFinding("custody_exhibit_differs", n, text)
    if n != before.n + 1:
        yield CustodyFinding("custody_gap", n, gettext_noop("A record is missing before this one."))
    if after.previous != before.digest:
        text = gettext_noop("The record before this one was altered or exchanged.")
        yield CustodyFinding("custody_link_broken", n, text)
    if (after.sha256, after.bytes) != (before.sha256, before.bytes):
        text = gettext_noop("The exhibit's content is not what it was in the record before.")
        yield CustodyFinding("custody_content_differs", n, text)
    if _is_backwards(before, after):
        text = gettext_noop("The record says that it is older than the one before it.")
        yield CustodyFinding("custody_time_backwards", n, text)
    if before.act == CustodyAct.DESTROYED:
        text = gettext_noop("The exhibit had been destroyed before this act.")
        yield CustodyFinding("custody_after_destruction", n, text)
