"""Number the committed entries and sign one checkpoint over all of them.

One sequencer runs at a time (a lock of the database), so the log has no gap and no fork. Nothing is signed
before the stored tree has been shown to continue the last signed one: a flipped bit once ended a public
log, because a head was signed over it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction

from comity.node import config
from comity.node.ledger import holding, keys, wall_clock
from comity.node.ledger.models import Checkpoint, Entry, Subtree
from comity.proofs import checkpoints, merkle
from comity.proofs.entries import commit, leaf_hash
from comity.terms import ComityError, gettext_noop

BATCH = 1000
_LOCK = 0x636F6D69  # "comi": the advisory lock of the sequencer on PostgreSQL


class LedgerBrokenError(ComityError):
    """What is stored does not agree with what was signed or committed."""

    code = "ledger_broken"
    message = gettext_noop("The stored ledger does not agree with what was signed: {detail}.")
    next_step = gettext_noop("Stop the node, keep the disk as it is, and run comity ledger verify.")


def sequence(now: datetime) -> Checkpoint | None:
    """Give every committed entry without a number its number and sign a checkpoint; the latest one.

    Returns the latest checkpoint even when there was nothing to number, and None while the log is empty.
    Raises LedgerHeldError while the node must ask its witnesses first, and ClockSteppedError while its clock
    cannot be believed.
    """
    wall_clock.demand_steady()
    if not Entry.objects.filter(index=None).exists():
        return latest()
    config.current().demand_resumed()
    while True:
        with transaction.atomic():
            _wait_for_our_turn()
            holding.demand_free()
            waiting = list(Entry.objects.filter(index=None).order_by("id")[:BATCH])
            checkpoint = _extend(waiting, now) if waiting else latest()
        if len(waiting) < BATCH:
            return checkpoint


def sequence_if_free(now: datetime) -> None:
    """The same for the worker's rounds, which go on while the ledger is held."""
    if holding.held(config.current().folder) is None and wall_clock.step() is None:
        sequence(now)


def latest() -> Checkpoint | None:
    """The newest signed head of the log."""
    return Checkpoint.objects.order_by("-size").first()


def stored_subtree(level: int, number: int) -> bytes:
    """A complete subtree's hash as the database holds it."""
    found = Subtree.objects.filter(level=level, number=number).values_list("hash", flat=True).first()
    if found is None:
        raise LedgerBrokenError(detail=f"subtree {level}/{number} is missing")
    return bytes(found)


def _wait_for_our_turn() -> None:
    # On SQLite the IMMEDIATE transaction is the lock already.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _extend(entries: Iterable[Entry], now: datetime) -> Checkpoint:
    size = before = _checked_size()
    new: dict[tuple[int, int], bytes] = {}

    def subtree(level: int, number: int) -> bytes:
        found = new.get((level, number))
        return stored_subtree(level, number) if found is None else found

    places = []
    for entry in entries:
        leaf = leaf_hash(_checked_commitment(entry))
        # Collected before it is stored: `append` reads subtrees that earlier entries have completed.
        new.update({(level, number): digest for level, number, digest in merkle.append(size, leaf, subtree)})
        places.append((size, entry.pk))
        size += 1
    _number(places)
    Subtree.objects.bulk_create(
        Subtree(level=level, number=number, hash=digest) for (level, number), digest in new.items()
    )
    head = checkpoints.Checkpoint(_origin(), size, merkle.root(size, subtree), after=before)
    note = checkpoints.sign_checkpoint(head, keys.signer()).decode()
    return Checkpoint.objects.create(size=size, note=note, made_at=now)


def _number(places: Sequence[tuple[int, int]]) -> None:
    """Give entries (by id) their numbers, one statement each: one CASE over all takes far longer."""
    table, index, key = map(connection.ops.quote_name, (Entry._meta.db_table, "index", "id"))
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {index} = %s WHERE {key} = %s", places)  # noqa: S608  own names


def _checked_size() -> int:
    """The size of the log, once the stored tree has given the root that was last signed."""
    last = latest()
    if last is None:
        return 0
    head = checkpoints.open_checkpoint(last.note.encode(), keys.signer().verifier, _origin())
    if head.size != last.size or merkle.root(head.size, stored_subtree) != head.root:
        raise LedgerBrokenError(detail=f"checkpoint {last.size} is not the root of the stored tree")
    return head.size


def _checked_commitment(entry: Entry) -> bytes:
    commitment = bytes(entry.commitment)
    if entry.salt is not None and commit(bytes(entry.salt), entry.content) != commitment:
        raise LedgerBrokenError(detail=f"entry {entry.id} was changed before it was numbered")
    return commitment


def _origin() -> str:
    return checkpoints.origin(config.current().id)
