"""The age v1 format with X25519 recipients, streamed in constant memory (docs/sealing.md, clause 10).

Receives streams and keys in age's own text form; returns nothing; never writes a key anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

import pyrage

from comity.sealing.refusals import CutOffError
from comity.terms import ComityError, gettext_noop

INTRO = b"age-encryption.org/v1\n"


class RecipientUnreadableError(ComityError):
    """Not an age X25519 recipient."""

    code = "recipient_unreadable"
    message = gettext_noop("“{recipient}” is no recipient.")
    next_step = gettext_noop("Give an age1… text, or a folder or file that holds one.")


class IdentityUnreadableError(ComityError):
    """Not an age X25519 identity."""

    code = "identity_unreadable"
    message = gettext_noop("The identity cannot be read.")
    next_step = gettext_noop("Give the key folder of the authority to which the package was encrypted.")


class NotForThisIdentityError(ComityError):
    """The package is encrypted to others."""

    code = "not_for_this_identity"
    message = gettext_noop("The package is not encrypted to this identity.")
    next_step = gettext_noop("Use the key folder of the authority that it is addressed to.")


class EncryptionBrokenError(ComityError):
    """The encrypted file was changed or is not complete."""

    code = "encryption_broken"
    message = gettext_noop("The encrypted package was changed or is not complete.")
    next_step = gettext_noop("Keep the file as it is and ask the sender to send it again.")


def is_encrypted(opening: bytes) -> bool:
    """Whether a file that begins with these bytes is an age file."""
    return opening.startswith(INTRO)


def encrypt(source: IO[bytes], out: IO[bytes], recipients: Sequence[str]) -> None:
    """Encrypt to every recipient (``age1…``)."""
    parsed = []
    for recipient in recipients:
        try:
            parsed.append(pyrage.x25519.Recipient.from_str(recipient))
        except pyrage.RecipientError:
            raise RecipientUnreadableError(recipient=recipient[:80]) from None
    sink = _Sink(out)
    try:
        pyrage.encrypt_io(source, sink, parsed)
    except (pyrage.EncryptError, OSError) as error:
        raise sink.failure or error from None
    sink.demand_written()


def decrypt(source: IO[bytes], out: IO[bytes], identities: Sequence[str]) -> None:
    """Decrypt with any of the identities; what was written to ``out`` before an error must not be used."""
    try:
        parsed = [pyrage.x25519.Identity.from_str(identity) for identity in identities]
    except pyrage.IdentityError:
        raise IdentityUnreadableError from None
    sink = _Sink(out)
    try:
        pyrage.decrypt_io(source, sink, parsed)
    except (pyrage.DecryptError, OSError) as error:
        if sink.failure:
            raise sink.failure from None
        text = str(error)
        if "No matching keys" in text:
            raise NotForThisIdentityError from None
        if any(sign in text for sign in _CUT):
            raise CutOffError from None
        raise EncryptionBrokenError from None
    sink.demand_written()


_CUT = ("truncated", "Incomplete header", "failed to fill whole buffer")


class _Sink:
    """Keeps the error of a write (a full disk): pyrage reports it as one of its own, or, at the end of its
    buffer, not at all.
    """

    def __init__(self, out: IO[bytes]) -> None:
        self._out = out
        self.failure: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._out.write(data)
        except OSError as error:
            self.failure = error
            raise

    def flush(self) -> None:
        self._out.flush()

    def demand_written(self) -> None:
        """Raise the error of a write that nobody has reported yet."""
        if self.failure:
            raise self.failure
