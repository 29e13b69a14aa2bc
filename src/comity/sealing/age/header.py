"""The header of an age file: its stanzas and the MAC over them, in the one canonical spelling.

Receives the beginning of a stream; returns the stanzas and the bytes that the MAC covers; gives a refusal for
every other spelling, so that no two headers say the same.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from typing import IO

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.terms import ComityError, gettext_noop

INTRO = b"age-encryption.org/v1\n"
FILE_KEY_BYTES = 16
_COLUMNS = 64
_MOST_BYTES, _MOST_STANZAS = 1 << 20, 512
_MAC_BYTES = 32
_WORD = re.compile(rb"[!-~]+")


class EncryptionBrokenError(ComityError):
    """The encrypted file was changed or is not complete."""

    code = "encryption_broken"
    message = gettext_noop("The encrypted package was changed or is not complete.")
    next_step = gettext_noop("Keep the file as it is and ask the sender to send it again.")


class HeaderRefusedError(EncryptionBrokenError):
    """The header has not the form that the format demands."""

    code = "encryption_header_malformed"
    message = gettext_noop("The head of the encrypted package has not the form of the age format.")


class HeaderCutError(HeaderRefusedError):
    """The file ends inside its header."""

    code = "cut_off"


class HeaderChangedError(HeaderRefusedError):
    """The MAC over the header does not hold: somebody changed it."""

    code = "encryption_header_changed"
    message = gettext_noop("The head of the encrypted package was changed after it was made.")


class HeaderTooLargeError(HeaderRefusedError):
    """The header is larger than any that is read."""

    code = "encryption_header_too_large"
    message = gettext_noop("The head of the encrypted package is larger than 1 MiB.")


class StanzasTooManyError(HeaderRefusedError):
    """The header wraps the key more often than any that is read."""

    code = "encryption_stanzas_too_many"
    message = gettext_noop("The encrypted package names more than 512 recipients.")


class LineTooLongError(HeaderRefusedError):
    """A line of a stanza's body has more than 64 characters."""

    code = "encryption_line_too_long"
    message = gettext_noop("A line in the head of the encrypted package is too long.")


class LineEndingError(HeaderRefusedError):
    """A line ends with CR and LF: the same header would have two spellings."""

    code = "encryption_line_ending"
    message = gettext_noop("The head of the encrypted package has line endings of another system.")
    next_step = gettext_noop("It was sent as text: ask the sender to send it again, unchanged.")


class Base64Error(HeaderRefusedError):
    """A text is no base64, is padded, or is not the canonical spelling of its bytes."""

    code = "encryption_base64"
    message = gettext_noop("The head of the encrypted package holds base64 in a wrong spelling.")


class Base64PaddedError(Base64Error):
    """A text ends with padding, which the format leaves out."""

    code = "encryption_base64_padded"
    message = gettext_noop("The head of the encrypted package holds base64 with padding.")


class RecipientMissingError(HeaderRefusedError):
    """The header wraps the key for nobody."""

    code = "encryption_recipient_missing"
    message = gettext_noop("The encrypted package names no recipient.")


class LineEndlessError(HeaderTooLargeError):
    """One line is longer than any header that is read."""

    code = "encryption_line_endless"
    message = gettext_noop("A line in the head of the encrypted package does not end within 1 MiB.")


@dataclass(frozen=True, slots=True)
class Stanza:
    """One wrapping of the file key: what kind, its arguments, and the wrapped key."""

    kind: str
    arguments: tuple[str, ...]
    body: bytes

    def as_bytes(self) -> bytes:
        """The canonical spelling."""
        text = encode(self.body)
        lines = [text[at : at + _COLUMNS] for at in range(0, len(text), _COLUMNS)]
        if len(text) % _COLUMNS == 0:
            lines.append("")  # a body ends with a line that is not full
        return "\n".join([" ".join(["->", self.kind, *self.arguments]), *lines, ""]).encode()


def write(stanzas: list[Stanza], file_key: bytes) -> bytes:
    """The whole header."""
    covered = INTRO + b"".join(stanza.as_bytes() for stanza in stanzas) + b"---"
    return covered + b" " + encode(_mac(covered, file_key)).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Header:
    """The stanzas of a file, the bytes under the MAC, and the MAC."""

    stanzas: tuple[Stanza, ...]
    covered: bytes
    mac: bytes

    def check(self, file_key: bytes) -> None:
        """Raise HeaderChangedError unless the MAC holds under the file key."""
        if not hmac.compare_digest(_mac(self.covered, file_key), self.mac):
            raise HeaderChangedError


def read(stream: IO[bytes]) -> Header:
    """Read the header and nothing behind it; raise HeaderRefusedError for any other form."""
    lines = _Lines(stream)
    if lines.next() != INTRO[:-1]:
        raise HeaderRefusedError
    stanzas: list[Stanza] = []
    while (line := lines.next()).startswith(b"->"):
        stanzas.append(_stanza(line, lines))
        if len(stanzas) > _MOST_STANZAS:
            raise StanzasTooManyError
    if not line.startswith(b"--- "):
        raise HeaderRefusedError
    if not stanzas:
        raise RecipientMissingError
    mac = decode(line[4:])
    if len(mac) != _MAC_BYTES:
        raise HeaderRefusedError
    covered = bytes(lines.taken[: -len(line) - 1 + 3])
    return Header(tuple(stanzas), covered, mac)


class _Lines:
    """Takes line after line from a stream, one read a line, never beyond the header."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.taken = bytearray()

    def next(self) -> bytes:
        line = self._stream.readline(_MOST_BYTES - len(self.taken) + 1)
        self.taken += line
        if len(self.taken) > _MOST_BYTES:
            raise LineEndlessError if len(line) > _MOST_BYTES // 2 else HeaderTooLargeError
        if not line.endswith(b"\n"):
            raise HeaderCutError
        if line.endswith(b"\r\n"):
            raise LineEndingError
        return line[:-1]


def _stanza(line: bytes, lines: _Lines) -> Stanza:
    words = line.split(b" ")
    if len(words) < 2 or words[0] != b"->" or not all(map(_WORD.fullmatch, words)):
        raise HeaderRefusedError
    body = b""
    while True:
        text = lines.next()
        if len(text) > _COLUMNS:
            raise LineTooLongError
        body += decode(text)
        if len(text) < _COLUMNS:
            break
    kind, *arguments = (word.decode("ascii") for word in words[1:])
    return Stanza(kind, tuple(arguments), body)


def encode(data: bytes) -> str:
    """Base64 without padding."""
    return base64.b64encode(data).decode().rstrip("=")


def decode(text: bytes | str) -> bytes:
    """Bytes of unpadded base64 in its one spelling; raise Base64Error for another."""
    raw = text.encode() if isinstance(text, str) else text
    if raw.endswith(b"="):
        raise Base64PaddedError
    try:
        data = base64.b64decode(raw + b"=" * (-len(raw) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Base64Error from None
    if encode(data).encode() != raw:
        raise Base64Error
    return data


def _mac(covered: bytes, file_key: bytes) -> bytes:
    key = HKDF(SHA256(), 32, salt=None, info=b"header").derive(file_key)
    return hmac.digest(key, covered, "sha256")
