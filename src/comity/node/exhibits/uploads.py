"""Resumable intake: a content that comes in chunks over a bad line, each stored and encrypted as it comes.

A chunk becomes a segment under the upload's own key the moment it is whole; a broken one is thrown away, so a
line that breaks costs at most one chunk. When the last has come, a job re-reads what lies in the store and
hashes it, so that an intake that was interrupted any number of times has the hash of what is really kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.db import transaction
from django.db.models import Q

from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.accounts.models import Official
from comity.node.exhibits import content, intake, quotas
from comity.node.exhibits.intake import ContentDiffersError, Description
from comity.node.exhibits.models import Exhibit, Upload, UploadPart, UploadState
from comity.node.jobs import outbox
from comity.terms import ComityError, gettext_noop

JOB = "exhibits.upload"
LARGEST = 16 * 1024**4
"""Bytes of one upload (16 TiB)."""
CHUNK_MOST = content.SEGMENT_BYTES
CHUNK_LEAST = 256 * 1024
"""Bytes of a chunk that is not the last: smaller ones would make millions of segments."""
KEPT = timedelta(days=7)
"""How long an unfinished upload waits for its next chunk."""
OPEN_MOST = 20
"""Unfinished uploads of one official at once."""


class UploadRefusedError(ComityError):
    """An upload of this length, or one more, is not begun."""

    code = "upload_refused"
    message = gettext_noop("An upload has between 1 and {most} bytes, and at most {open} may be open.")
    next_step = gettext_noop("Finish or remove an upload that is open, or split the material.")


class OffsetDiffersError(ComityError):
    """The chunk does not continue what is stored."""

    code = "offset_differs"
    message = gettext_noop("The chunk begins at {asked}, but {there} bytes are stored.")
    next_step = gettext_noop("Ask for the offset and go on from there.")


class ChunkSizeError(ComityError):
    """A chunk is too small, too large, or longer than the upload."""

    code = "chunk_size"
    message = gettext_noop("A chunk has between {least} and {most} bytes; only the last may be smaller.")
    next_step = gettext_noop("Choose another size for the chunks.")


class ChunkBrokenError(ComityError):
    """The chunk is not what its checksum says, or ended early. Nothing of it was kept."""

    code = "chunk_broken"
    temporary = True
    message = gettext_noop("The chunk arrived damaged, and nothing of it was kept.")
    next_step = gettext_noop("Send the same chunk again.")


_FROM_OUTSIDE = Q(case_reference="")
"""Uploads of no official's: a provider's."""
_listeners: list[Callable[[Official, Exhibit, datetime], None]] = []


def listen(listener: Callable[[Official, Exhibit, datetime], None]) -> None:
    """Register who is told, in the same transaction, that an upload became an exhibit."""
    _listeners[:] = [listener]


def begin(
    official: Official,
    description: Description,
    length: int,
    *,
    announced_sha256: str = "",
    now: datetime,
) -> Upload:
    """Begin an upload; its quota and the room on the disk are asked before the first byte comes."""
    authorise(official, "take_in_exhibit")
    unfinished = Upload.objects.filter(by=official).exclude(state=UploadState.DONE).exclude(_FROM_OUTSIDE)
    if unfinished.count() >= OPEN_MOST:
        raise UploadRefusedError(most=LARGEST, open=OPEN_MOST)
    made = _begun(official, description, length, announced_sha256, now)
    made.case_reference = description.case_reference
    made.save()
    return made


def begin_from_outside(
    official: Official, description: Description, length: int, *, announced_sha256: str, now: datetime
) -> Upload:
    """Begin an upload of somebody without an account of this State, who ``official`` receives it from.

    No official finds it, and nobody is told by it: who may send is the calling room's question.
    """
    made = _begun(official, description, length, announced_sha256, now)
    made.save()
    return made


def _begun(
    official: Official, description: Description, length: int, announced_sha256: str, now: datetime
) -> Upload:
    if not 0 < length <= LARGEST:
        raise UploadRefusedError(most=LARGEST, open=OPEN_MOST)
    quotas.demand_room(official.organisation_id or "", length)
    return Upload(
        id=uuid.uuid4(),
        case_reference="",
        description=description.as_json(),
        length=length,
        announced_sha256=announced_sha256,
        wrapped_key=content.new_key(),
        by=official,
        begun_at=now,
        expires_at=now + KEPT,
    )


def find(official: Official, upload: uuid.UUID) -> Upload:
    """An upload of this official; NothingThereError for every other."""
    authorise(official, "take_in_exhibit")
    found = Upload.objects.filter(pk=upload, by=official).exclude(_FROM_OUTSIDE).first()
    if found is None:
        raise NothingThereError(name=str(upload))
    return found


def append(
    upload: Upload, stream: BinaryIO, offset: int, size: int, is_whole: Callable[[], bool], now: datetime
) -> Upload:
    """Store one chunk of ``size`` bytes; ``is_whole`` is asked after it was read whether it is undamaged.

    Raises OffsetDiffersError, ChunkSizeError and ChunkBrokenError, and then nothing has changed.
    """
    if upload.state != UploadState.RECEIVING or offset != upload.offset:
        raise OffsetDiffersError(asked=offset, there=upload.offset)
    is_last = offset + size == upload.length
    if not 0 < size <= CHUNK_MOST or offset + size > upload.length or (size < CHUNK_LEAST and not is_last):
        raise ChunkSizeError(least=CHUNK_LEAST, most=CHUNK_MOST)
    segment = content.append(bytes(upload.wrapped_key or b""), stream)
    try:
        if segment.bytes != size or not is_whole():
            raise ChunkBrokenError
        return _keep(upload, segment, offset, now)
    except BaseException:
        content.discard([segment])
        raise


@transaction.atomic
def _keep(upload: Upload, segment: content.StoredSegment, offset: int, now: datetime) -> Upload:
    locked = Upload.objects.select_for_update().filter(pk=upload.pk).first()
    if locked is None or locked.offset != offset or locked.state != UploadState.RECEIVING:
        raise OffsetDiffersError(asked=offset, there=locked.offset if locked else 0)
    UploadPart.objects.create(
        upload=locked,
        position=locked.parts.count(),
        bytes=segment.bytes,
        ciphertext_sha256=segment.ciphertext_sha256,
    )
    locked.offset, locked.expires_at = offset + segment.bytes, now + KEPT
    if locked.offset == locked.length:
        locked.state = UploadState.FINISHING
        outbox.ask(JOB, f"{JOB}:{locked.id}", {"upload": str(locked.id)}, now=now)
    locked.save()
    return locked


def finish(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exhibits.upload``: hash what lies in the store, then make it an exhibit; twice is as once."""
    upload = Upload.objects.select_related("by").filter(pk=payload["upload"]).first()
    if upload is None or upload.state != UploadState.FINISHING:
        return
    description = Description.of(upload.description)
    parts = [content.StoredSegment(each.bytes, each.ciphertext_sha256) for each in upload.parts.all()]
    stored = content.reread(bytes(upload.wrapped_key or b""), parts, longer=description.sha512)
    if upload.announced_sha256 not in ("", stored.sha256):
        Upload.objects.filter(pk=upload.pk).update(state=UploadState.FAILED, code=ContentDiffersError.code)
        return

    def done(exhibit: Exhibit) -> None:
        Upload.objects.filter(pk=upload.pk).update(
            state=UploadState.DONE, exhibit=exhibit.pk, wrapped_key=None
        )
        upload.parts.all().delete()
        for listener in _listeners if upload.case_reference else ():
            listener(upload.by, exhibit, now)

    intake.enter(upload.by, upload.id, stored, description, done, now)


def remove(upload: Upload) -> None:
    """Remove an upload that is not done, with what was stored of it."""
    with transaction.atomic():
        locked = Upload.objects.select_for_update().filter(pk=upload.pk).first()
        if locked is None or locked.state in (UploadState.FINISHING, UploadState.DONE):
            return
        names = list(locked.parts.values_list("bytes", "ciphertext_sha256"))
        locked.parts.all().delete()
        locked.delete()
    content.discard(content.StoredSegment(*each) for each in names)


def expire(now: datetime) -> None:
    """Remove the uploads that have waited too long for their next chunk."""
    waiting = (UploadState.RECEIVING, UploadState.FAILED)
    for upload in Upload.objects.filter(expires_at__lte=now, state__in=waiting)[:20]:
        remove(upload)
