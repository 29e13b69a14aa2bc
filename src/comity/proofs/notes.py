"""Signed notes as C2SP signed-note defines them, with Ed25519 keys (signature type 0x01). Clause COMMON-7.

A note is text, an empty line, and one signature line for each key::

    — kz-247.comity <base64 of the 4-byte key id and the 64-byte signature>
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from comity import canonical
from comity.shapes import decode_base64, encode_base64
from comity.terms import ComityError, gettext_noop

MAX_BYTES = 1_000_000
MAX_SIGNATURES = 100
_ED25519 = b"\x01"
_DASH = "— "
_SECRET_PREFIX = "PRIVATE+KEY+"  # noqa: S105 -- the label the format gives, not a secret
_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


class NoteMalformedError(ComityError):
    """The bytes do not have the form of a signed note."""

    code = "note_malformed"
    message = gettext_noop("The signed note does not have the right form: {detail}.")
    next_step = gettext_noop("Ask its sender for an undamaged copy.")


class NoteSignatureWrongError(ComityError):
    """A known key's signature under the note is not that key's signature of this text."""

    code = "note_signature_wrong"
    message = gettext_noop("The signature of “{name}” does not belong to this text.")
    next_step = gettext_noop("Do not rely on the note: it was altered after it was signed, or is forged.")


class NoteUnsignedError(ComityError):
    """None of the keys that were asked for has signed the note."""

    code = "note_unsigned"
    message = gettext_noop("None of the trusted keys has signed the note.")
    next_step = gettext_noop("Check that the trust folder holds the signer's log.vkey.")


class NoteKeyUnreadableError(ComityError):
    """A text is not an Ed25519 note key in the form of C2SP signed-note."""

    code = "note_key_unreadable"
    message = gettext_noop("The text is not a note key: {detail}.")
    next_step = gettext_noop("Use the log.key or log.vkey file that “comity key new” wrote.")


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public note key and the name it signs under."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.public_key) != 32:
            raise NoteKeyUnreadableError(detail="the name or the length of the key is wrong")

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Read verifier key text: ``name+keyid+base64``; one line feed at its end is allowed."""
        name, key_id, data = _key_parts(text)
        verifier = cls(name, data)
        if verifier.key_id.hex() != key_id:
            raise NoteKeyUnreadableError(detail="the key id does not belong to the key")
        return verifier

    @property
    def key_id(self) -> bytes:
        """The first four bytes of SHA-256 over name, line feed, type and key."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public_key).digest()[:4]

    @property
    def text(self) -> str:
        """The verifier key text, the content of ``log.vkey``."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(_ED25519 + self.public_key)}"

    def accepts(self, message: bytes, signature: bytes) -> bool:
        """Whether the 64 bytes are this key's Ed25519 signature of the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class Signer:
    """A private note key and the name it signs under."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.verifier = Verifier(name, key.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str) -> Signer:
        """A new random key."""
        return cls(name, Ed25519PrivateKey.generate())

    @classmethod
    def parse(cls, text: str) -> Signer:
        """Read private key text, the content of ``log.key``."""
        if not text.startswith(_SECRET_PREFIX):
            raise NoteKeyUnreadableError(detail="it does not begin as a private key does")
        name, key_id, seed = _key_parts(text.removeprefix(_SECRET_PREFIX))
        if len(seed) != 32:
            raise NoteKeyUnreadableError(detail="the length of the key is wrong")
        signer = cls(name, Ed25519PrivateKey.from_private_bytes(seed))
        if signer.verifier.key_id.hex() != key_id:
            raise NoteKeyUnreadableError(detail="the key id does not belong to the key")
        return signer

    @property
    def name(self) -> str:
        """The name on the signature line: ``kz-247.comity``."""
        return self.verifier.name

    @property
    def secret_text(self) -> str:
        """The private key text, the content of ``log.key``."""
        seed = encode_base64(_ED25519 + self._key.private_bytes_raw())
        return f"{_SECRET_PREFIX}{self.name}+{self.verifier.key_id.hex()}+{seed}"

    def signature_line(self, text: str) -> str:
        """The line this key adds under ``text``, with its line feed."""
        return line(self.name, self.verifier.key_id + self.sign(text.encode()))

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of this key's Ed25519 signature of the message."""
        return self._key.sign(message)


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """A note's text and the names of those given verifiers that have signed it."""

    text: str
    signed_by: tuple[str, ...]


def line(name: str, signature: bytes) -> str:
    """A signature line, with its line feed; ``signature`` begins with the key id."""
    return f"{_DASH}{name} {encode_base64(signature)}\n"


def sign(text: str, *signers: Signer) -> bytes:
    """The signed note over ``text``, which must end in a line feed and hold no other control character."""
    _check_text(text)
    if not signers:
        raise NoteUnsignedError
    return (text + "\n" + "".join(signer.signature_line(text) for signer in signers)).encode()


def open_note(note: bytes, verifiers: Iterable[Verifier]) -> OpenedNote:
    """The text of a note that at least one verifier has signed; no verifier's signature may be wrong.

    Signatures of keys that were not asked for are passed over, as C2SP requires.
    """
    text, signatures = read_note(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed_by: list[str] = []
    for name, key_id, signature in signatures:
        verifier = known.get((name, key_id))
        if verifier is None:
            continue
        if not verifier.accepts(text.encode(), signature):
            raise NoteSignatureWrongError(name=name)
        signed_by.append(name)
    if not signed_by:
        raise NoteUnsignedError
    return OpenedNote(text, tuple(signed_by))


def read_note(note: bytes) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """A note's text, and name, key id and signature of each line under it; no signature is checked."""
    text, lines = _split_note(note)
    signatures = [_signature(line) for line in lines]
    seen: set[tuple[str, bytes]] = set()
    for name, key_id, _ in signatures:
        if (name, key_id) in seen:
            raise NoteMalformedError(detail=f"“{name}” has signed twice")
        seen.add((name, key_id))
    return text, signatures


def sign_line(heading: str, value: Any, signer: Signer) -> bytes:
    """A note of two lines: what it is, and a value in canonical JSON."""
    return sign(f"{heading}\n{canonical.write(value).decode()}\n", signer)


def open_line(note: bytes, verifier: Verifier) -> tuple[str, bytes]:
    """Heading and value of such a note that ``verifier`` signed; neither is judged yet."""
    heading, _, line = open_note(note, [verifier]).text.partition("\n")
    return heading, line.removesuffix("\n").encode()


def _split_note(note: bytes) -> tuple[str, list[str]]:
    if len(note) > MAX_BYTES:
        raise NoteMalformedError(detail="it is too long")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        raise NoteMalformedError(detail="it is not UTF-8 text") from None
    text, gap, signatures = whole.rpartition("\n\n")
    if not gap or not signatures.endswith("\n"):
        raise NoteMalformedError(detail="it has no signature lines")
    text += "\n"
    _check_text(text)
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteMalformedError(detail="it has too many signature lines")
    return text, lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not _NAME.fullmatch(name):
        raise NoteMalformedError(detail="a signature line is malformed")
    try:
        data = decode_base64(encoded)
    except ValueError:
        raise NoteMalformedError(detail="a signature is not canonical base64") from None
    if len(data) < 5:
        raise NoteMalformedError(detail="a signature is too short")
    return name, data[:4], data[4:]


def _check_text(text: str) -> None:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteMalformedError(detail="its text holds control characters or does not end with a line feed")


def _key_parts(text: str) -> tuple[str, str, bytes]:
    """Name, key id and raw key of ``name+keyid+base64`` text."""
    parts = text.removesuffix("\n").split("+", 2)
    if len(parts) != 3:
        raise NoteKeyUnreadableError(detail="it does not have three parts")
    name, key_id, encoded = parts
    try:
        data = decode_base64(encoded)
    except ValueError:
        raise NoteKeyUnreadableError(detail="the key is not base64") from None
    if data[:1] != _ED25519:
        raise NoteKeyUnreadableError(detail="it is not an Ed25519 key")
    return name, key_id, data[1:]
