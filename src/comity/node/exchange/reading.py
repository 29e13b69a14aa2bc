"""Read letters that are in the archive: the official's opening, which is attested, and the container."""

from __future__ import annotations

import tempfile
from datetime import datetime
from typing import IO

from django.db import transaction

from comity.node import config, folders, store
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.durable import disk_told
from comity.node.exchange.models import Direction, Letter, Stage
from comity.node.exchange.opening import attest_to_sender
from comity.proofs.receipts import ReceiptName
from comity.sealing import encryption


def open_letter(official: Official, letter: Letter, now: datetime) -> Letter:
    """Note that an official opens a letter; the first time, its sender gets the RETRIEVAL receipt."""
    authorise(official, "open_letter")
    with transaction.atomic():
        row = Letter.objects.select_for_update().get(id=letter.id)
        if row.direction == Direction.IN and row.stage == Stage.DELIVERED:
            row.stage, row.stage_at = Stage.RETRIEVED, now
            row.save(update_fields=["stage", "stage_at"])
            attest_to_sender(row, ReceiptName.RETRIEVAL, now)
    return row


def container(letter: Letter) -> IO[bytes]:
    """The sealed container, decrypted into a file without a name that vanishes when it is closed."""
    return stored(letter.container)


def stored(key: str) -> IO[bytes]:
    """The same of any container in the store, by its key."""
    node = config.current()
    out = tempfile.TemporaryFile(dir=node.arriving)  # noqa: SIM115 -- the caller closes it
    with disk_told(), store.open(key) as encrypted:
        encryption.decrypt(encrypted, out, [folders.storage_identity(node)])
    out.seek(0)
    return out
