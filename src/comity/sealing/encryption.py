"""Encrypts and decrypts packages in the age v1 format, in constant memory (docs/sealing.md, clause 10).

Receives streams and keys in age's own text form; writes to a stream or gives one to read from; keeps no key
and never writes one anywhere.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from comity.sealing.age import header, payload, recipients
from comity.sealing.flow import Flow
from comity.sealing.refusals import CutOffError
from comity.terms import ComityError, gettext_noop

INTRO = header.INTRO
EncryptionBrokenError = header.EncryptionBrokenError


class RecipientUnreadableError(ComityError):
    """Not an age recipient."""

    code = "recipient_unreadable"
    message = gettext_noop("“{recipient}” is no recipient.")
    next_step = gettext_noop("Give an age1… text, or a folder or file that holds one.")


class RecipientsMixedError(ComityError):
    """Hybrid and X25519 recipients of one file: the weaker would undo what the stronger protects."""

    code = "recipients_mixed"
    message = gettext_noop("Some recipients withstand a quantum computer (age1pq1…) and some do not (age1…).")
    next_step = gettext_noop("Encrypt to recipients of one kind, or make one file for each kind.")


class IdentityUnreadableError(ComityError):
    """Not an age identity."""

    code = "identity_unreadable"
    message = gettext_noop("The identity cannot be read.")
    next_step = gettext_noop("Give the key folder of the authority to which the package was encrypted.")


class NotForThisIdentityError(ComityError):
    """The package is encrypted to others."""

    code = "not_for_this_identity"
    message = gettext_noop("The package is not encrypted to this identity.")
    next_step = gettext_noop("Use the key folder of the authority that it is addressed to.")


def is_encrypted(opening: bytes) -> bool:
    """Whether a file that begins with these bytes is an age file."""
    return opening.startswith(INTRO)


def new_identity() -> tuple[str, str]:
    """A new hybrid identity and its recipient, each in age's text form."""
    identity = recipients.HybridIdentity.generate()
    return str(identity), str(identity.recipient)


def recipient_of(identity: str) -> str:
    """The recipient that this identity opens."""
    return str(_identities([identity])[0].recipient)


def demand_recipient(text: str) -> None:
    """Raise RecipientUnreadableError unless the text is a recipient."""
    _recipient(text)


def encrypt(source: IO[bytes], out: IO[bytes], to: Sequence[str]) -> None:
    """Encrypt to every recipient: all ``age1pq1…``, or all ``age1…``."""
    with encrypting(out, to) as flow:
        while count := payload.filled(source, flow.space()):
            flow.advance(count)
    out.flush()


def encrypting(out: IO[bytes], to: Sequence[str]) -> Flow:
    """A flow whose bytes are encrypted into ``out``; its header is written at once.

    Raise RecipientUnreadableError, RecipientsMixedError.
    """
    return _encrypting(out, [_recipient(text) for text in to])


def encrypt_with_passphrase(data: bytes, passphrase: bytes) -> bytes:
    """A short secret under a passphrase; ``age`` opens it too."""
    out = io.BytesIO()
    flow = _encrypting(out, [recipients.Passphrase(passphrase)])
    flow.write(data)
    flow.close()
    return out.getvalue()


def decrypt_with_passphrase(data: bytes, passphrase: bytes) -> bytes:
    """What ``encrypt_with_passphrase`` or ``age -p`` encrypted."""
    source = io.BytesIO(data)
    with _refusals():
        key = _file_key(source, [recipients.Passphrase(passphrase)])
        return b"".join(bytes(piece) for piece in payload.opened_chunks(source, key))


def decrypt(source: IO[bytes], out: IO[bytes], identities: Sequence[str]) -> None:
    """Decrypt with any of the identities; what was written to ``out`` before an error must not be used."""
    known = _identities(identities)
    with _refusals():
        key = _file_key(source, known)
        for piece in payload.opened_chunks(source, key):
            out.write(piece)
    out.flush()


def opened(source: IO[bytes], identities: Sequence[str]) -> io.RawIOBase:
    """The plain content of a seekable file as one in which one can seek; nothing plain is stored anywhere.

    Its size is authenticated at once, every other byte when it is read: reading raises EncryptionBrokenError.
    """
    known = _identities(identities)
    with _refusals():
        return _Opened(source, _file_key(source, known))


class _Opened(payload.Opened):
    def _load(self, run: int) -> None:
        with _refusals():
            super()._load(run)


def _encrypting(out: IO[bytes], to: Sequence[recipients.Recipient]) -> Flow:
    if len({recipient.is_hybrid for recipient in to}) > 1:
        raise RecipientsMixedError
    if not to:
        raise RecipientUnreadableError(recipient="")
    file_key = secrets.token_bytes(header.FILE_KEY_BYTES)
    out.write(header.write([recipient.wrap(file_key) for recipient in to], file_key))
    return payload.Encrypting(out, file_key)


def _recipient(text: str) -> recipients.Recipient:
    try:
        return recipients.parse_recipient(text)
    except recipients.KeyTextUnreadableError:
        raise RecipientUnreadableError(recipient=text[:80]) from None


def _identities(texts: Sequence[str]) -> list[recipients.X25519Identity | recipients.HybridIdentity]:
    try:
        return [recipients.parse_identity(text) for text in texts]
    except recipients.KeyTextUnreadableError:
        raise IdentityUnreadableError from None


def _file_key(source: IO[bytes], identities: Sequence[recipients.Identity]) -> bytes:
    head = header.read(source)
    if recipients.are_mixed(head.stanzas):
        raise RecipientsMixedError
    key = recipients.unwrap(head.stanzas, identities)
    if key is None:
        raise NotForThisIdentityError
    head.check(key)
    return key


@contextmanager
def _refusals() -> Iterator[None]:
    """What ends too early is refused as every package is; the format's other refusals are what they are."""
    try:
        yield
    except (header.HeaderCutError, payload.PayloadCutError):
        raise CutOffError from None
