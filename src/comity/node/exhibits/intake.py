"""Taking evidence in: first the content, hashed on its way into the store; then one short transaction."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.directory import known
from comity.node.exhibits import content, custody, quotas
from comity.node.exhibits.acquisition import Acquisition
from comity.node.exhibits.models import Exhibit, Segment, WorkingCopy
from comity.node.exhibits.names import kept_name
from comity.node.ledger import entries
from comity.proofs.custody import CustodyAct
from comity.terms import ComityError, gettext_noop

HASHED = "SHA-256 while it was received"


class ContentDiffersError(ComityError):
    """What arrived is not what was announced."""

    code = "content_differs"
    message = gettext_noop("“{name}” is not what was announced: its size or its hash differs.")
    next_step = gettext_noop("Fetch it again; if it still differs, ask its holder.")


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of a piece of evidence besides its content.

    ``raw_name`` is the name as it came, ``source`` who gave it, ``data_kind`` of the vocabulary or empty;
    ``acquisition`` how it was acquired (acquisition.py); ``sha512``: that hash is asked for too.
    """

    case_reference: str
    item_number: int | None
    raw_name: str
    media_type: str
    source: str
    data_kind: str = ""
    acquisition: Acquisition = field(default_factory=Acquisition)
    sha512: bool = False
    made_from: str = ""
    """The number of the working copy whose examination gave it."""

    def as_json(self) -> dict[str, Any]:
        """As an upload's row keeps it."""
        columns = vars_of(self) | {"sha512": self.sha512, "made_from": self.made_from}
        return columns | {"acquisition": self.acquisition.stated()}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Description:
        """From what ``as_json`` gave."""
        return cls(**{**kept, "acquisition": Acquisition(**kept["acquisition"])})


def vars_of(description: Description) -> dict[str, Any]:
    """What the exhibit's row says of itself in columns of the same names."""
    return {name: getattr(description, name) for name in _COLUMNS}


_COLUMNS = ("case_reference", "item_number", "raw_name", "media_type", "source", "data_kind")


def take_in(
    official: Official,
    stream: BinaryIO,
    description: Description,
    *,
    now: datetime,
    exhibit_id: uuid.UUID | None = None,
    announced: tuple[int, str] | None = None,
    also: Callable[[Exhibit], object] = lambda exhibit: None,
) -> Exhibit:
    """Store a content and make it an exhibit with its first two custody records (received, hashed).

    ``exhibit_id`` makes taking in the same thing twice the same as once; ``announced`` is the size and
    SHA-256 that the holder stated: another content is refused with ContentDiffersError and leaves no row.
    ``also`` is what the act does besides, once, in the same transaction.
    """
    wanted = exhibit_id or uuid.uuid4()
    there = Exhibit.objects.filter(pk=wanted).first()
    if there:
        return there
    body = official.organisation_id or ""
    quotas.demand_room(body, announced[0] if announced else 0)
    stored = content.write(stream, longer=description.sha512)
    try:
        if announced and announced != (stored.bytes, stored.sha256):
            raise ContentDiffersError(name=description.raw_name)
        quotas.demand_room(body, stored.bytes)
        return enter(official, wanted, stored, description, also, now)
    except BaseException:
        if not Exhibit.objects.filter(pk=wanted).exists():
            content.discard(stored.segments)
        raise


def enter(
    official: Official,
    wanted: uuid.UUID,
    stored: content.StoredContent,
    description: Description,
    also: Callable[[Exhibit], object],
    now: datetime,
) -> Exhibit:
    """The rows of a content that is in the store, with its first custody records; ``also`` once."""
    acquired = description.acquisition.stated()
    with transaction.atomic():
        described = {**vars_of(description), "origin": known.own().id, "acquisition": acquired}
        described["sha512"] = stored.sha512
        described["organisation"] = official.organisation_id or ""
        described["raw_name"] = kept_name(description.raw_name)
        copy = WorkingCopy.objects.select_related("exhibit").filter(number=description.made_from).first()
        described["made_from"] = copy
        exhibit, made = create(wanted, stored, now=now, **described)
        if made:
            from_whom = f"from {description.source}"
            custody.record(exhibit, CustodyAct.RECEIVED, official=official, note=from_whom, now=now)
            custody.record(exhibit, CustodyAct.HASHED, official=official, note=_hashed(stored), now=now)
            if acquired:
                about = {"what": "exhibit_acquired", "exhibit": str(wanted), "acquisition": acquired}
                entries.append("exhibit_acquired", str(wanted), about, now=now)
            if copy and copy.exhibit.is_there:
                _derived(official, copy, exhibit, now)
            also(exhibit)
    return exhibit


def _derived(official: Official, copy: WorkingCopy, exhibit: Exhibit, now: datetime) -> None:
    """The chain of what was examined says what came of it, and by which tool."""
    by = " ".join(exhibit.acquisition.get(name, "") for name in ("tool", "tool_version"))
    note = f"working copy {copy.number}: {exhibit.number} made from it with {by}"
    custody.record(copy.exhibit, CustodyAct.USED, official=official, note=note, now=now)


def _hashed(stored: content.StoredContent) -> str:
    return f"{HASHED}; SHA-512 {stored.sha512}" if stored.sha512 else HASHED


def create(
    exhibit_id: uuid.UUID,
    stored: content.StoredContent,
    *,
    case_reference: str,
    now: datetime,
    **described: object,
) -> tuple[Exhibit, bool]:
    """The exhibit's row and its segments' rows, once; whether this call made them. In a transaction."""
    exhibit, made = Exhibit.objects.get_or_create(
        pk=exhibit_id,
        defaults={
            "number": _next_number(case_reference),
            "case_reference": case_reference,
            "bytes": stored.bytes,
            "sha256": stored.sha256,
            "wrapped_key": stored.wrapped_key,
            "taken_in_at": now,
            **described,
        },
    )
    if made:
        Segment.objects.bulk_create(
            Segment(exhibit=exhibit, position=n, bytes=part.bytes, ciphertext_sha256=part.ciphertext_sha256)
            for n, part in enumerate(stored.segments)
        )
        parts = [{"bytes": part.bytes, "sha256": part.ciphertext_sha256} for part in stored.segments]
        stored_as = {"what": "exhibit_stored", "exhibit": str(exhibit.id), "segments": parts}
        entries.append("exhibit_stored", str(exhibit.id), stored_as, now=now)
    return exhibit, made


def _next_number(case_reference: str) -> str:
    """``<case>-E<n>``; the unique constraint on numbers refuses the second of two at once."""
    return f"{case_reference}-E{Exhibit.objects.filter(case_reference=case_reference).count() + 1}"
