"""Who can open an age file: X25519, the hybrid of ML-KEM-768 and X25519, or a passphrase.

Receives keys in age's text form; returns stanzas that wrap a file key, or the file key out of stanzas; all
arithmetic is that of pyca/cryptography (OpenSSL).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from comity.sealing.age import bech32
from comity.sealing.age.header import FILE_KEY_BYTES, HeaderRefusedError, Stanza, decode, encode
from comity.terms import gettext_noop

_WRAPPED_BYTES = FILE_KEY_BYTES + 16
_NO_NONCE = bytes(12)
_X25519_INFO = b"age-encryption.org/v1/X25519"
_HYBRID_INFO = b"age-encryption.org/mlkem768x25519"
_SCRYPT_LABEL = b"age-encryption.org/v1/scrypt"
_HYBRID = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
_MLKEM_PUBLIC, _HYBRID_SHARE = 1184, 1088 + 32


class KeyTextUnreadableError(ValueError):
    """A text that is no key of this kind."""


class ShareWeakError(HeaderRefusedError):
    """A share of low order: the key that it leads to is known to everybody (RFC 7748, 6.1)."""

    code = "encryption_share_weak"
    message = gettext_noop("The encrypted package gives a key that everybody knows.")


class StanzaMalformedError(HeaderRefusedError):
    """A stanza of a known kind with another length of its share or key, or other arguments."""

    code = "encryption_stanza_malformed"
    message = gettext_noop("A recipient in the head of the encrypted package has not the form of its kind.")


class HybridShareWeakError(ShareWeakError):
    """The X25519 half of a hybrid share is of low order: the older half protects nothing."""

    code = "encryption_hybrid_share_weak"
    message = gettext_noop("Half of the key that the encrypted package gives is known to everybody.")


class StanzaArgumentsError(StanzaMalformedError):
    """A stanza with more or fewer arguments than its kind has."""

    code = "encryption_arguments"
    message = gettext_noop("A recipient in the head of the encrypted package has too many or too few parts.")


class ShareLengthError(StanzaMalformedError):
    """A share that is shorter or longer than its kind's."""

    code = "encryption_share_length"
    message = gettext_noop("A recipient's share in the head of the encrypted package has a wrong length.")


class WrappedKeyLengthError(StanzaMalformedError):
    """A wrapped key that is shorter or longer than every file key is."""

    code = "encryption_wrapped_key_length"
    message = gettext_noop("The wrapped key in the head of the encrypted package has a wrong length.")


class PassphraseWorkError(StanzaMalformedError):
    """A cost of scrypt that is misspelled, or higher than this reader pays."""

    code = "encryption_passphrase_work"
    message = gettext_noop("The passphrase of the encrypted package asks for more work than is done here.")


class PassphraseNotAloneError(HeaderRefusedError):
    """A passphrase beside other recipients: who else can open the file would be unknown."""

    code = "encryption_passphrase_not_alone"
    message = gettext_noop("The encrypted package names other recipients beside a passphrase.")


class Recipient(Protocol):
    """Wraps a file key; ``is_hybrid`` says whether it withstands a quantum computer."""

    is_hybrid: ClassVar[bool]

    def wrap(self, file_key: bytes) -> Stanza:
        """The stanza that this recipient's identity opens."""


class Identity(Protocol):
    """Opens what was wrapped for its recipient."""

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """The file key; None if the stanza is for another; HeaderRefusedError if its form is wrong."""


@dataclass(frozen=True, slots=True)
class X25519Recipient:
    """``age1…``"""

    public: bytes
    is_hybrid: ClassVar[bool] = False
    prefix: ClassVar[str] = "age"

    def __str__(self) -> str:
        return bech32.encode(self.prefix, self.public)

    def wrap(self, file_key: bytes) -> Stanza:
        """The stanza that the other half opens."""
        own = X25519PrivateKey.generate()
        share = own.public_key().public_bytes_raw()
        key = _x25519_key(own, self.public, share + self.public)
        return Stanza("X25519", (encode(share),), ChaCha20Poly1305(key).encrypt(_NO_NONCE, file_key, None))


@dataclass(frozen=True, slots=True)
class X25519Identity:
    """``AGE-SECRET-KEY-1…``"""

    secret: bytes = field(repr=False)
    prefix: ClassVar[str] = "age-secret-key-"
    kind: ClassVar[str] = "X25519"

    @classmethod
    def generate(cls) -> X25519Identity:
        """A new one."""
        return cls(secrets.token_bytes(32))

    def __str__(self) -> str:
        return bech32.encode(self.prefix, self.secret).upper()

    @property
    def recipient(self) -> X25519Recipient:
        """Its public half."""
        return X25519Recipient(
            X25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw()
        )

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """The file key; None if the stanza is for another."""
        if stanza.kind != self.kind:
            return None
        share = _only_argument(stanza, 32)
        key = _x25519_key(
            X25519PrivateKey.from_private_bytes(self.secret), share, share + self.recipient.public
        )
        try:
            return ChaCha20Poly1305(key).decrypt(_NO_NONCE, stanza.body, None)
        except InvalidTag:
            return None


@dataclass(frozen=True, slots=True)
class HybridRecipient:
    """``age1pq1…``"""

    public: bytes
    is_hybrid: ClassVar[bool] = True
    prefix: ClassVar[str] = "age1pq"

    def __str__(self) -> str:
        return bech32.encode(self.prefix, self.public)

    def key(self) -> hpke.MLKEM768X25519PublicKey:
        """The key of both halves; raise ValueError if it is none."""
        lattice = MLKEM768PublicKey.from_public_bytes(self.public[:_MLKEM_PUBLIC])
        return hpke.MLKEM768X25519PublicKey(
            lattice, X25519PublicKey.from_public_bytes(self.public[_MLKEM_PUBLIC:])
        )

    def wrap(self, file_key: bytes) -> Stanza:
        """The stanza that the other half opens."""
        wrapped = _HYBRID.encrypt(file_key, self.key(), info=_HYBRID_INFO)
        share, body = wrapped[:_HYBRID_SHARE], wrapped[_HYBRID_SHARE:]
        return Stanza("mlkem768x25519", (encode(share),), body)


@dataclass(frozen=True, slots=True)
class HybridIdentity:
    """``AGE-SECRET-KEY-PQ-1…``: a seed of 32 bytes from which both halves are derived (X-Wing)."""

    seed: bytes = field(repr=False)
    prefix: ClassVar[str] = "age-secret-key-pq-"
    kind: ClassVar[str] = "mlkem768x25519"

    @classmethod
    def generate(cls) -> HybridIdentity:
        """A new one."""
        return cls(secrets.token_bytes(32))

    def __str__(self) -> str:
        return bech32.encode(self.prefix, self.seed).upper()

    def _halves(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        expanded = hashlib.shake_256(self.seed).digest(96)
        lattice = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        return lattice, X25519PrivateKey.from_private_bytes(expanded[64:])

    @property
    def recipient(self) -> HybridRecipient:
        """Its public half."""
        lattice, curve = self._halves()
        return HybridRecipient(
            lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        )

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """The file key; None if the stanza is for another."""
        if stanza.kind != self.kind:
            return None
        share = _only_argument(stanza, _HYBRID_SHARE)
        lattice, curve = self._halves()
        try:
            _exchanged(curve, share[-32:])
        except ShareWeakError:
            raise HybridShareWeakError from None
        try:
            key = hpke.MLKEM768X25519PrivateKey(lattice, curve)
            return _HYBRID.decrypt(share + stanza.body, key, info=_HYBRID_INFO)
        except InvalidTag:
            return None


@dataclass(frozen=True, slots=True)
class Passphrase:
    """A passphrase, as recipient and as identity; it stands alone in its file (scrypt, r = 8, p = 1)."""

    text: bytes = field(repr=False)
    work: int = 16
    """log2 of scrypt's cost: 64 MiB for a moment. The passphrase is read from a file, so it may be long."""
    is_hybrid: ClassVar[bool] = True
    _MOST_WORK: ClassVar[int] = 18

    def wrap(self, file_key: bytes) -> Stanza:
        """The stanza that the other half opens."""
        salt = secrets.token_bytes(16)
        body = ChaCha20Poly1305(self._key(salt, self.work)).encrypt(_NO_NONCE, file_key, None)
        return Stanza("scrypt", (encode(salt), str(self.work)), body)

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """The file key; None if the stanza is for another."""
        if stanza.kind != "scrypt":
            return None
        _demand_form(stanza, arguments=2)
        salt, work = decode(stanza.arguments[0]), stanza.arguments[1]
        if len(salt) != 16:
            raise ShareLengthError
        if not re.fullmatch(r"[1-9][0-9]?", work) or int(work) > self._MOST_WORK:
            raise PassphraseWorkError
        try:
            return ChaCha20Poly1305(self._key(salt, int(work))).decrypt(_NO_NONCE, stanza.body, None)
        except InvalidTag:
            return None

    def _key(self, salt: bytes, work: int) -> bytes:
        cost = 1 << work
        return hashlib.scrypt(
            self.text, salt=_SCRYPT_LABEL + salt, n=cost, r=8, p=1, maxmem=1024 * cost + (1 << 20), dklen=32
        )


@lru_cache(maxsize=64)
def parse_recipient(text: str) -> X25519Recipient | HybridRecipient:
    """Read ``age1…`` or ``age1pq1…``; raise KeyTextUnreadableError."""
    try:
        prefix, data = bech32.decode(text)
        if text == text.lower() and prefix == X25519Recipient.prefix and len(data) == 32:
            return X25519Recipient(data)
        hybrid = HybridRecipient(data)
        if text == text.lower() and prefix == hybrid.prefix and len(data) == _MLKEM_PUBLIC + 32:
            hybrid.key()
            return hybrid
    except ValueError:
        pass
    raise KeyTextUnreadableError


def parse_identity(text: str) -> X25519Identity | HybridIdentity:
    """Read ``AGE-SECRET-KEY-1…`` or ``AGE-SECRET-KEY-PQ-1…``; raise KeyTextUnreadableError."""
    try:
        prefix, data = bech32.decode(text)
    except ValueError:
        raise KeyTextUnreadableError from None
    for kind in (X25519Identity, HybridIdentity):
        if text == text.upper() and prefix == kind.prefix and len(data) == 32:
            return kind(data)
    raise KeyTextUnreadableError


def are_mixed(stanzas: Sequence[Stanza]) -> bool:
    """Whether hybrid and X25519 recipients stand in one file."""
    return {X25519Identity.kind, HybridIdentity.kind} <= {stanza.kind for stanza in stanzas}


def unwrap(stanzas: Sequence[Stanza], identities: Sequence[Identity]) -> bytes | None:
    """The file key by the first identity that opens a stanza; None if there is none."""
    if len(stanzas) > 1 and any(stanza.kind == "scrypt" for stanza in stanzas):
        raise PassphraseNotAloneError
    for identity in identities:
        for stanza in stanzas:
            key = identity.unwrap(stanza)
            if key is not None:
                return key
    return None


def _only_argument(stanza: Stanza, size: int) -> bytes:
    _demand_form(stanza, arguments=1)
    share = decode(stanza.arguments[0])
    if len(share) != size:
        raise ShareLengthError
    return share


def _demand_form(stanza: Stanza, *, arguments: int) -> None:
    if len(stanza.arguments) != arguments:
        raise StanzaArgumentsError
    if len(stanza.body) != _WRAPPED_BYTES:
        raise WrappedKeyLengthError


def _x25519_key(private: X25519PrivateKey, public: bytes, salt: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=salt, info=_X25519_INFO).derive(_exchanged(private, public))


def _exchanged(private: X25519PrivateKey, public: bytes) -> bytes:
    """The shared secret; raise ShareWeakError for a point of low order."""
    try:
        return private.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError:
        raise ShareWeakError from None
