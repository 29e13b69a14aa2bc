"""Keys in a PKCS#11 token: a P-256 key that signs, an AES-256 key that wraps identities.

Receives an RFC 7512 URI that names token, key, module and the file with the PIN; returns signatures and
wrapped bytes; never sees a private key. One session is kept for each token and process.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from comity.terms import ComityError, gettext_noop

PIN_CREDENTIAL = "pkcs11-pin"
"""The systemd credential with the PIN, where the URI names no file."""
_NONCE_BYTES = 12
_lock = threading.RLock()
_sessions: dict[tuple[str, str], Any] = {}
_process = os.getpid()


class TokenUriUnreadableError(ComityError):
    """Not a URI of a key in a token, or one with the PIN in it."""

    code = "token_uri_unreadable"
    message = gettext_noop("The address of the key in the token cannot be used: {detail}.")
    next_step = gettext_noop("Write pkcs11:token=NAME;object=KEY?module-path=FILE&pin-source=file:FILE")


class TokenUnusableError(ComityError):
    """The token does not do what is asked: it is away, the PIN is wrong, the key is not there."""

    code = "token_unusable"
    temporary = True
    message = gettext_noop("The key “{key}” in the token “{token}” cannot be used: {detail}.")
    next_step = gettext_noop("Check that the token is connected and its PIN file right; then try again.")


class TokenKeyTakenError(ComityError):
    """A key of this name is in the token already."""

    code = "token_key_taken"
    message = gettext_noop("The token holds a key “{key}” already; nothing was made.")
    next_step = gettext_noop("Choose another name for the key.")


@dataclass(frozen=True, slots=True)
class TokenKey:
    """One key in a token: its RFC 7512 address, taken apart."""

    token: str
    object: str
    module: str
    pin_file: str = ""

    @classmethod
    def parse(cls, text: str) -> TokenKey:
        """Read a ``pkcs11:`` URI; a PIN in it is refused, since addresses are shown and logged."""
        scheme, _, rest = text.strip().partition(":")
        path, _, query = rest.partition("?")
        if scheme != "pkcs11":
            raise TokenUriUnreadableError(detail="it does not begin with pkcs11:")
        parts = dict(each.partition("=")[::2] for each in path.split(";"))
        options = dict(parse_qsl(query, keep_blank_values=True))
        if "pin-value" in options:
            raise TokenUriUnreadableError(detail="it holds the PIN itself")
        unknown = (parts.keys() - {"token", "object"}) | (options.keys() - {"module-path", "pin-source"})
        if unknown:
            raise TokenUriUnreadableError(detail=f"“{min(unknown)}” is not read")
        found = [unquote(parts.get(name, "")) for name in ("token", "object")] + [
            options.get("module-path", "")
        ]
        if not all(found):
            raise TokenUriUnreadableError(detail="token, object and module-path must all be there")
        token, name, module = found
        return cls(token, name, module, options.get("pin-source", "").removeprefix("file:"))

    def sign(self, message: bytes) -> bytes:
        """ECDSA with SHA-256, DER."""
        with _session(self) as (session, pkcs11):
            key = session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, label=self.object)
            raw = key.sign(hashlib.sha256(message).digest(), mechanism=pkcs11.Mechanism.ECDSA)
            return bytes(pkcs11.util.ec.encode_ecdsa_signature(raw))

    def make_signing_key(self) -> ec.EllipticCurvePublicKey:
        """Make a P-256 pair that never leaves the token; return its public half."""
        with _session(self) as (session, pkcs11):
            self._demand_free(session)
            curve = {pkcs11.Attribute.EC_PARAMS: pkcs11.util.ec.encode_named_curve_parameters("secp256r1")}
            parameters = session.create_domain_parameters(pkcs11.KeyType.EC, curve, local=True)
            stays = {pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False}
            public, _ = parameters.generate_keypair(store=True, label=self.object, private_template=stays)
            key = load_der_public_key(bytes(pkcs11.util.ec.encode_ec_public_key(public)))
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise TokenUnusableError(key=self.object, token=self.token, detail="it made another kind of key")
        return key

    def make_wrapping_key(self) -> None:
        """Make an AES-256 key that never leaves the token."""
        with _session(self) as (session, pkcs11):
            self._demand_free(session)
            stays = {pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False}
            session.generate_key(pkcs11.KeyType.AES, 256, store=True, label=self.object, template=stays)

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        """Nonce and AES-256-GCM of a short secret; ``context`` must be given again to unwrap it."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        with _session(self) as (session, pkcs11):
            key = session.get_key(pkcs11.ObjectClass.SECRET_KEY, label=self.object)
            how = {"mechanism": pkcs11.Mechanism.AES_GCM}
            return nonce + bytes(
                key.encrypt(secret, mechanism_param=pkcs11.GCMParams(nonce, context, 128), **how)
            )

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The secret; raise TokenUnusableError when the bytes are not what this key wrapped."""
        nonce, sealed = wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:]
        with _session(self) as (session, pkcs11):
            key = session.get_key(pkcs11.ObjectClass.SECRET_KEY, label=self.object)
            how = {"mechanism": pkcs11.Mechanism.AES_GCM}
            return bytes(key.decrypt(sealed, mechanism_param=pkcs11.GCMParams(nonce, context, 128), **how))

    def _demand_free(self, session: Any) -> None:
        import pkcs11

        if next(iter(session.get_objects({pkcs11.Attribute.LABEL: self.object})), None) is not None:
            raise TokenKeyTakenError(key=self.object)


@contextmanager
def _session(key: TokenKey) -> Iterator[tuple[Any, Any]]:
    """The open session of the key's token, for one caller at a time; the token's errors as one refusal."""
    try:
        import pkcs11
        import pkcs11.util.ec
    except ImportError:
        detail = "Python cannot speak to tokens here (install comity[pkcs11])"
        raise TokenUnusableError(key=key.object, token=key.token, detail=detail) from None
    with _lock:
        try:
            yield _opened(key, pkcs11), pkcs11
        except (pkcs11.PKCS11Error, OSError, UnicodeDecodeError, pkcs11.NoSuchKey) as error:
            _close(_sessions.pop((key.module, key.token), None))
            detail = type(error).__name__
            raise TokenUnusableError(key=key.object, token=key.token, detail=detail) from None


def _opened(key: TokenKey, pkcs11: Any) -> Any:
    global _process
    library = pkcs11.lib(key.module)
    if _process != os.getpid():  # a session does not survive a fork (PKCS#11, general overview)
        _sessions.clear()
        library.reinitialize()
        _process = os.getpid()
    name = (key.module, key.token)
    if name not in _sessions:
        pin = _pin(key)
        _sessions[name] = library.get_token(token_label=key.token).open(rw=True, user_pin=pin)
    return _sessions[name]


def _close(session: Any) -> None:
    import pkcs11

    with suppress(pkcs11.PKCS11Error):  # the token may be gone
        if session is not None:
            session.close()


def _pin(key: TokenKey) -> str:
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    path = key.pin_file or (str(Path(credentials) / PIN_CREDENTIAL) if credentials else "")
    if not path:
        raise TokenUnusableError(key=key.object, token=key.token, detail="no file holds its PIN")
    return Path(path).read_text("utf-8").strip()
