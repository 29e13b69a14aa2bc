"""The exchange between a log and its witness (C2SP tlog-witness), and what a quorum of witnesses promises.

Clause WITNESS-1.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from comity.proofs.merkle import HASH_BYTES
from comity.shapes import decode_base64, encode_base64
from comity.terms import ComityError, gettext_noop

MAX_PROOF_LINES = 63
_OLD = re.compile(r"old (0|[1-9][0-9]{0,15})")


class WitnessRequestMalformedError(ComityError):
    """A request to a witness does not have its form."""

    code = "witness_request_malformed"
    message = gettext_noop("The request to the witness does not have its form: {detail}.")
    next_step = gettext_noop("Send it as C2SP tlog-witness says.")


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint's note, the size that the witness is thought to know, and the path from there."""

    old_size: int
    path: tuple[bytes, ...]
    note: bytes

    def as_bytes(self) -> bytes:
        """The body of ``add-checkpoint``."""
        lines = [f"old {self.old_size}", *map(encode_base64, self.path), "", ""]
        return "\n".join(lines).encode() + self.note

    @classmethod
    def parse(cls, body: bytes) -> Submission:
        """Read such a body; the note is not read yet."""
        head, gap, note = body.partition(b"\n\n")
        try:
            first, *lines = head.decode("ascii").split("\n")
            path = tuple(map(decode_base64, lines))
        except ValueError:
            raise WitnessRequestMalformedError(detail="its lines are not text and base64") from None
        old = _OLD.fullmatch(first)
        if old is None or not gap:
            raise WitnessRequestMalformedError(detail="it has no line of the old size, or no empty line")
        if len(path) > MAX_PROOF_LINES or any(len(step) != HASH_BYTES for step in path):
            raise WitnessRequestMalformedError(detail="its proof is too long, or no list of hashes")
        return cls(int(old[1]), path, note)


def tolerated(witnesses: int, quorum: int) -> int:
    """How many dishonest witnesses a quorum stands: the most f with 2t > n + f and t honest ones left.

    Two heads that contradict each other and both have ``quorum`` cosignatures then share an honest witness,
    who would have to cosign both. Below one, a fork is detectable and not prevented.
    """
    if not 0 < quorum <= witnesses:
        return 0
    return max(0, min(2 * quorum - witnesses - 1, witnesses - quorum))


def usual_quorum(witnesses: int) -> int:
    """The least quorum that stands a third of the witnesses, less one: 3 of 4, 4 of 5, 5 of 7."""
    dishonest = max(0, (witnesses - 1) // 3)
    return (witnesses + dishonest) // 2 + 1 if witnesses else 0
