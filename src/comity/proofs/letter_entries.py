"""What a ledger holds about one letter, as its node shows it to the letter's other side (WITNESS-6).

One text of canonical JSON: the entries with their paths under one signed head; nothing of other letters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from comity import canonical
from comity.proofs.checkpoints import Checkpoint, open_checkpoint, origin
from comity.proofs.entries import EntryProof
from comity.proofs.notes import Verifier
from comity.proofs.receipts import StatedEntry
from comity.shapes import AuthorityId, Shape, Uuid, read_shape
from comity.terms import ComityError, gettext_noop

SCHEMA = "comity-letter-entries/1"
MOST = 200
MAX_BYTES = 1024 * 1024


class LetterEntriesMalformedError(ComityError):
    """A text is no list of a letter's entries."""

    code = "letter_entries_malformed"
    message = gettext_noop("The entries of the letter cannot be read: {where}: {why}.")
    next_step = gettext_noop("Ask the other side again; its receipts prove the same by themselves.")


class LetterEntries(Shape):
    """The entries about ``letter`` in the ledger of ``authority``, in their order."""

    format: Literal["comity-letter-entries/1"] = Field(alias="schema", default="comity-letter-entries/1")
    authority: AuthorityId
    letter: Uuid
    entries: list[StatedEntry] = Field(max_length=MOST)
    checkpoint: str = Field(max_length=100_000)

    @model_validator(mode="after")
    def _is_about_one_letter(self) -> Self:
        if any(each.content.get("letter") != self.letter for each in self.entries):
            detail = "an entry about something else"
            raise ValueError(detail)
        indices = [each.index for each in self.entries]
        if indices != sorted(set(indices)):
            detail = "the entries are not in their order"
            raise ValueError(detail)
        return self

    def as_bytes(self) -> bytes:
        """Its canonical JSON (RFC 8785)."""
        return canonical.write(self.as_json())


def of(authority: str, letter: str, proofs: Sequence[EntryProof], checkpoint: str) -> LetterEntries:
    """The list of these proofs, which all lead to the checkpoint."""
    stated = [StatedEntry.of(proof) for proof in sorted(proofs, key=lambda proof: proof.index)]
    return LetterEntries(authority=authority, letter=letter, entries=stated, checkpoint=checkpoint)


def verify(data: bytes, verifier: Verifier, authority: str, letter: str) -> tuple[LetterEntries, Checkpoint]:
    """The entries of the letter and the head over them, when all hold by the key of ``authority``.

    Raises LetterEntriesMalformedError, NewerVersionError, or the error of the proof that does not hold.
    """
    malformed = LetterEntriesMalformedError
    found = read_shape(LetterEntries, data, malformed, whole="document", max_bytes=MAX_BYTES, version=SCHEMA)
    if (found.authority, found.letter) != (authority, letter):
        raise LetterEntriesMalformedError(where="letter", why="it is about another one")
    head = open_checkpoint(found.checkpoint.encode(), verifier, origin(authority))
    for each in found.entries:
        each.proof().check(head)
    return found, head
