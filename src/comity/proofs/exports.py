"""A whole ledger as files, checked against every checkpoint its node ever signed.

An export is a folder with ``log.vkey`` (the node's verifier key), ``checkpoints.jsonl`` (``{"note"}`` a
line, oldest first) and ``entries.jsonl`` (``{"index","commitment","salt","content"}`` a line, in order;
salt and content are null once destroyed). Read line by line, in constant memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from comity import canonical
from comity.proofs import cosignatures, merkle
from comity.proofs.checkpoints import Checkpoint, open_checkpoint
from comity.proofs.entries import commit, leaf_hash
from comity.proofs.notes import Verifier
from comity.shapes import Base64, Sha256Hex, Shape, Size, decode_base64
from comity.terms import ComityError, gettext_noop

KEY, CHECKPOINTS, ENTRIES = "log.vkey", "checkpoints.jsonl", "entries.jsonl"


class LedgerExportUnreadableError(ComityError):
    """A folder is no export of a ledger."""

    code = "ledger_export_unreadable"
    message = gettext_noop("{folder} is not a readable ledger export: {detail}.")
    next_step = gettext_noop("Name a node's folder, or a folder that a node's ledger was exported to.")


class LedgerDisprovedError(ComityError):
    """Entries and checkpoints of a ledger do not belong together."""

    code = "ledger_disproved"
    message = gettext_noop("The ledger does not hold: {detail}.")
    next_step = gettext_noop("Keep the export as it is: with the checkpoints others hold it is evidence.")


@dataclass(frozen=True, slots=True)
class LedgerFinding:
    """What an intact ledger shows: entries, how many of them are erased, checkpoints, the signer's name.

    ``witnesses`` are the names of the trusted authorities that cosigned, each with the largest size that it
    did cosign. Without trust there are none, whatever stands under the checkpoints.
    """

    entries: int
    erased: int
    checkpoints: int
    signer: str
    witnesses: dict[str, int] = field(default_factory=dict)


class _Frontier:
    """The root of a growing tree from its complete subtrees alone: at most one of each size."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        self.size += 1
        self._subtrees.append((1, leaf))
        while len(self._subtrees) > 1 and self._subtrees[-1][0] == self._subtrees[-2][0]:
            (leaves, right), (_, left) = self._subtrees.pop(), self._subtrees.pop()
            self._subtrees.append((2 * leaves, merkle.node_hash(left, right)))

    def root(self) -> bytes:
        *rest, (_, digest) = self._subtrees
        for _, left in reversed(rest):
            digest = merkle.node_hash(left, digest)
        return digest


class EntryRow(Shape):
    """A line of the entries; salt and content are null once they are destroyed."""

    index: Size
    commitment: Sha256Hex
    salt: Base64 | None
    content: Any


class CheckpointRow(Shape):
    """A line of the checkpoints."""

    note: str


def verify_export(
    folder: Path, key: Verifier | None = None, witnesses: Sequence[Verifier] = ()
) -> LedgerFinding:
    """Check that every checkpoint is the root of the entries before it, and every content its commitment.

    ``key`` is the verifier key to trust; without it the key inside the export is used, which shows only
    that the export agrees with itself. ``witnesses`` are the keys of other authorities: a cosignature of one
    of them must hold. Raises LedgerDisprovedError, CosignatureWrongError, or the error of a bad signature.
    """
    verifier = key or _key(folder)
    notes = (row.note for row in _rows(folder, CHECKPOINTS, CheckpointRow))
    return verify_rows(notes, _rows(folder, ENTRIES, EntryRow), verifier, witnesses)


def verify_rows(
    notes: Iterable[str], rows: Iterable[EntryRow], verifier: Verifier, witnesses: Sequence[Verifier] = ()
) -> LedgerFinding:
    """The same of rows that were already read: checkpoints oldest first, entries in their order."""
    cosigned: dict[str, int] = {}
    others = [each for each in witnesses if each.name != verifier.name]
    heads = _heads(notes, verifier, others, cosigned)
    tree, erased, checked = _Frontier(), 0, 0
    head = next(heads, None)
    for row in rows:
        if head is None:
            raise LedgerDisprovedError(detail=f"entry {tree.size} lies beyond the last checkpoint")
        tree.add(_checked_leaf(row, tree.size))
        erased += row.salt is None
        if tree.size == head.size:
            if tree.root() != head.root:
                raise LedgerDisprovedError(detail=f"checkpoint {head.size} is not the root of its entries")
            checked, head = checked + 1, next(heads, None)
    if head is not None:
        raise LedgerDisprovedError(detail=f"entries before checkpoint {head.size} are missing")
    return LedgerFinding(tree.size, erased, checked, verifier.name, cosigned)


def _heads(
    notes: Iterable[str], verifier: Verifier, witnesses: Sequence[Verifier], cosigned: dict[str, int]
) -> Iterator[Checkpoint]:
    """Each signed head, larger than the one before it, which it names; who ``cosigned`` which last."""
    last = 0
    for note in notes:
        # The log's origin is the signer's name with "/log".
        head = open_checkpoint(note.encode(), verifier, f"{verifier.name}/log")
        if head.size <= last:
            raise LedgerDisprovedError(detail=f"checkpoint {head.size} follows checkpoint {last}")
        if head.after not in (None, last):
            raise LedgerDisprovedError(
                detail=f"checkpoint {head.after} before checkpoint {head.size} is missing"
            )
        last = head.size
        cosigned.update({each.name: head.size for each in cosignatures.read(note.encode(), witnesses)})
        yield head


def _checked_leaf(row: EntryRow, index: int) -> bytes:
    if row.index != index:
        raise LedgerDisprovedError(detail=f"entry {index} is missing")
    commitment = bytes.fromhex(row.commitment)
    if row.salt is None:
        if row.content is not None:
            raise LedgerDisprovedError(detail=f"entry {index} has a content without its salt")
    elif commit(decode_base64(row.salt), row.content) != commitment:
        raise LedgerDisprovedError(detail=f"the content of entry {index} is not what was committed")
    return leaf_hash(commitment)


def _key(folder: Path) -> Verifier:
    try:
        return Verifier.parse((folder / KEY).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise LedgerExportUnreadableError(folder=folder, detail=f"{KEY} cannot be read") from error


_Row = TypeVar("_Row", bound=Shape)


def _rows(folder: Path, name: str, shape: type[_Row]) -> Iterator[_Row]:
    try:
        with (folder / name).open("rb") as lines:
            for line in lines:
                yield shape.model_validate(canonical.read(line))
    except ValidationError:
        raise LedgerExportUnreadableError(folder=folder, detail=f"{name} has a malformed line") from None
    except OSError as error:
        raise LedgerExportUnreadableError(folder=folder, detail=f"{name} cannot be read") from error
