"""Write what a node keeps as evidence as files that ``comity verify`` checks without the node.

Rows in one read of the database, then the segments and the letters' containers. Containers leave decrypted,
as they were sealed; segments stay encrypted under the exhibits' own keys (docs/sealing.md, clause 15).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from comity import canonical
from comity.node import durable, store
from comity.node.directory import known
from comity.node.exchange import reading
from comity.node.exchange.models import Letter, Receipt, Rejection
from comity.node.exhibits import remaining
from comity.node.exhibits.content import segment_key
from comity.node.exhibits.models import CustodyRecord, Renewal, Segment
from comity.node.ledger import export, keys, sequencer
from comity.node.witnesses import own
from comity.proofs import receipts
from comity.sealing import archive

_BLOCK = 1024 * 1024


def write(folder: Path, now: datetime) -> int:
    """Write the archive into a new folder; return the number of entries of its ledger."""
    sequencer.sequence(now)
    with transaction.atomic():
        size = export.write(folder, own.cosigned_notes)
        segments = list(_segments())
        letters = list(Letter.objects.exclude(container="").order_by("id"))
        renewals = Renewal.objects.exclude(letter__container="", of_remains=False).order_by("letter_id", "n")
        renewed = list(renewals)
        _write(folder / archive.CUSTODY, _custody(size))
        _write(folder / archive.SEGMENTS, segments)
        _write(folder / archive.RECEIPTS, _receipts())
    durable.make_directories(folder / archive.SEGMENT_FOLDER)
    for name in sorted({segment["sha256"] for segment in segments}):
        if store.exists(segment_key(name)):  # of a destroyed exhibit they are gone, and the ledger says so
            with store.open(segment_key(name)) as stored:
                _copy(stored, folder / archive.SEGMENT_FOLDER / name)
    durable.make_directories(folder / archive.CONTAINER_FOLDER)
    for letter in letters:
        with reading.container(letter) as opened:
            _copy(opened, folder / archive.CONTAINER_FOLDER / f"{letter.id}.asice")
    durable.make_directories(folder / archive.REMAINS_FOLDER)
    for letter in Letter.objects.filter(container="").order_by("id"):
        if store.exists(remaining.key(letter)):
            with reading.stored(remaining.key(letter)) as opened:
                _copy(opened, folder / archive.REMAINS_FOLDER / f"{letter.id}.json")
    for each in renewed:
        with reading.stored(each.key) as opened:
            place = archive.REMAINS_FOLDER if each.of_remains else archive.CONTAINER_FOLDER
            _copy(opened, folder / place / f"{each.letter_id}.{each.n}.asice")
    return size


def _custody(size: int) -> Iterable[dict[str, Any]]:
    rows = CustodyRecord.objects.select_related("entry").order_by("exhibit_id", "n")
    for row in rows.iterator():
        index = row.entry.index if row.entry else None
        if index is None or index < size:
            yield {"exhibit": str(row.exhibit_id), "n": row.n, "entry": index, "record": row.record}


def _segments() -> Iterable[dict[str, Any]]:
    for row in Segment.objects.order_by("exhibit_id", "position").iterator():
        yield {
            "exhibit": str(row.exhibit_id),
            "position": row.position,
            "bytes": row.bytes,
            "sha256": row.ciphertext_sha256,
        }


def _receipts() -> list[dict[str, Any]]:
    """The receipts of letters, and the notes that say why something was not taken in."""
    own, verifier = known.own().id, keys.verifier()
    rows = [
        {"letter": str(row.letter_id), "receipt": row.kind, "by": row.issued_by, "note": row.note}
        for row in Receipt.objects.iterator()
    ]
    for rejection in Rejection.objects.iterator():
        told = receipts.open_receipt(rejection.note.encode(), verifier)
        note = {"receipt": told.receipt.value, "by": own, "note": rejection.note}
        rows.append({"letter": str(rejection.letter), **note})
    return sorted(rows, key=lambda row: (row["letter"], row["receipt"], row["by"], row["note"]))


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with durable.new_file(path) as out:
        for row in rows:
            out.write(canonical.write(row) + b"\n")


def _copy(source: Any, path: Path) -> None:
    with durable.new_file(path) as out:
        shutil.copyfileobj(source, out, _BLOCK)
