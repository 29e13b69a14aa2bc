"""Number the committed entries and sign one checkpoint over all of them.

One sequencer runs at a time (a lock of the database), so the log has no gap and no fork. Nothing is signed
before the stored tree has been shown to continue the last signed one: a flipped bit once ended a public
log, because a head was signed over it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import connection, transaction

from comity.node import config
from comity.node.databases import rows
from comity.node.ledger import holding, keys, wall_clock
from comity.node.ledger.models import Checkpoint, Entry, Subtree
from comity.proofs import checkpoints, merkle
from comity.proofs.entries import commit, commit_written, leaf_hash
from comity.proofs.merkle import Subtree as Tree
from comity.terms import ComityError, gettext_noop

_Walked = TypeVar("_Walked")
BATCH = 1000
AT_ONCE = 400
"""Subtrees read by one question: SQLite takes no deeper condition than 1,000."""
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
    if not connection.in_atomic_block and not Entry.objects.filter(index=None).exists():
        return latest()
    config.current().demand_resumed()
    while True:
        with transaction.atomic():
            _wait_for_our_turn()
            holding.demand_free()
            waiting = _waiting()
            checkpoint = _extend(waiting, now) if waiting else latest()
        if len(waiting) < BATCH:
            return checkpoint


def sequence_if_free(now: datetime) -> None:
    """The same for the worker's rounds, which go on while the ledger is held."""
    if holding.held(config.current().folder) is None and wall_clock.step() is None:
        sequence(now)


def latest() -> Checkpoint | None:
    """The newest signed head of the log."""
    return rows.last(Checkpoint)


def over_stored(walk: Callable[[Tree], _Walked]) -> _Walked:
    """What ``walk`` makes of the stored tree: it says first which hashes it needs; they are read at once."""
    wanted: list[tuple[int, int]] = []

    def ask(level: int, number: int) -> bytes:
        wanted.append((level, number))
        return b""

    walk(ask)
    found = _stored(wanted)

    def stored(level: int, number: int) -> bytes:
        if (level, number) not in found:
            raise LedgerBrokenError(detail=f"subtree {level}/{number} is missing")
        return found[level, number]

    return walk(stored)


def _stored(wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """The hashes of these subtrees, ``AT_ONCE`` by one question."""
    table, *columns = map(connection.ops.quote_name, (Subtree._meta.db_table, "level", "number", "hash"))
    level, number, _ = columns
    found: dict[tuple[int, int], bytes] = {}
    each_once = list(dict.fromkeys(wanted))
    for start in range(0, len(each_once), AT_ONCE):
        some = each_once[start : start + AT_ONCE]
        pairs = " OR ".join([f"({level} = %s AND {number} = %s)"] * len(some))
        asked = f"SELECT {', '.join(columns)} FROM {table} WHERE {pairs}"  # noqa: S608  own names
        answered = rows.tuples(asked, [part for pair in some for part in pair])
        found |= {(level, number): bytes(digest) for level, number, digest in answered}
    return found


def _wait_for_our_turn() -> None:
    # On SQLite the IMMEDIATE transaction is the lock already.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


_WITHOUT_NUMBER = """
SELECT "id", "salt", CAST("content" AS text), "commitment" FROM "ledger_entry"
WHERE "index" IS NULL ORDER BY "id" LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An entry without a number; ``content`` is its JSON text as it is stored."""

    id: int
    salt: bytes | None
    content: str | None
    commitment: bytes

    def leaf(self) -> bytes:
        """Its leaf hash; raises LedgerBrokenError when the content is not what was committed to."""
        if self.salt is not None and not self._holds(self.salt):
            raise LedgerBrokenError(detail=f"entry {self.id} was changed before it was numbered")
        return leaf_hash(self.commitment)

    def _holds(self, salt: bytes) -> bool:
        if self.content is None:
            return False
        if commit_written(salt, self.content.encode()) == self.commitment:
            return True
        try:  # PostgreSQL keeps the value and not the text
            return commit(salt, json.loads(self.content)) == self.commitment
        except (ComityError, ValueError):
            return False


def _waiting() -> list[_Waiting]:
    return [
        _Waiting(id, None if salt is None else bytes(salt), content, bytes(commitment))
        for id, salt, content, commitment in rows.tuples(_WITHOUT_NUMBER, {"most": BATCH})
    ]


def _extend(entries: Sequence[_Waiting], now: datetime) -> Checkpoint:
    before, known = _checked_edge()
    size = before + len(entries)
    grown: list[tuple[int, int, bytes]] = []
    leaves = [entry.leaf() for entry in entries]
    for level, first, hashes in merkle.extend(before, leaves, lambda *place: known[place]):
        grown += [(level, number, digest) for number, digest in enumerate(hashes, first)]
    _number([(number, entry.id) for number, entry in enumerate(entries, before)])
    _grow(grown)
    known |= {(level, number): digest for level, number, digest in grown}
    head = checkpoints.Checkpoint(
        _origin(), size, merkle.root(size, lambda *place: known[place]), after=before
    )
    note = checkpoints.sign_checkpoint(head, keys.signer()).decode()
    checkpoint = Checkpoint(size=size, note=note, made_at=now)
    rows.insert(checkpoint)
    return checkpoint


def _number(places: Sequence[tuple[int, int]]) -> None:
    """Give entries (by id) their numbers, one statement each: one CASE over all takes far longer."""
    table, index, key = map(connection.ops.quote_name, (Entry._meta.db_table, "index", "id"))
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {index} = %s WHERE {key} = %s", places)  # noqa: S608  own names


def _grow(subtrees: Sequence[tuple[int, int, bytes]]) -> None:
    columns = (Subtree._meta.db_table, "level", "number", "hash")
    table, level, number, digest = map(connection.ops.quote_name, columns)
    with connection.cursor() as cursor:
        added = f"INSERT INTO {table} ({level}, {number}, {digest}) VALUES (%s, %s, %s)"  # noqa: S608  own names
        cursor.executemany(added, subtrees)


def _checked_edge() -> tuple[int, dict[tuple[int, int], bytes]]:
    """The size of the log and its largest complete subtrees, once they gave the root that was last signed.

    Whatever is appended, and the root after it, is made of these and of what is new.
    """
    last = latest()
    if last is None:
        return 0, {}
    head = checkpoints.open_checkpoint(last.note.encode(), keys.verifier(), _origin())
    edge: dict[tuple[int, int], bytes] = {}

    def root(subtree: Tree) -> bytes:
        def kept(level: int, number: int) -> bytes:
            edge[level, number] = subtree(level, number)
            return edge[level, number]

        return merkle.root(head.size, kept)

    if head.size != last.size or over_stored(root) != head.root:
        raise LedgerBrokenError(detail=f"checkpoint {last.size} is not the root of the stored tree")
    return head.size, edge


def _origin() -> str:
    return checkpoints.origin(config.current().id)
