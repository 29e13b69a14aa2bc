"""Wrong in one place: keys that sign other bytes, a stranger under the same name, an exchanged file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from comity.sealing import keys
from comity.sealing.keys import Authority, Description, Signer, SigningKey

_SAME_CRC = bytes.fromhex("410671db01")
"""A difference that CRC-32 does not see: its polynomial, first bit lowest."""


@dataclass(frozen=True, slots=True)
class OfOtherBytes:
    """A key that signs, and never what it was given."""

    key: SigningKey

    def sign(self, message: bytes) -> bytes:
        """A signature of the message and one byte more."""
        return self.key.sign(message + b".")


def of_other_bytes(signer: Signer) -> Signer:
    """The same certificate; what it signs is of other bytes."""
    return replace(signer, key=OfOtherBytes(signer.key))


def exchanged(sealed: bytes, file: bytes) -> bytes:
    """The container with other bytes of the same size and CRC-32 in the place of this file's."""
    other = file[:-6] + bytes(a ^ b for a, b in zip(file[-6:-1], _SAME_CRC, strict=True)) + file[-1:]
    return sealed.replace(file, other, 1)


def stranger(described: Description, now: datetime) -> Authority:
    """New keys and certificates under somebody's id and name."""
    with TemporaryDirectory() as folder:
        keys.create_authority(
            Path(folder) / "keys", id=described.id, name=described.name, state=described.state, now=now
        )
        return keys.load(Path(folder) / "keys")
