"""Which exhibits were destroyed, kept apart from the database: a restored backup brings no key back.

The list (``destroyed`` in the node's folder, one id a line) only grows. It holds no more than ids, is copied
anywhere without harm, and is applied each time the node starts. ``destroyed_copy`` of node.toml is a second
place of it, on a disk that a restored backup of the folder does not touch; what stands in either counts.
"""

from __future__ import annotations

import logging
import os
import uuid
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile

from django.db import transaction

from comity.node import config
from comity.node.config import NodeConfig
from comity.node.directory import known
from comity.node.exhibits import custody
from comity.node.exhibits.models import CopyState, Exhibit
from comity.node.jobs import outbox
from comity.proofs.custody import CustodyAct
from comity.terms import ComityError, gettext_noop

FILE = "destroyed"
ERASE = "exhibits.erase"
"""The job that removes what held the exhibit (erasing.py)."""
POST = "restored backup"
"""Whose act the second destruction is: the node's own, of what officials had decided before."""
_log = logging.getLogger(__name__)


class DestroyedCopyUnreachableError(ComityError):
    """The second place of the list cannot be written; the key is destroyed all the same."""

    code = "destroyed_copy_unreachable"
    temporary = True
    message = gettext_noop("The second list of destroyed exhibits cannot be written ({detail}).")
    next_step = gettext_noop("Make the place that destroyed_copy names available; the node tries again.")


def places(node: NodeConfig) -> list[Path]:
    """Where the list lies: in the node's folder, and in the second place if there is one."""
    own = node.folder / FILE
    return [own, Path(node.destroyed_copy)] if node.destroyed_copy else [own]


def is_kept_apart(node: NodeConfig) -> bool:
    """Whether a second place is configured that lies outside the node's folder."""
    return any(not each.resolve().is_relative_to(node.folder) for each in places(node)[1:])


def hindrance(path: Path) -> str:
    """Why a list cannot be written at this place; empty where it can. Tried, leaving nothing behind."""
    try:
        with path.open("ab") if path.exists() else TemporaryFile(dir=path.parent):
            return ""
    except OSError as error:
        return error.strerror or type(error).__name__


def note(exhibit: uuid.UUID) -> None:
    """Add an exhibit to each list, durably; where it stands already it is not added again.

    Raises DestroyedCopyUnreachableError after the node's own list was written.
    """
    own, *copies = places(config.current())
    _add(own, exhibit)
    for path in copies:
        try:
            _add(path, exhibit)
        except OSError as error:
            raise DestroyedCopyUnreachableError(detail=type(error).__name__) from None


def _add(path: Path, exhibit: uuid.UUID) -> None:
    if exhibit in read(path):
        return
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, f"\n{exhibit}\n".encode())  # on a line of its own, whatever was cut off before
        os.fsync(file)
    finally:
        os.close(file)


def read(path: Path) -> set[uuid.UUID]:
    """The exhibits on one list; a line that was cut off when the power went is none."""
    try:
        lines = path.read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return set()
    return {uuid.UUID(line) for line in lines if len(line) == 36}


def listed() -> set[uuid.UUID]:
    """The exhibits on any of the lists."""
    return set[uuid.UUID]().union(*map(read, places(config.current())))


def apply(now: datetime) -> int:
    """Destroy again what a restored database still has the key of; return how many exhibits that were.

    Each list is given what stands only in the other. A second place that this process cannot write is told
    in the journal: the service may be kept from what the doctor at the shell can reach.
    """
    for path in places(config.current())[1:]:
        if why := hindrance(path):
            _log.warning("%s: %s cannot be written (%s)", DestroyedCopyUnreachableError.code, path, why)
    there = listed()
    back = Exhibit.objects.filter(pk__in=there, wrapped_key__isnull=False)
    count = sum(_again(each.pk, now) for each in back)
    with suppress(DestroyedCopyUnreachableError):  # the node runs without it; its doctor says so
        for each in sorted(there):
            note(each)
    return count


@transaction.atomic
def _again(pk: uuid.UUID, now: datetime) -> int:
    exhibit = Exhibit.objects.select_for_update().get(pk=pk)
    own = known.own()
    by = {"name": str(own), "post": POST, "authority": own.id}
    about = "destroyed before the backup was restored; its key is destroyed again"
    exhibit.working_copies.update(wrapped_key=None, state=CopyState.DESTROYED, destroyed_at=now)
    custody.record_by(exhibit, CustodyAct.DESTROYED, by=by, note=about, now=now)
    exhibit.wrapped_key = None
    exhibit.save(update_fields=["wrapped_key"])
    key = f"{ERASE}:{exhibit.id}:{now.timestamp()}"
    outbox.ask(ERASE, key, {"exhibit": str(exhibit.id)}, now=now)
    return 1
