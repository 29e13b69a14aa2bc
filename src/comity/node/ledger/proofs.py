"""Proofs that an entry stands in the log and that the log only grew."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from comity.node.ledger.models import Checkpoint, Entry
from comity.node.ledger.sequencer import latest, over_stored
from comity.proofs import merkle
from comity.proofs.entries import EntryProof
from comity.shapes import encode_base64
from comity.terms import ComityError, gettext_noop


class EntryUnnumberedError(ComityError):
    """The entry has no place in the log yet."""

    code = "entry_unnumbered"
    message = gettext_noop("The ledger has not numbered this entry yet.")
    next_step = gettext_noop("Wait a moment; the node's worker numbers entries every second.")


class EntryErasedError(ComityError):
    """Content and salt of the entry were destroyed; the log stays valid, the proof is gone with them."""

    code = "entry_erased"
    message = gettext_noop("The content of this entry was destroyed, so nothing can be proved about it.")
    next_step = gettext_noop("Rely on copies of the proof that were given out before.")


def entry_proof(entry: Entry, checkpoint: Checkpoint | None = None) -> tuple[EntryProof, bytes]:
    """The entry's proof under a checkpoint (the latest one unless told), and that checkpoint's note."""
    head = checkpoint or latest()
    if head is None:
        raise EntryUnnumberedError
    return entry_proofs([entry], head)[0], head.note.encode()


def entry_proofs(entries: Sequence[Entry], head: Checkpoint) -> list[EntryProof]:
    """The proofs of several entries under one head, whose hashes are read together.

    Raises EntryUnnumberedError and EntryErasedError as ``entry_proof`` does.
    """
    places = []
    for entry in entries:
        if entry.index is None or entry.index >= head.size:
            raise EntryUnnumberedError
        if entry.salt is None:
            raise EntryErasedError
        places.append((entry.index, bytes(entry.salt), entry.content))
    paths = over_stored(
        lambda tree: [merkle.prove_inclusion(index, head.size, tree) for index, _, _ in places]
    )
    return [
        EntryProof(index, salt, content, head.size, path)
        for (index, salt, content), path in zip(places, paths, strict=True)
    ]


def inclusion(entry: Entry, checkpoint: Checkpoint | None = None) -> dict[str, Any]:
    """The same as JSON values: index, salt, content, size, path, checkpoint."""
    proof, note = entry_proof(entry, checkpoint)
    return {
        "index": proof.index,
        "salt": encode_base64(proof.salt),
        "content": proof.content,
        "size": proof.size,
        "path": [step.hex() for step in proof.path],
        "checkpoint": note.decode(),
    }


def consistency(old_size: int, new_size: int) -> list[str]:
    """The proof that the log of ``new_size`` entries continues the one of ``old_size``, as hex."""
    return [step.hex() for step in over_stored(partial(merkle.prove_consistency, old_size, new_size))]
