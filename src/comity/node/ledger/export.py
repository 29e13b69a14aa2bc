"""Write the whole log as files that ``comity ledger verify`` checks without a node."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from django.db import transaction

from comity import canonical
from comity.node import durable
from comity.node.ledger import keys
from comity.node.ledger.models import Checkpoint, Entry
from comity.node.ledger.sequencer import latest
from comity.proofs import exports
from comity.shapes import encode_base64


def signed(heads: Iterable[Checkpoint]) -> Iterator[str]:
    """The notes of these heads as this node signed them."""
    return (head.note for head in heads)


def write(folder: Path, notes_of: Callable[[Iterable[Checkpoint]], Iterable[str]] = signed) -> int:
    """Write the log up to its latest checkpoint into a new folder; return the number of entries.

    ``notes_of`` gives the notes of heads, with the cosignatures that a higher room keeps. One read of the
    database, so that entries and checkpoints belong together while the node goes on.
    """
    durable.make_directories(folder)
    with transaction.atomic():
        head = latest()
        size = head.size if head else 0
        _write(folder / exports.KEY, [keys.verifier().text + "\n"])
        _write(folder / exports.CHECKPOINTS, _lines({"note": note} for note in notes_of(_heads(size))))
        _write(folder / exports.ENTRIES, _lines(_entries(size)))
    return size


def _heads(size: int) -> Iterator[Checkpoint]:
    return Checkpoint.objects.filter(size__lte=size).order_by("size").iterator()


def _entries(size: int) -> Iterator[dict[str, object]]:
    for entry in Entry.objects.filter(index__lt=size).order_by("index").iterator():
        yield {
            "index": entry.index,
            "commitment": bytes(entry.commitment).hex(),
            "salt": None if entry.salt is None else encode_base64(bytes(entry.salt)),
            "content": entry.content if entry.salt is not None else None,
        }


def _lines(rows: Iterable[dict[str, object]]) -> Iterator[str]:
    return (canonical.write(row).decode() + "\n" for row in rows)


def _write(path: Path, lines: Iterable[str]) -> None:
    with durable.new_file(path) as out:
        for line in lines:
            out.write(line.encode())
