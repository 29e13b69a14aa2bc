"""An original or a working copy opened once, on record, and read in as many ranges as it takes.

The custody record names the purpose; for an hour its official reads from it. Each reading asks again whether
the content may still be opened.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import BinaryIO

from django.db import transaction

from comity.node.accounts.authority import NothingThereError
from comity.node.accounts.models import Official
from comity.node.exhibits import access, content, working_copies
from comity.node.exhibits.models import CopyState, Exhibit, Opening, WorkingCopy
from comity.node.exhibits.reading import ExhibitDestroyedError
from comity.proofs.custody import CustodyAct
from comity.terms import ComityError, gettext_noop

LASTS = timedelta(hours=1)
"""How long one opening lets its official read."""
_BLOCK = 1024 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class RangeNotThereError(ComityError):
    """The range asked for lies outside of the content, or is none."""

    code = "range_not_there"
    message = gettext_noop("The content has {bytes} bytes; the range asked for is not in it.")
    next_step = gettext_noop("Ask for one range, as in “bytes=0-1048575”.")


@transaction.atomic
def begin(
    official: Official, exhibit: Exhibit, copy: WorkingCopy | None = None, *, purpose: str, now: datetime
) -> Opening:
    """Open an exhibit, or a working copy of it, for a purpose; custody says so before a byte is given.

    Raises what ``access.give_out`` and ``working_copies.give_out`` raise.
    """
    access.demand_may_open(official, exhibit)
    _parts(exhibit, copy)
    note = f"working copy {copy.number}, for: {purpose}" if copy else purpose
    access.touch(official, exhibit, CustodyAct.OPENED, note=note, now=now)
    return Opening.objects.create(
        id=uuid.uuid4(), exhibit=exhibit, copy=copy, by=official, opened_at=now, expires_at=now + LASTS
    )


def find(official: Official, opening: uuid.UUID, now: datetime) -> Opening:
    """An opening of this official that still lasts; NothingThereError for every other."""
    standing = Opening.objects.select_related("exhibit", "copy").filter(by=official, expires_at__gt=now)
    found = standing.filter(pk=opening).first()
    if found is None:
        raise NothingThereError(name=str(opening))
    return found


def span(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte that a ``Range`` header asks for; None without one.

    RangeNotThereError for several ranges, other units, and what lies outside of the content.
    """
    if not header:
        return None
    asked = _RANGE.fullmatch(header)
    if asked is None or not any(asked.groups()):
        raise RangeNotThereError(bytes=size)
    first, last = asked.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end:
        raise RangeNotThereError(bytes=size)
    return start, end


def read(official: Official, opening: Opening, first: int, last: int) -> Iterator[bytes]:
    """The bytes from ``first`` to ``last``; whether they may be read is asked anew before the first one."""
    access.demand_may_open(official, opening.exhibit)
    key, parts = _parts(opening.exhibit, opening.copy)
    skipped = 0
    while parts and skipped + parts[0][0] <= first:
        skipped += parts.pop(0)[0]
    stream = content.read(key, [name for _, name in parts])
    return _pieces(stream, first - skipped, last - first + 1)


def _parts(exhibit: Exhibit, copy: WorkingCopy | None) -> tuple[bytes, list[tuple[int, str]]]:
    """Key and segments (plain size, name) of the content; raises where it is not there."""
    if copy is not None:
        if copy.state != CopyState.READY or copy.wrapped_key is None:
            raise working_copies.CopyNotReadyError(number=copy.number)
        return bytes(copy.wrapped_key), [(each["bytes"], each["sha256"]) for each in copy.segments]
    if exhibit.wrapped_key is None:
        raise ExhibitDestroyedError(number=exhibit.number)
    return bytes(exhibit.wrapped_key), list(exhibit.segments.values_list("bytes", "ciphertext_sha256"))


def _pieces(stream: BinaryIO, skip: int, length: int) -> Iterator[bytes]:
    with stream:
        while skip > 0 and (passed := stream.read(min(_BLOCK, skip))):
            skip -= len(passed)
        while length > 0 and (piece := stream.read(min(_BLOCK, length))):
            length -= len(piece)
            yield piece


def expire(now: datetime) -> None:
    """Forget openings that nobody can read from any more; custody keeps what was done."""
    Opening.objects.filter(expires_at__lte=now).delete()
