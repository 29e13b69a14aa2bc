"""Identities and private keys at rest: in the clear, under a passphrase, or under a key in a PKCS#11 token.

Receives the bytes of a private file; returns its text. A file is the text itself
(``AGE-SECRET-KEY-…``, PEM), an age file under a passphrase (``age -d`` opens it), or ``comity-wrapped/1`` and
one line of canonical JSON. The passphrase stands in the file that ``COMITY_PASSPHRASE_FILE`` names, or in the
systemd credential ``passphrase``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from comity import canonical
from comity.sealing import encryption
from comity.sealing.refusals import CutOffError
from comity.sealing.tokens import TokenKey
from comity.shapes import Base64, Line, Shape, decode_base64, encode_base64
from comity.terms import ComityError, gettext_noop

HEADING = "comity-wrapped/1"
PASSPHRASE_FILE = "COMITY_PASSPHRASE_FILE"  # noqa: S105 -- the name of a variable
_CREDENTIALS, _CREDENTIAL = "CREDENTIALS_DIRECTORY", "passphrase"
_CONTEXT = b"comity-wrapped/1 identity"
_UNOPENED = (
    encryption.NotForThisIdentityError,
    encryption.EncryptionBrokenError,
    CutOffError,
    UnicodeDecodeError,
)


class PassphraseMissingError(ComityError):
    """An identity is under a passphrase, and nothing says which."""

    code = "passphrase_missing"
    message = gettext_noop("The identity is kept under a passphrase that is not given here.")
    next_step = gettext_noop("Name its file in COMITY_PASSPHRASE_FILE, or give the credential “passphrase”.")


class PassphraseWrongError(ComityError):
    """The passphrase that is given does not open the identity."""

    code = "passphrase_wrong"
    message = gettext_noop("The passphrase does not open the identity.")
    next_step = gettext_noop("Check the file of the passphrase; the identity was not changed.")


class _Wrapped(Shape):
    """An identity under a key in a token."""

    key: Line
    wrapped: Base64


def read(data: bytes) -> str:
    """The text inside an identity's file, whatever it is kept under."""
    if encryption.is_encrypted(data):
        try:
            return encryption.decrypt_with_passphrase(data, _passphrase()).decode("ascii")
        except _UNOPENED:
            raise PassphraseWrongError from None
    if data.startswith(HEADING.encode()):
        wrapped = _wrapped(data)
        opened = TokenKey.parse(wrapped.key).unwrap(decode_base64(wrapped.wrapped), _CONTEXT)
        return opened.decode("ascii")
    try:
        return data.decode("ascii")
    except UnicodeDecodeError:
        raise encryption.IdentityUnreadableError from None


def is_wrapped(data: bytes) -> bool:
    """Whether a private file is kept under something."""
    return encryption.is_encrypted(data) or data.startswith(HEADING.encode())


def under_passphrase(text: str) -> bytes:
    """An identity's file under the passphrase that is given to this process."""
    return encryption.encrypt_with_passphrase(text.encode("ascii"), _passphrase())


def under_token(text: str, uri: str) -> bytes:
    """An identity's file under a key in a token."""
    wrapped = TokenKey.parse(uri).wrap(text.encode("ascii"), _CONTEXT)
    line = canonical.write({"key": uri.strip(), "wrapped": encode_base64(wrapped)})
    return f"{HEADING}\n".encode() + line + b"\n"


def like(data: bytes) -> Callable[[str], bytes]:
    """How to keep another identity as the one in this file is kept."""
    if encryption.is_encrypted(data):
        return under_passphrase
    if data.startswith(HEADING.encode()):
        uri = _wrapped(data).key
        return lambda text: under_token(text, uri)
    return lambda text: text.encode("ascii")


def _wrapped(data: bytes) -> _Wrapped:
    try:
        return _Wrapped.model_validate(canonical.read_canonical(data.partition(b"\n")[2].removesuffix(b"\n")))
    except (ValidationError, canonical.JsonUnreadableError):
        raise encryption.IdentityUnreadableError from None


def _passphrase() -> bytes:
    credentials = os.environ.get(_CREDENTIALS)
    named = os.environ.get(PASSPHRASE_FILE) or (str(Path(credentials) / _CREDENTIAL) if credentials else "")
    try:
        text = Path(named).read_bytes().strip() if named else b""
    except OSError:
        text = b""
    if not text:
        raise PassphraseMissingError
    return text
