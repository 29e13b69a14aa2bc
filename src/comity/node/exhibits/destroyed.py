"""Which exhibits were destroyed, kept apart from the database: a restored backup brings no key back.

The list (``destroyed`` in the node's folder, one id a line) only grows. It holds no more than ids, is copied
anywhere without harm, and is applied each time the node starts.
"""

from __future__ import annotations

import os
import uuid
from datetime import datetime

from django.db import transaction

from comity.node import config
from comity.node.directory import known
from comity.node.exhibits import custody
from comity.node.exhibits.models import CopyState, Exhibit
from comity.node.jobs import outbox
from comity.proofs.custody import CustodyAct

FILE = "destroyed"
ERASE = "exhibits.erase"
"""The job that removes what held the exhibit (erasing.py)."""
POST = "restored backup"
"""Whose act the second destruction is: the node's own, of what officials had decided before."""


def note(exhibit: uuid.UUID) -> None:
    """Add an exhibit to the list, durably; one that stands there is not added again."""
    if exhibit in listed():
        return
    file = os.open(config.current().folder / FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(file, f"\n{exhibit}\n".encode())  # on a line of its own, whatever was cut off before
        os.fsync(file)
    finally:
        os.close(file)


def listed() -> set[uuid.UUID]:
    """The exhibits on the list; a line that was cut off when the power went is none."""
    try:
        lines = (config.current().folder / FILE).read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return set()
    return {uuid.UUID(line) for line in lines if len(line) == 36}


def apply(now: datetime) -> int:
    """Destroy again what a restored database still has the key of; return how many exhibits that were."""
    back = Exhibit.objects.filter(pk__in=listed(), wrapped_key__isnull=False)
    return sum(_again(each.pk, now) for each in back)


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
