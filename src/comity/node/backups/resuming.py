"""Let a restored node sign again: only when its ledger is shown to continue what others saw of it.

A node that goes on from an old backup would give numbers away that it gave before, and sign a second ledger.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import Error, transaction

from comity import canonical
from comity.node import config, durable
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.config import NodeConfig, NodeRestoredError
from comity.node.directory.models import Authority
from comity.node.ledger import entries, holding, sequencer
from comity.node.ledger.models import Entry
from comity.node.witnesses import own
from comity.proofs import checkpoints
from comity.terms import ComityError, gettext_noop

MOST_BYTES_OF_NOTES = 1024 * 1024


class NotRestoredError(ComityError):
    """There is nothing to resume."""

    code = "not_restored"
    message = gettext_noop("The node was not restored from a backup.")
    next_step = gettext_noop("Run it: comity node run DIR")


class ReleaseCutOffError(NodeRestoredError):
    """The break was entered after this very restore; what let the ledger sign was not reached."""

    message = gettext_noop(
        "The node was restored from a backup and signs nothing yet: its ledger was released, and the command "
        "was cut off before its end."
    )
    next_step = gettext_noop(
        "Give the same command again, which finishes it: comity ledger release DIR --username NAME "
        "--reason TEXT --checkpoint FILE"
    )


class NothingToCompareError(ComityError):
    """Neither a checkpoint that others hold nor a reason was given."""

    code = "nothing_to_compare"
    message = gettext_noop(
        "No checkpoint of this ledger that others hold was given, or only such as were declared lost."
    )
    next_step = gettext_noop(
        "Ask each peer for the last checkpoint it holds (--checkpoint FILE); where nobody holds one, say why "
        "(--nobody-holds-one REASON)."
    )


class CheckpointUnreadableError(ComityError):
    """A file that was named cannot be read."""

    code = "checkpoint_unreadable"
    message = gettext_noop("The file {path} cannot be read.")
    next_step = gettext_noop("Name the file that the peer handed out: comity ledger checkpoint, or its page.")


class LedgerBehindError(ComityError):
    """Others hold a later checkpoint than the backup has entries for."""

    code = "ledger_behind"
    message = gettext_noop("A checkpoint of {held} entries is held elsewhere; the backup has {found}.")
    next_step = gettext_noop(
        "Restore a later backup. Where there is none, say openly what was lost: comity ledger release DIR "
        "--username NAME --reason TEXT --checkpoint FILE"
    )


class LedgerForkedError(ComityError):
    """Others hold a checkpoint that this ledger contradicts."""

    code = "ledger_forked"
    message = gettext_noop("The ledger contradicts the checkpoint of {held} entries that is held elsewhere.")
    next_step = gettext_noop(
        "Keep this folder as it is and restore another backup. Where none agrees, say openly what was lost: "
        "comity ledger release DIR --username NAME --reason TEXT --checkpoint FILE"
    )


def standing(node: NodeConfig) -> NodeRestoredError | None:
    """Why a restored node signs nothing yet; None for one that was not restored, or goes on already.

    Where the database or the mark cannot be read, nothing is said of a release: it was restored all the same.
    """
    if not node.restored.exists():
        return None
    try:
        return ReleaseCutOffError() if _is_released(node) else NodeRestoredError()
    except (Error, ComityError):
        return NodeRestoredError()


def resume(node: NodeConfig, held: Sequence[Path], *, reason: str, now: datetime) -> int:
    """Compare with the checkpoints that others ``held`` and take the mark away; how many entries there are.

    Where nobody holds one, ``reason`` says why, and the ledger keeps it. One that was declared lost says
    nothing of the ledger that went on without it, so that it is none to compare with. A node that was
    released instead is not asked again: ReleaseCutOffError.
    """
    if not node.restored.is_file():
        raise NotRestoredError
    if _is_released(node):
        raise ReleaseCutOffError
    last = sequencer.latest()
    size = last.size if last else 0
    notes = _notes(held)
    compared = sorted(_compared(note, size) for note in notes)
    if not reason and all(own.is_ended(note) for note in notes):
        raise NothingToCompareError
    with transaction.atomic():
        _enter(node, compared, reason, now)
    # What was given by hand may be older than what witnesses know: they are asked before anything is signed.
    holding.hold(node.folder, holding.RESTORED, now)
    node.restored.unlink()
    durable.sync_directory(node.folder)
    return size


def release(
    node: NodeConfig,
    by: Official,
    held: Sequence[Path],
    answers: Mapping[Authority, str],
    *,
    reason: str,
    now: datetime,
) -> None:
    """Let the ledger sign after a break (``own.declare_break``); a restored node is resumed with it.

    ``held`` are files of checkpoints that others hold, ``answers`` what witnesses say. Where none of them was
    lost that is not declared yet, a restored node is resumed without a break: NodeRestoredError. A release of
    this very restore that was cut off once it was entered is finished, and nothing is entered again.
    """
    given = _notes(held)
    known = [note for note in (*given, *answers.values()) if note]
    restored = node.restored.exists()
    if restored and not any(own.is_lost(own.is_ours(note)) and not own.is_declared(note) for note in known):
        if not _is_released(node):
            raise NodeRestoredError
        authorise(by, "release_ledger")
        _let_sign(node)
        return
    with transaction.atomic(durable=True):
        if restored:
            _enter(node, sorted(own.is_ours(note).size for note in given), reason, now)
        own.declare_break(by, reason, answers, now, given=given)
    # The declaration is on the disk: only now, for a node that runs meanwhile signs once nothing holds it.
    _let_sign(node)


def _let_sign(node: NodeConfig) -> None:
    holding.release(node.folder)
    node.restored.unlink(missing_ok=True)
    durable.sync_directory(node.folder)


def _is_released(node: NodeConfig) -> bool:
    """Whether somebody declared a break after this very restore, and the ledger has it; no witness counts.

    A mark of an earlier version has no id, and is never taken for one that stands in the ledger.
    """
    this, found = _mark(node).get("restore"), False
    for entry in Entry.objects.filter(kind__in=["node_restored", "ledger_released"]).order_by("pk"):
        content = entry.content or {}
        if entry.kind == "node_restored":
            found = this is not None and content.get("restore") == this
        elif found and content.get("by") is not None:
            return True
    return False


def _mark(node: NodeConfig) -> dict[str, Any]:
    """What the restore wrote of itself (``restoring``): of which backup, when, and its random id."""
    values: dict[str, Any] = canonical.read_canonical(node.restored.read_bytes())
    return values


def _enter(node: NodeConfig, compared: Sequence[int], reason: str, now: datetime) -> None:
    """The ledger keeps from which backup it goes on, and with which sizes it was compared."""
    content = {"what": "node_restored", "compared": compared, "reason": reason, **_mark(node)}
    entries.append("node_restored", node.id, content, now=now)


def _notes(paths: Sequence[Path]) -> list[str]:
    """The notes in files, one or more in each, if this node signed them all."""
    found: list[str] = []
    begins = re.compile(rf"^(?={re.escape(checkpoints.origin(config.current().id))}$)", re.MULTILINE)
    for path in paths:
        try:
            with path.open("rb") as source:
                text = source.read(MOST_BYTES_OF_NOTES).decode(errors="replace")
        except OSError:
            raise CheckpointUnreadableError(path=path) from None
        found += filter(None, begins.split(text)) if text else [text]
    for note in found:
        own.is_ours(note)
    return found


def _compared(note: str, size: int) -> int:
    """The size of a head that others hold; one of a branch that ended binds nobody."""
    head = own.is_ours(note)
    if own.is_ended(note):
        return head.size
    if head.size > size:
        raise LedgerBehindError(held=head.size, found=size)
    if own.is_lost(head):
        raise LedgerForkedError(held=head.size)
    return head.size
