"""Proofs that a ledger was forked: two heads that its keeper signed and that cannot both be true.

A proof is one file of canonical JSON (``comity-fork/1``) with both signed checkpoints. It needs no server:

* ``roots``: both heads have one size and two roots;
* ``prefix``: a consistency path shows that the larger head's tree had another root at the smaller's size;
* ``heads``: the larger head names the one before it (its line ``after``), and the smaller lies in between.

Two heads for which the keeper gave no valid consistency proof prove nothing yet: it may still give one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import Field, ValidationError

from comity import canonical
from comity.proofs import merkle
from comity.proofs.checkpoints import Checkpoint, open_checkpoint, origin
from comity.proofs.notes import Verifier
from comity.shapes import AuthorityId, Sha256Hex, Shape, first_problem
from comity.terms import ComityError, gettext_noop


class ForkUnreadableError(ComityError):
    """A file is no proof of fork of the known form."""

    code = "fork_unreadable"
    message = gettext_noop("The file is no proof of fork: {where}: {why}.")
    next_step = gettext_noop("Name a file that a node's page of witnesses gave out.")


class ForkUnprovedError(ComityError):
    """Both heads are signed, and may both be true."""

    code = "fork_unproved"
    message = gettext_noop("The heads of {smaller} and of {larger} entries do not contradict each other.")
    next_step = gettext_noop("Ask the ledger's keeper for a proof that the one continues the other.")


class ForkKind(StrEnum):
    """What the contradiction is."""

    ROOTS = "roots"
    PREFIX = "prefix"
    HEADS = "heads"


class Prefix(Shape):
    """The root that the larger head's tree had at the smaller head's size, and the path that shows it."""

    root: Sha256Hex
    path: list[Sha256Hex] = Field(max_length=64)


class Fork(Shape):
    """Two signed heads of one authority's ledger, the smaller first."""

    format: Literal["comity-fork/1"] = Field(alias="schema")
    authority: AuthorityId
    smaller: str = Field(max_length=10_000)
    larger: str = Field(max_length=10_000)
    prefix: Prefix | None

    def as_bytes(self) -> bytes:
        """The file."""
        return canonical.write(self.model_dump(mode="json", by_alias=True))


@dataclass(frozen=True, slots=True)
class ForkFinding:
    """What a proof shows."""

    kind: ForkKind
    smaller: Checkpoint
    larger: Checkpoint


def read(data: bytes) -> Fork:
    """The proof in a file; nothing is checked yet."""
    try:
        return Fork.model_validate(canonical.read_canonical(data))
    except ValidationError as error:
        where, why = first_problem(error)
        raise ForkUnreadableError(where=where, why=why) from None


def verify(fork: Fork, verifier: Verifier) -> ForkFinding:
    """What the proof shows against the holder of ``verifier`` (WITNESS-5).

    Raises ForkUnprovedError when the heads can both be true, or the error of a signature that does not hold.
    """
    log = origin(fork.authority)
    smaller = open_checkpoint(fork.smaller.encode(), verifier, log)
    larger = open_checkpoint(fork.larger.encode(), verifier, log)
    kind = contradiction(smaller, larger) or (fork.prefix and _another_prefix(fork.prefix, smaller, larger))
    if not kind:
        raise ForkUnprovedError(smaller=smaller.size, larger=larger.size)
    return ForkFinding(kind, smaller, larger)


def contradiction(smaller: Checkpoint, larger: Checkpoint) -> ForkKind | None:
    """What two heads of one ledger contradict each other in, by themselves."""
    if smaller.size == larger.size:
        return ForkKind.ROOTS if smaller.root != larger.root else None
    if larger.after is not None and larger.after < smaller.size < larger.size:
        return ForkKind.HEADS
    return None


def between(authority: str, one: tuple[Checkpoint, str], other: tuple[Checkpoint, str]) -> Fork:
    """The two heads with their notes, in the order of the file."""
    smaller, larger = sorted((one, other), key=lambda each: each[0].size)
    return Fork(
        schema="comity-fork/1", authority=authority, smaller=smaller[1], larger=larger[1], prefix=None
    )


def _another_prefix(prefix: Prefix, smaller: Checkpoint, larger: Checkpoint) -> ForkKind | None:
    root = bytes.fromhex(prefix.root)
    path = [bytes.fromhex(step) for step in prefix.path]
    merkle.check_consistency(smaller.size, root, larger.size, larger.root, path)
    return ForkKind.PREFIX if root != smaller.root else None
