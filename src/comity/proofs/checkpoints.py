"""Checkpoints as C2SP tlog-checkpoint defines them: a ledger's origin, size and root, signed (LEDGER-2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from comity.proofs.merkle import HASH_BYTES
from comity.proofs.notes import Signer, Verifier, open_note, sign
from comity.shapes import decode_base64, encode_base64
from comity.terms import ComityError, gettext_noop

_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")


class CheckpointMalformedError(ComityError):
    """A signed text is not a checkpoint."""

    code = "checkpoint_malformed"
    message = gettext_noop("The signed text is not a ledger checkpoint.")
    next_step = gettext_noop("Ask the ledger's keeper for its current checkpoint.")


class CheckpointForeignError(ComityError):
    """A checkpoint is of another ledger than the one that was asked for."""

    code = "checkpoint_foreign"
    message = gettext_noop("The checkpoint is of the ledger “{found}”, not of “{expected}”.")
    next_step = gettext_noop("Take the checkpoint of the right authority.")


def key_name(authority: str) -> str:
    """The name under which an authority signs notes: ``kz-247.comity`` (COMMON-4)."""
    return f"{authority}.comity"


def origin(authority: str) -> str:
    """The origin line of an authority's ledger: ``kz-247.comity/log``."""
    return f"{key_name(authority)}/log"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of one ledger: its first ``size`` entries have this root."""

    origin: str
    size: int
    root: bytes
    after: int | None = None
    """The size of the checkpoint signed before this one (an extension line), so that none can be left out."""

    @property
    def text(self) -> str:
        """The lines that are signed."""
        extension = "" if self.after is None else f"after {self.after}\n"
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n{extension}"

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the signed text; other extension lines behind the root are allowed and passed over."""
        lines = text.split("\n")
        if len(lines) < 4 or not all(lines[:-1]) or lines[-1] or not _SIZE.fullmatch(lines[1]):
            raise CheckpointMalformedError
        try:
            root = decode_base64(lines[2])
        except ValueError:
            raise CheckpointMalformedError from None
        if len(root) != HASH_BYTES:
            raise CheckpointMalformedError
        return cls(lines[0], int(lines[1]), root, _after(lines[3:-1]))


def _after(extensions: list[str]) -> int | None:
    """The size in the one line ``after SIZE``."""
    told = [line.removeprefix("after ") for line in extensions if line.startswith("after ")]
    if len(told) > 1 or any(not _SIZE.fullmatch(size) for size in told):
        raise CheckpointMalformedError
    return int(told[0]) if told else None


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> bytes:
    """The checkpoint as a signed note."""
    return sign(checkpoint.text, signer)


def open_checkpoint(note: bytes, verifier: Verifier, expected_origin: str) -> Checkpoint:
    """The checkpoint in a note, signed by ``verifier`` and of the ledger ``expected_origin``."""
    checkpoint = Checkpoint.parse(open_note(note, [verifier]).text)
    if checkpoint.origin != expected_origin:
        raise CheckpointForeignError(found=checkpoint.origin, expected=expected_origin)
    return checkpoint
