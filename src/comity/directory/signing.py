"""Signing keys of keepers and States, and lists that are signed with them: Ed25519 in PEM files (PKCS 8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)
from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import CryptoSigner, Key, SSlibKey
from tuf.api.metadata import Metadata, TargetFile, Targets
from tuf.api.serialization.json import JSONSerializer

from comity import canonical
from comity.directory.entries import MAX_BYTES, Entry, canonical_form, path_of, read_entry
from comity.directory.reading import METADATA_BYTES, DirectoryUnreadableError, as_ours
from comity.directory.sources import NAME
from comity.sealing.durable import AlreadyThereError, refusals, replacing, sync_folder, write_new
from comity.terms import ComityError, gettext_noop

LIST_LIFE = timedelta(days=366)
"""A State says once a year that its entries are right, or its list expires."""
AHEAD = timedelta(days=60)
"""How long before a year is over whoever has to act is reminded."""


class SigningKeyUnreadableError(ComityError):
    """A file is no key, or its passphrase is wrong."""

    code = "signing_key_unreadable"
    message = gettext_noop("The key {path} cannot be used.")
    next_step = gettext_noop("Name a PEM file made by “comity directory state new-key”, and its passphrase.")


class ListUnreadableError(ComityError):
    """A State's folder holds no list of its entries, or one that its keys did not sign."""

    code = "list_unreadable"
    message = gettext_noop("The State's folder {path} cannot be used: {detail}.")
    next_step = gettext_noop("Sign it anew: comity directory state sign FOLDER")


class ListRefusedError(ComityError):
    """A State's list that its keys did not sign, or that does not follow on the one before."""

    code = "list_refused"
    message = gettext_noop("The list of {state} is not taken in: {detail}.")
    next_step = gettext_noop(
        "Nothing was changed. Ask the State for its newest list, signed by enough of its keys."
    )


class EntriesMissingError(ComityError):
    """A State would sign a list that names none of its authorities, or one of them twice."""

    code = "entries_missing"
    message = gettext_noop("The list of {state} cannot be signed: {detail}.")
    next_step = gettext_noop(
        "Name with --entry every entry that is to hold, or with --confirm those that hold; "
        "a State leaves the directory by the keeper: comity directory keeper revoke DIR --state XX"
    )


def new_key(path: Path, passphrase: bytes | None = None) -> SSlibKey:
    """Make a key: ``path`` (mode 0600) and ``path`` with ``.pub`` for others; never over another file."""
    private = Ed25519PrivateKey.generate()
    wrap = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    make_folder(path.parent, 0o700)
    beside = path.with_name(f"{path.name}.pub")
    if beside.exists():  # of a key that lies elsewhere now
        raise AlreadyThereError(path=beside)
    write_new(path, private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, wrap), 0o600)
    write_new(beside, private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    sync_folder(path.parent)
    return CryptoSigner(private).public_key


def read_signer(path: Path, passphrase: bytes | None = None) -> CryptoSigner:
    """The key of a PEM file, wrapped or plain; SigningKeyUnreadableError when it is none."""
    try:
        data = path.read_bytes()
        key = load_pem_private_key(data, passphrase if b"ENCRYPTED" in data else None)
    except (OSError, ValueError, TypeError) as error:
        raise SigningKeyUnreadableError(path=path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyUnreadableError(path=path)
    return CryptoSigner(key)


def read_public(path: Path) -> SSlibKey:
    """The public key of a PEM file."""
    try:
        return SSlibKey.from_crypto(load_pem_public_key(path.read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise SigningKeyUnreadableError(path=path) from error


def sign_list(
    folder: Path, state: str, entries: Iterable[bytes], signers: Iterable[CryptoSigner], now: datetime
) -> tuple[Entry, ...]:
    """Write a State's list of all its entries, signed; it replaces the one in the folder and follows on it.

    Offline: nothing but the folder and the keys is needed. What it makes goes to the keeper on a disk. An
    entry may have been edited: what is signed is its canonical form.
    """
    before = read_list(folder, state)
    read = [(read_entry(data), data) for data in map(canonical_form, entries)]
    foreign = [entry.id for entry, _ in read if entry.state != state]
    if foreign:
        raise EntriesMissingError(state=state, detail=f"{foreign[0]} is of another State")
    if not read:
        raise EntriesMissingError(state=state, detail="no entry is named")
    if len({entry.id for entry, _ in read}) < len(read):
        raise EntriesMissingError(state=state, detail="an authority is named twice")
    targets = {}
    for entry, data in read:
        path = path_of(state, entry.id)
        targets[path] = TargetFile.from_data(path, data, ["sha256"])
        write_target(folder, path, data)
    version = before.signed.version + 1 if before else 1
    signed = Metadata(Targets(version=version, expires=whole(now + LIST_LIFE), targets=targets))
    for signer in signers:
        signed.sign(signer, append=True)
    write_metadata(folder / f"{state}.json", signed)
    return tuple(entry for entry, _ in read)


def confirmed_entries(
    folder: Path, state: str, signers: Iterable[CryptoSigner], now: datetime
) -> list[bytes]:
    """The entries of a State's list in a folder, each as right from ``now`` on (``confirmed_at``).

    One of these keys must have signed the list, or ListUnreadableError: others had the folder meanwhile.
    """
    found = _demand_list(folder, state)
    if not any(_has_signed(signer.public_key, found) for signer in signers):
        raise ListUnreadableError(path=folder, detail="the key did not sign the list that lies there")
    at = canonical.instant_text(whole(now))
    held = [canonical.read(read_target(folder, path, file)) for path, file in found.signed.targets.items()]
    return [canonical.write({**entry, "confirmed_at": at}) for entry in held]


def listed_entries(folder: Path, state: str) -> list[Entry]:
    """The entries of a State's list in a folder, as they are, whoever signed it."""
    targets = _demand_list(folder, state).signed.targets
    return [read_entry(read_target(folder, path, file)) for path, file in targets.items()]


def authorities(listed: Metadata[Targets] | None) -> set[str]:
    """The ids of the authorities that a list names."""
    paths = listed.signed.targets if listed else {}
    return {path.rpartition("/")[2].removesuffix(".json") for path in paths}


def cosign_list(folder: Path, state: str, signer: CryptoSigner) -> int:
    """Add a signature to a State's list, where more than one key must sign; return how many it bears."""
    found = _demand_list(folder, state)
    found.sign(signer, append=True)
    write_metadata(folder / f"{state}.json", found)
    return len(found.signatures)


def read_list(folder: Path, state: str) -> Metadata[Targets] | None:
    """A State's list in a folder, None where there is none."""
    path = folder / f"{state}.json"
    if not path.exists():
        return None
    if path.stat().st_size > METADATA_BYTES:
        raise ListUnreadableError(path=folder, detail=f"{state}.json is too large")
    try:
        with as_ours():
            return Metadata[Targets].from_bytes(path.read_bytes())
    except DirectoryUnreadableError as error:
        raise ListUnreadableError(path=folder, detail=f"{state}.json cannot be read") from error


def _demand_list(folder: Path, state: str) -> Metadata[Targets]:
    found = read_list(folder, state)
    if found is None:
        raise ListUnreadableError(path=folder, detail=f"{state}.json is missing")
    return found


def _has_signed(key: Key, listed: Metadata[Targets]) -> bool:
    try:
        key.verify_signature(listed.signatures[key.keyid], listed.signed_bytes)
    except (KeyError, UnverifiedSignatureError):
        return False
    return True


def read_target(folder: Path, path: str, target: TargetFile) -> bytes:
    """An entry's bytes in a folder, as the list names them."""
    try:
        data = _place(folder, path, target.hashes.get("sha256", "")).read_bytes()
    except OSError as error:
        raise ListUnreadableError(path=folder, detail=f"{path} is missing") from error
    if len(data) > MAX_BYTES:
        raise ListUnreadableError(path=folder, detail=f"{path} is too large")
    with as_ours():
        target.verify_length_and_hashes(data)
    return data


def write_target(folder: Path, path: str, data: bytes) -> None:
    """Write an entry under the name that holds its hash."""
    place = _place(folder, path, sha256(data).hexdigest())
    make_folder(place.parent)
    with replacing(place, 0o644) as out:
        out.write(data)


def _place(folder: Path, path: str, digest: str) -> Path:
    """``targets/KZ/<sha256>.kz-247.json``: where TUF's consistent snapshots keep the entry of a target path.

    The path may be another's text: what is no name of a published file leads out of the folder.
    Clauses: DIRECTORY-5, DIRECTORY-6.
    """
    state, _, name = path.rpartition("/")
    placed = f"targets/{state}/{digest}.{name}"
    if not NAME.fullmatch(placed):
        raise ListUnreadableError(path=folder, detail=f"“{path[:80]}” is no path of an entry")
    return folder / placed


def write_metadata(path: Path, metadata: Metadata[Any]) -> None:
    """Write metadata whole or not at all."""
    make_folder(path.parent)
    with replacing(path, 0o644) as out:
        out.write(metadata.to_bytes(JSONSerializer(compact=True)))


def make_folder(path: Path, mode: int = 0o755) -> None:
    """Make a folder where there is none; a StorageError where it cannot be."""
    with refusals(path):
        path.mkdir(parents=True, exist_ok=True, mode=mode)


def whole(instant: datetime) -> datetime:
    """TUF's times have whole seconds."""
    return instant.replace(microsecond=0)
