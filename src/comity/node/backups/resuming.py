"""Let a restored node sign again: only when its ledger is shown to continue what others saw of it.

A node that goes on from an old backup would give numbers away that it gave before, and sign a second ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

from django.db import transaction

from comity import canonical
from comity.node import durable
from comity.node.config import NodeConfig
from comity.node.ledger import entries, holding, keys, sequencer
from comity.proofs import checkpoints, merkle
from comity.terms import ComityError, gettext_noop

MOST_BYTES_OF_NOTE = 64 * 1024


class NotRestoredError(ComityError):
    """There is nothing to resume."""

    code = "not_restored"
    message = gettext_noop("The node was not restored from a backup.")
    next_step = gettext_noop("Run it: comity node run DIR")


class NothingToCompareError(ComityError):
    """Neither a checkpoint that others hold nor a reason was given."""

    code = "nothing_to_compare"
    message = gettext_noop("No checkpoint that others hold of this ledger was given.")
    next_step = gettext_noop(
        "Ask each peer for the last checkpoint it holds (--checkpoint FILE); where nobody holds one, say why "
        "(--nobody-holds-one REASON)."
    )


class LedgerBehindError(ComityError):
    """Others hold a later checkpoint than the backup has entries for."""

    code = "ledger_behind"
    message = gettext_noop("A checkpoint of {held} entries is held elsewhere; the backup has {found}.")
    next_step = gettext_noop("Restore a later backup. Without one the old ledger must end: make a new node.")


class LedgerForkedError(ComityError):
    """Others hold a checkpoint that this ledger contradicts."""

    code = "ledger_forked"
    message = gettext_noop("The ledger contradicts the checkpoint of {held} entries that is held elsewhere.")
    next_step = gettext_noop("Keep this folder as it is, restore another backup, and tell the peer.")


def resume(node: NodeConfig, held: Sequence[Path], *, reason: str, now: datetime) -> int:
    """Compare with the checkpoints that others ``held`` and take the mark away; how many entries there are.

    Where nobody holds one, ``reason`` says why, and the ledger keeps it.
    """
    if not node.restored.is_file():
        raise NotRestoredError
    if not held and not reason:
        raise NothingToCompareError
    last = sequencer.latest()
    size = last.size if last else 0
    compared = [_compared(path, size, node) for path in held]
    mark = canonical.read_canonical(node.restored.read_bytes())
    content = {"what": "node_restored", "compared": sorted(compared), "reason": reason, **mark}
    with transaction.atomic():
        entries.append("node_restored", node.id, content, now=now)
    # What was given by hand may be older than what witnesses know: they are asked before anything is signed.
    holding.hold(node.folder, holding.RESTORED, now)
    node.restored.unlink()
    durable.sync_directory(node.folder)
    return size


def _compared(path: Path, size: int, node: NodeConfig) -> int:
    with path.open("rb") as source:
        note = source.read(MOST_BYTES_OF_NOTE)
    head = checkpoints.open_checkpoint(note, keys.signer().verifier, checkpoints.origin(node.id))
    if head.size > size:
        raise LedgerBehindError(held=head.size, found=size)
    if sequencer.over_stored(partial(merkle.root, head.size)) != head.root:
        raise LedgerForkedError(held=head.size)
    return head.size
