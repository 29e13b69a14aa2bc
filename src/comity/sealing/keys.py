"""An authority's private keys: made for trials by ``create_authority``, read by ``load``.

Receives folders; returns signers that hold a certificate and something that signs; never gives a key away,
so that a key may as well live in a PKCS#11 token (docs/sealing.md, clause 5).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import ValidationError

from comity import canonical
from comity.proofs import notes
from comity.proofs.checkpoints import key_name
from comity.sealing import algorithms, encryption, issuing, wrapping
from comity.sealing.durable import growing_folder, replacing, sync_folder, write_new
from comity.sealing.tokens import TokenKey
from comity.shapes import AuthorityId, Instant, Line, Shape, first_problem
from comity.terms import ComityError, gettext_noop

DESCRIPTION = "authority.json"
_STATE = re.compile(r"[A-Z]{2}")


class KeyFolderUnreadableError(ComityError):
    """A folder that is no key folder, or lacks a part of one."""

    code = "key_folder_unreadable"
    message = gettext_noop("“{path}” cannot be read as part of a key folder.")
    next_step = gettext_noop("Give the folder that “comity key new” made.")


class StateUnreadableError(ComityError):
    """Not an ISO 3166-1 alpha-2 code."""

    code = "state_unreadable"
    message = gettext_noop("“{state}” is not a State's two-letter code.")
    next_step = gettext_noop("Write two capital letters, for example KZ.")


class AuthorityUndescribableError(ComityError):
    """An authority's id or name cannot stand in its description."""

    code = "authority_undescribable"
    message = gettext_noop("The authority's {where} cannot be used: {why}.")
    next_step = gettext_noop("Give a name of one line, and an id such as kz-247.")


class Description(Shape):
    """``authority.json``: who an authority is."""

    id: AuthorityId
    name: Line
    state: str
    created_at: Instant


class SigningKey(Protocol):
    """A private key in a file or a token."""

    def sign(self, message: bytes) -> bytes:
        """Sign the message; ECDSA signatures are DER."""


class FileKey:
    """A P-256 key that was read from a file."""

    def __init__(self, key: ec.EllipticCurvePrivateKey) -> None:
        self.private = key

    def sign(self, message: bytes) -> bytes:
        """ECDSA with SHA-256, DER."""
        return self.private.sign(message, ec.ECDSA(hashes.SHA256()))


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate and the key that belongs to it; ``algorithm`` is an id of the allow-list."""

    certificate: x509.Certificate
    key: SigningKey
    algorithm: str = "ecdsa-sha-256"

    def sign(self, message: bytes) -> bytes:
        """Sign the message; ECDSA signatures are DER with the lower s (docs/sealing.md, clause 4.4)."""
        return algorithms.lower(self.key.sign(message), self.certificate.public_key())


@dataclass(frozen=True, slots=True)
class Authority:
    """Everything with which an authority signs, and opens what is sealed to it."""

    description: Description
    ca: x509.Certificate
    seal: Signer
    time_service: Signer
    revocation_service: Signer
    log: notes.Signer
    identity: str
    recipient: str

    @property
    def id(self) -> str:
        """The authority's id: ``kz-247``."""
        return self.description.id


def create_authority(
    folder: Path, *, id: str, name: str, state: str, now: datetime, valid_days: int = 1096
) -> None:
    """Make a pilot authority's key folder, whole or not at all.

    ``valid_days`` is the life of seal, OCSP and TLS certificates; the time-stamp certificate lives 15 years
    and the CA 20, so that seals can be verified long after their own certificate has ended.
    """
    if not _STATE.fullmatch(state):
        raise StateUnreadableError(state=state)
    description = _described(id, name, state, now)
    files = issuing.issue_files(id, name, state, now, valid_days)
    identity, recipient = encryption.new_identity()
    log = notes.Signer.generate(key_name(id))
    public = {
        DESCRIPTION: canonical.write(description.as_json()),
        "log.vkey": log.verifier.text.encode() + b"\n",
        "transport.recipient": f"{recipient}\n".encode(),
    }
    private = {"log.key": log.secret_text.encode() + b"\n", "transport.identity": f"{identity}\n".encode()}
    with growing_folder(folder) as growing:
        for file, data in (public | files.public).items():
            write_new(growing / file, data)
        for file, data in (private | files.private).items():
            write_new(growing / file, data, 0o600)


def _described(identifier: str, name: str, state: str, now: datetime) -> Description:
    try:
        return Description(id=identifier, name=name, state=state, created_at=canonical.instant_text(now))
    except ValidationError as error:
        where, why = first_problem(error)
        raise AuthorityUndescribableError(where=where, why=why) from None


def load(folder: Path) -> Authority:
    """Read a key folder with its private parts."""
    description = read_description(folder)
    return Authority(
        description=description,
        ca=read_certificate(folder / "ca.crt"),
        seal=signer(folder, "seal"),
        time_service=signer(folder, "tsa"),
        revocation_service=signer(folder, "ocsp"),
        log=notes.Signer.parse(read_private(folder / "log.key")),
        identity=read_identity(folder / "transport.identity"),
        recipient=read_text(folder / "transport.recipient").strip(),
    )


def read_description(folder: Path) -> Description:
    """Read ``authority.json``."""
    path = folder / DESCRIPTION
    try:
        return Description.model_validate(canonical.read_canonical(path.read_bytes()))
    except (OSError, ValueError, ComityError):
        raise KeyFolderUnreadableError(path=path) from None


def read_certificate(path: Path) -> x509.Certificate:
    """Read a PEM certificate."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        raise KeyFolderUnreadableError(path=path) from None


def read_text(path: Path) -> str:
    """Read a small text file of a key folder."""
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError):
        raise KeyFolderUnreadableError(path=path) from None


def read_private(path: Path) -> str:
    """Read a private file of a key folder, whatever it is kept under; raise what ``wrapping.read`` raises."""
    try:
        return wrapping.read(path.read_bytes())
    except (OSError, encryption.IdentityUnreadableError):
        raise KeyFolderUnreadableError(path=path) from None


def read_identity(path: Path) -> str:
    """Read an identity's file, whatever it is kept under; raise IdentityUnreadableError for what is none."""
    try:
        text = wrapping.read(path.read_bytes())
    except OSError:
        raise KeyFolderUnreadableError(path=path) from None
    found = [line for line in text.split() if line.startswith("AGE-SECRET-KEY-")]
    if not found:
        raise encryption.IdentityUnreadableError
    return found[0]


def wrapped_like(path: Path, identity: str) -> bytes:
    """The file of a new identity, kept as the identity at ``path`` is."""
    return wrapping.like(path.read_bytes())(f"{identity}\n")


def wrap(folder: Path, how: Callable[[str], bytes]) -> int:
    """Keep identities and private keys of a folder another way (``wrapping``); return how many there are."""
    paths = sorted([*folder.glob("*.identity"), *folder.glob("*.key")])
    read = [(path, read_private(path)) for path in paths]  # all or none: a wrong passphrase changes nothing
    for path, text in read:
        with replacing(path, 0o600) as out:
            out.write(how(text))
    return len(read)


def move_to_token(folder: Path, name: str, uri: str, now: datetime, valid_days: int = 1096) -> None:
    """Make a new key of a folder (seal, tsa, ocsp) inside a token, with a new certificate of the folder's CA.

    The key in the file is removed: what it signed stays valid, and it signs no more.
    """
    issuer = _issuer(folder, now)
    public = TokenKey.parse(uri).make_signing_key()
    certificate = issuing.issue_leaf(issuer, read_description(folder), name, public, valid_days)
    with replacing(folder / f"{name}.pkcs11", 0o600) as out:
        out.write(f"{uri.strip()}\n".encode())
    with replacing(folder / f"{name}.crt") as out:
        out.write(certificate)
    (folder / f"{name}.key").unlink(missing_ok=True)
    sync_folder(folder)


def renew(folder: Path, name: str, now: datetime, valid_days: int = 1096) -> datetime:
    """Give a key of a folder (seal, tsa, ocsp, tls) a new certificate of the folder's CA; when that ends.

    The key stays, wherever it lies, so that one file changes in one step.
    """
    issuer = _issuer(folder, now)
    certificate = issuing.issue_leaf(
        issuer, read_description(folder), name, _public(folder, name), valid_days
    )
    with replacing(folder / f"{name}.crt") as out:
        out.write(certificate)
    return read_certificate(folder / f"{name}.crt").not_valid_after_utc


def prepare(folder: Path, name: str, now: datetime, valid_days: int = 1096) -> datetime:
    """Make the certificate that follows a key's present one, beside it (``NAME-next.crt``); when it ends."""
    issuer, path = _issuer(folder, now), folder / f"{name}-next.crt"
    with replacing(path) as out:
        out.write(
            issuing.issue_leaf(issuer, read_description(folder), name, _public(folder, name), valid_days)
        )
    return read_certificate(path).not_valid_after_utc


def follow(folder: Path, name: str) -> None:
    """Let the prepared certificate of a key be its present one; nothing where none is prepared."""
    prepared = folder / f"{name}-next.crt"
    if prepared.exists():
        prepared.replace(folder / f"{name}.crt")
        sync_folder(folder)


def _public(folder: Path, name: str) -> ec.EllipticCurvePublicKey:
    public = read_certificate(folder / f"{name}.crt").public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise KeyFolderUnreadableError(path=folder / f"{name}.crt")
    return public


def _issuer(folder: Path, now: datetime) -> issuing.Issuer:
    ca = signer(folder, "ca")
    if not isinstance(ca.key, FileKey):
        raise KeyFolderUnreadableError(path=folder / "ca.key")
    return issuing.Issuer(ca.certificate.subject, ca.key.private, now)


def signer(folder: Path, name: str) -> Signer:
    """Read one of the folder's keys with its certificate: seal, tsa, ocsp, tls, ca.

    ``NAME.pkcs11`` with the address of a key in a token goes before ``NAME.key``.
    """
    address = folder / f"{name}.pkcs11"
    if address.exists():
        return Signer(read_certificate(folder / f"{name}.crt"), TokenKey.parse(read_text(address)))
    path = folder / f"{name}.key"
    try:
        key = load_pem_private_key(read_private(path).encode("ascii"), None)
    except (ValueError, TypeError):
        raise KeyFolderUnreadableError(path=path) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyFolderUnreadableError(path=path)
    return Signer(read_certificate(folder / f"{name}.crt"), FileKey(key))
