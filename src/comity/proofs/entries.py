"""What stands in a ledger: salted commitments, and the proof that one of them is there.

A leaf holds no content: ``comity-leaf/1``, a line feed, and SHA-256 of a random salt and the
canonical JSON of what is committed. When content and salt are destroyed, the leaf says nothing
and the ledger stays valid (LEDGER-1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from comity import canonical
from comity.proofs import merkle
from comity.proofs.checkpoints import Checkpoint
from comity.terms import ComityError, gettext_noop

SALT_BYTES = 32
_PREFIX = b"comity-leaf/1\n"


class EntryProofMalformedError(ComityError):
    """The salt or the size of an entry's proof cannot belong to the checkpoint beside it."""

    code = "entry_proof_malformed"
    message = gettext_noop("The ledger proof does not fit its checkpoint: {detail}.")
    next_step = gettext_noop("Ask the ledger's keeper for a new proof.")


def commit(salt: bytes, content: Any) -> bytes:
    """The commitment of a content (a JSON value) under a salt of SALT_BYTES random bytes."""
    return commit_written(salt, canonical.write(content))


def commit_written(salt: bytes, written: bytes) -> bytes:
    """The same of a content that is written as canonical JSON already."""
    if len(salt) != SALT_BYTES:
        raise EntryProofMalformedError(detail=f"the salt has {len(salt)} bytes instead of {SALT_BYTES}")
    return sha256(salt + written).digest()


def leaf_hash(commitment: bytes) -> bytes:
    """The Merkle leaf hash of an entry with this commitment."""
    return merkle.leaf_hash(_PREFIX + commitment)


@dataclass(frozen=True, slots=True)
class EntryProof:
    """One entry's content and salt, its number, and its path to the root of ``size`` entries (LEDGER-3)."""

    index: int
    salt: bytes
    content: Any
    size: int
    path: Sequence[bytes]

    def check(self, checkpoint: Checkpoint) -> None:
        """Raise unless the content is entry ``index`` of the ledger that the checkpoint signs."""
        if self.size != checkpoint.size:
            detail = f"it is for {self.size} entries, the checkpoint for {checkpoint.size}"
            raise EntryProofMalformedError(detail=detail)
        leaf = leaf_hash(commit(self.salt, self.content))
        merkle.check_inclusion(leaf, self.index, self.size, self.path, checkpoint.root)
