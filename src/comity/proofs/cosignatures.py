"""Cosignatures as C2SP tlog-cosignature defines them: a witness's timestamped word on a checkpoint.

A cosignature (Ed25519, ``cosignature/v1``) says that, at its time, the checkpoint was the largest consistent
head that the witness had seen of this log. An authority cosigns with the key pair of its ``log.vkey``: the
signature type 0x04 gives it another key id, and no text that an authority signs begins with the header line.
Clause WITNESS-2.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from comity.proofs import notes
from comity.proofs.notes import Signer, Verifier
from comity.terms import ComityError, gettext_noop

_TYPE = b"\x04"
_TIME_BYTES, _SIGNATURE_BYTES = 8, 64
_LATEST = 253_402_300_799  # 9999-12-31T23:59:59Z: later times are no dates


class CosignatureWrongError(ComityError):
    """A known witness's cosignature is not that witness's word on this checkpoint."""

    code = "cosignature_wrong"
    message = gettext_noop("The cosignature of “{name}” does not belong to this checkpoint.")
    next_step = gettext_noop("Do not rely on the checkpoint: it was altered, or the cosignature is forged.")


class CosignatureMissingError(ComityError):
    """The witness did not cosign the checkpoint that it was asked about."""

    code = "cosignature_missing"
    message = gettext_noop("The answer of “{name}” holds no cosignature of this checkpoint.")
    next_step = gettext_noop("Compare the witness's key with the directory.")


@dataclass(frozen=True, slots=True)
class Cosignature:
    """Who cosigned, when, and the line under the checkpoint that proves it."""

    name: str
    at: datetime
    line: str


def key_id(verifier: Verifier) -> bytes:
    """The key id under which the holder of this key cosigns."""
    return sha256(verifier.name.encode() + b"\n" + _TYPE + verifier.public_key).digest()[:4]


def cosign(text: str, signer: Signer, at: datetime) -> str:
    """The cosignature line under a checkpoint's text; the caller has checked the checkpoint."""
    seconds = int(at.timestamp())
    signature = signer.sign(_message(text, seconds))
    return notes.line(signer.name, key_id(signer.verifier) + seconds.to_bytes(_TIME_BYTES, "big") + signature)


def read(note: bytes, witnesses: Iterable[Verifier]) -> list[Cosignature]:
    """The cosignatures of these witnesses under a checkpoint, each of them checked.

    Lines of other keys are passed over; one of a known witness that does not hold is an error.
    """
    text, lines = notes.read_note(note)
    known = {(witness.name, key_id(witness)): witness for witness in witnesses}
    found = []
    for name, number, signature in lines:
        witness = known.get((name, number))
        if witness is not None:
            found.append(_checked(witness, text, number, signature))
    return found


def _checked(witness: Verifier, text: str, number: bytes, data: bytes) -> Cosignature:
    seconds, signature = int.from_bytes(data[:_TIME_BYTES], "big"), data[_TIME_BYTES:]
    if len(signature) != _SIGNATURE_BYTES or not 0 < seconds <= _LATEST:
        raise CosignatureWrongError(name=witness.name)
    if not witness.accepts(_message(text, seconds), signature):
        raise CosignatureWrongError(name=witness.name)
    return Cosignature(
        witness.name, datetime.fromtimestamp(seconds, UTC), notes.line(witness.name, number + data)
    )


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
