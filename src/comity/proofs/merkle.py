"""The Merkle tree of RFC 9162, section 2.1: roots, inclusion proofs and consistency proofs.

A tree is read through a ``Subtree``: a function from ``(level, index)`` to the hash of the
complete subtree over the ``2**level`` leaves that begin at leaf ``index * 2**level``. Such a
subtree never changes once its leaves exist, so a store keeps each hash once and for ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

from comity.terms import ComityError, gettext_noop

Subtree = Callable[[int, int], bytes]

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves (RFC 9162, section 2.1.1)."""


class InclusionUnprovenError(ComityError):
    """An inclusion proof does not lead from the leaf to the root."""

    code = "inclusion_unproven"
    message = gettext_noop("The proof does not show that entry {index} is in the ledger of {size} entries.")
    next_step = gettext_noop("Ask for a new proof; if it fails too, the entry or the ledger was altered.")


class ConsistencyUnprovenError(ComityError):
    """A consistency proof does not show that the newer tree continues the older one."""

    code = "consistency_unproven"
    message = gettext_noop(
        "The proof does not show that the ledger of {new_size} entries continues the one of {old_size}."
    )
    next_step = gettext_noop("Keep both checkpoints: together they can prove that the ledger was rewritten.")


def leaf_hash(leaf: bytes) -> bytes:
    """SHA-256 of a leaf's bytes behind the leaf prefix 0x00 (LEDGER-1)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256 of two child hashes behind the node prefix 0x01."""
    return sha256(b"\x01" + left + right).digest()


def root(size: int, subtree: Subtree) -> bytes:
    """The root of the tree of the first ``size`` leaves."""
    return _range_hash(0, size, subtree) if size else EMPTY_ROOT


def extend(
    size: int, leaves: Sequence[bytes], subtree: Subtree
) -> Iterator[tuple[int, int, Sequence[bytes]]]:
    """Every subtree that the leaf hashes ``leaves``, as numbers ``size`` and following, complete.

    Level by level from the leaves: (level, index of the first, their hashes in order). Of ``subtree`` only
    the largest complete ones of the first ``size`` leaves are asked.
    """
    level, first, row = 0, size, leaves
    while row:
        yield level, first, row
        if first % 2:
            first, row = first - 1, [subtree(level, first - 1), *row]
        pairs = zip(row[::2], row[1::2], strict=False)  # one that is left over completes nothing
        level, first, row = level + 1, first // 2, [node_hash(left, right) for left, right in pairs]


def subtrees(leaves: Sequence[bytes]) -> Subtree:
    """The ``Subtree`` of leaf hashes that are all in memory."""
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        row = levels[-1]
        levels.append([node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)])
    return lambda level, index: levels[level][index]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes that are all in memory."""
    return root(len(leaves), subtrees(leaves))


class RunningRoot:
    """The root over leaf hashes that come one after the other; of them only complete subtrees are kept."""

    def __init__(self) -> None:
        self._size = 0
        self._complete: list[bytes] = []
        """Hashes of the largest complete subtrees, from the left, each larger than the next."""

    def add(self, leaf: bytes) -> None:
        """The next leaf hash."""
        index, digest = self._size, leaf
        while index % 2:
            digest = node_hash(self._complete.pop(), digest)
            index //= 2
        self._complete.append(digest)
        self._size += 1

    def root(self) -> bytes:
        """The root over the leaves so far."""
        if not self._complete:
            return EMPTY_ROOT
        *left, digest = self._complete
        for each in reversed(left):
            digest = node_hash(each, digest)
        return digest


def prove_inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """The audit path of leaf ``index`` in the tree of ``size`` leaves, lowest hash first (2.1.3.1)."""
    if not 0 <= index < size:
        raise InclusionUnprovenError(index=index, size=size)
    start, end, path = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_range_hash(middle, end, subtree))
            end = middle
        else:
            path.append(_range_hash(start, middle, subtree))
            start = middle
    return path[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> None:
    """Raise InclusionUnprovenError unless ``path`` leads from the leaf hash to ``root`` (2.1.3.2)."""
    unproven = InclusionUnprovenError(index=index, size=size)
    if not 0 <= index < size or not _are_hashes(leaf, root, *path):
        raise unproven
    here, last, digest = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise unproven
        if here % 2 or here == last:
            digest = node_hash(sibling, digest)
            while here and not here % 2:
                here, last = here >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        here, last = here >> 1, last >> 1
    if last or digest != root:
        raise unproven


def prove_consistency(old_size: int, new_size: int, subtree: Subtree) -> list[bytes]:
    """The proof that the tree of ``new_size`` leaves begins with that of ``old_size`` (2.1.4.1).

    Empty when the sizes are equal, or the old tree is empty: every tree continues that one.
    """
    if not 0 <= old_size <= new_size:
        raise ConsistencyUnprovenError(old_size=old_size, new_size=new_size)
    if old_size in (0, new_size):
        return []
    start, end, path = 0, new_size, []
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            path.append(_range_hash(middle, end, subtree))
            end = middle
        else:
            path.append(_range_hash(start, middle, subtree))
            start = middle
    if start:  # the verifier knows the old root only when it is this very subtree
        path.append(_range_hash(start, end, subtree))
    return path[::-1]


def check_consistency(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: Sequence[bytes]
) -> None:
    """Raise ConsistencyUnprovenError unless the new tree continues the old one (2.1.4.2)."""
    unproven = ConsistencyUnprovenError(old_size=old_size, new_size=new_size)
    if not 0 <= old_size <= new_size or not _are_hashes(old_root, new_root, *path):
        raise unproven
    if old_size in (0, new_size):
        expected = EMPTY_ROOT if old_size == 0 else new_root
        if path or old_root != expected:
            raise unproven
        return
    # A complete old tree is itself the first node of the path.
    hashes = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    if not hashes or _both_roots(hashes, old_size - 1, new_size - 1) != (old_root, new_root):
        raise unproven


def _both_roots(hashes: list[bytes], here: int, last: int) -> tuple[bytes, bytes] | None:
    while here % 2:
        here, last = here >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return None
        if here % 2 or here == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while here and not here % 2:
                here, last = here >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        here, last = here >> 1, last >> 1
    return None if last else (old, new)


def _range_hash(start: int, end: int, subtree: Subtree) -> bytes:
    """MTH of leaves start..end-1, where start is a multiple of the largest power of two below the size."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return subtree(level, start >> level)
    middle = start + _split(size)
    return node_hash(_range_hash(start, middle, subtree), _range_hash(middle, end, subtree))


def _split(size: int) -> int:
    """The largest power of two smaller than ``size``."""
    return 1 << (size - 1).bit_length() - 1


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
