"""Working copies: made from the original and compared with it, opened and destroyed with custody.

The original is read once, when the copy is made; whoever examines works on the copy, and what that gave comes
in as evidence of its own that names the copy and the tool (``lineage.py``). Every step stands in the
original's chain of custody under the copy's number.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, BinaryIO

from django.db import transaction

from comity.node.accounts.authority import NotAuthorisedError, NothingThereError, authorise, may
from comity.node.accounts.models import Official
from comity.node.exhibits import access, content, custody, quotas
from comity.node.exhibits.intake import ContentDiffersError
from comity.node.exhibits.models import CopyState, Exhibit, WorkingCopy
from comity.node.exhibits.reading import ExhibitDestroyedError, open_exhibit
from comity.node.jobs import outbox
from comity.node.ledger import entries
from comity.proofs.custody import CustodyAct
from comity.terms import ComityError, gettext_noop

JOB = "exhibits.copy"
ERASE = "exhibits.erase_copy"


class CopyNotReadyError(ComityError):
    """The working copy is not made yet, could not be made, or was destroyed."""

    code = "copy_not_ready"
    message = gettext_noop("Working copy {number} cannot be opened: it is not ready.")
    next_step = gettext_noop("Wait until it is made, or make another from the original.")


@transaction.atomic
def ask(official: Official, exhibit: Exhibit, *, purpose: str, now: datetime) -> WorkingCopy:
    """Record the copy, who it is for and for what; a job makes it.

    Raises what opening the original raises (``access.give_out``), and QuotaUsedUpError or DiskFullError.
    """
    access.demand_may_open(official, exhibit)
    locked = Exhibit.objects.select_for_update().get(pk=exhibit.pk)
    if not locked.is_there:
        raise ExhibitDestroyedError(number=exhibit.number)
    quotas.demand_room(official.organisation_id or "", exhibit.bytes)
    made = WorkingCopy.objects.create(
        id=uuid.uuid4(),
        exhibit=locked,
        number=f"{exhibit.number}-C{locked.working_copies.count() + 1}",
        purpose=purpose,
        made_by=official,
        asked_at=now,
    )
    access.touch(official, locked, CustodyAct.COPIED, note=_note(made, purpose), now=now)
    outbox.ask(JOB, f"{JOB}:{made.id}", {"copy": str(made.id)}, now=now)
    return made


def make(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exhibits.copy``: read the original, store it under another key, compare the hashes."""
    found = WorkingCopy.objects.select_related("exhibit").get(pk=payload["copy"])
    if found.state != CopyState.ASKED:
        return
    try:
        stored = _copied(found.exhibit)
    except ComityError as error:
        if error.temporary:
            raise
        WorkingCopy.objects.filter(pk=found.pk).update(state=CopyState.FAILED, code=error.code)
        return
    if not _keep(found, stored, now):
        content.discard(stored.segments)


def _copied(exhibit: Exhibit) -> content.StoredContent:
    with open_exhibit(exhibit) as original:
        stored = content.write(original)
    if (stored.bytes, stored.sha256) != (exhibit.bytes, exhibit.sha256):
        content.discard(stored.segments)
        raise ContentDiffersError(name=exhibit.number)
    return stored


@transaction.atomic
def _keep(found: WorkingCopy, stored: content.StoredContent, now: datetime) -> bool:
    """Whether the copy was still wanted, and is kept."""
    exhibit = Exhibit.objects.select_for_update().get(pk=found.exhibit_id)
    waiting = WorkingCopy.objects.select_for_update().filter(pk=found.pk, state=CopyState.ASKED).first()
    if waiting is None or not exhibit.is_there:
        return False
    waiting.wrapped_key, waiting.state = stored.wrapped_key, CopyState.READY
    waiting.segments = [{"bytes": each.bytes, "sha256": each.ciphertext_sha256} for each in stored.segments]
    waiting.save()
    about = {"what": "copy_made", "exhibit": str(exhibit.id), "copy": found.number, "sha256": stored.sha256}
    entries.append("copy_made", str(exhibit.id), {**about, "segments": waiting.segments}, now=now)
    return True


def give_out(official: Official, found: WorkingCopy, *, purpose: str, now: datetime) -> BinaryIO:
    """A working copy as a stream; the original's custody says who opened it and for what.

    Raises CopyNotReadyError, and what opening the original raises, before anything is recorded.
    """
    access.demand_may_open(official, found.exhibit)
    stream = read(found)
    access.touch(official, found.exhibit, CustodyAct.OPENED, note=_note(found, purpose), now=now)
    return stream


def read(found: WorkingCopy) -> BinaryIO:
    """The copy's content; whether it may be read, and the record of it, are the caller's part."""
    if found.state != CopyState.READY or found.wrapped_key is None:
        raise CopyNotReadyError(number=found.number)
    return content.read(bytes(found.wrapped_key), [each["sha256"] for each in found.segments])


@transaction.atomic
def destroy(official: Official, found: WorkingCopy, *, reason: str, now: datetime) -> WorkingCopy:
    """Destroy a copy that was made: whoever asked for it may, and who keeps evidence; the original stays."""
    authorise(official, "view_exhibit")
    if not access.visible(official).filter(pk=found.exhibit_id).exists():
        raise NothingThereError(name=found.number)
    if found.made_by_id != official.pk and not may(official, "keep_exhibit"):
        raise NotAuthorisedError
    Exhibit.objects.select_for_update().get(pk=found.exhibit_id)
    locked = WorkingCopy.objects.select_related("exhibit").select_for_update().get(pk=found.pk)
    if locked.state != CopyState.READY:
        raise CopyNotReadyError(number=found.number)
    _end(official, locked, reason, now)
    return locked


def end_all(official: Official, exhibit: Exhibit, *, now: datetime) -> None:
    """Destroy every copy of an exhibit that is being destroyed; inside the act's transaction."""
    exhibit.working_copies.filter(state=CopyState.ASKED).update(
        state=CopyState.FAILED, code=ExhibitDestroyedError.code
    )
    for each in exhibit.working_copies.filter(state=CopyState.READY):
        _end(official, each, "together with its original", now)


def _end(official: Official, found: WorkingCopy, reason: str, now: datetime) -> None:
    note = f"working copy {found.number}: {reason}"
    custody.record(found.exhibit, CustodyAct.COPY_DESTROYED, official=official, note=note, now=now)
    found.wrapped_key, found.state, found.destroyed_at = None, CopyState.DESTROYED, now
    found.save()
    outbox.ask(ERASE, f"{ERASE}:{found.id}", {"copy": str(found.id)}, now=now)


def erase(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exhibits.erase_copy``: remove what a destroyed copy's key opened; twice is as once."""
    found = WorkingCopy.objects.get(pk=payload["copy"])
    if found.state == CopyState.DESTROYED:
        parts = (content.StoredSegment(each["bytes"], each["sha256"]) for each in found.segments)
        content.discard(parts)


def find(official: Official, number: str) -> WorkingCopy:
    """A working copy by its number, of an exhibit that the official may see; else NothingThereError."""
    seen = access.visible(official)
    found = WorkingCopy.objects.select_related("exhibit", "made_by").filter(number=number).first()
    if found is None or not seen.filter(pk=found.exhibit_id).exists():
        raise NothingThereError(name=number)
    return found


def _note(found: WorkingCopy, purpose: str) -> str:
    return f"working copy {found.number}, for: {purpose}"
