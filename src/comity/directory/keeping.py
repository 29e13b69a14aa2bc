"""The keeper's side of the directory: what a depositary or secretariat keeps, signs and publishes.

A register is a folder: ``register.json`` (the keeper's name), ``keys/`` (private keys, none of them needed
by those who read), ``metadata/`` (``root``, ``targets``, ``snapshot``, ``timestamp`` and a list for each
State) and ``targets/`` (the entries). ``publish`` writes the folder that any web server or disk carries.
Root and targets wait in ``metadata/`` until enough keys have signed them; these keys may lie elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from comity.directory import reading, signing
from comity.directory.cards import grouped
from comity.directory.entries import canonical_form, path_of, read_entry
from comity.directory.reading import as_ours
from comity.directory.register import (
    Register,
    RegisterRefusesError,
    SignaturesMissingError,
    ThresholdImpossibleError,
)
from comity.directory.signing import make_folder, read_list, read_target, whole, write_target
from comity.directory.sources import Folder
from comity.sealing.durable import AlreadyThereError, replacing

ROLES = ("root", "targets", "snapshot", "timestamp")
LIFE = {
    "root": timedelta(days=366),
    "targets": timedelta(days=366),
    "snapshot": timedelta(days=30),
    "timestamp": timedelta(days=14),
}
"""How long each kind of metadata holds. A node that hears nothing newer for a fortnight says so.

Clause DIRECTORY-9.
"""
MOST_KEYS = 20
_STATE = re.compile(r"[A-Z]{2}")


def create(
    path: Path, name: str, *, keys: int, threshold: int, now: datetime, passphrase: bytes | None = None
) -> Register:
    """Make a register: ``keys`` keys each for root and targets of which ``threshold`` must sign, one each
    for snapshot and time-stamp, which are used at every publication."""
    if not 1 <= threshold <= keys <= MOST_KEYS:
        raise ThresholdImpossibleError(keys=keys, threshold=threshold)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise AlreadyThereError(path=path)
    register = Register(path)
    root = Root(version=1, expires=whole(now + LIFE["root"]), consistent_snapshot=True)
    for role in ROLES:
        many = keys if role in ("root", "targets") else 1
        for number in range(1, many + 1):
            root.add_key(signing.new_key(path / "keys" / f"{role}-{number}.pem", passphrase), role)
        root.roles[role].threshold = threshold if many > 1 else 1
    register.note(name=name)
    register.write("root", Metadata(root))
    register.write("targets", Metadata(Targets(version=1, expires=whole(now + LIFE["targets"]))))
    sign(register, register.signers(passphrase))
    return register


def fingerprint(register: Register) -> str:
    """SHA-256 of the present root in groups of four: what is read to those who begin to follow the keeper."""
    data = (register.path / "metadata" / "root.json").read_bytes()
    return grouped(sha256(data).hexdigest())


def add_state(
    register: Register, state: str, public_keys: Iterable[SSlibKey], threshold: int, now: datetime
) -> None:
    """Give a State its own entries: only what its keys sign is published as its. Keys given before end."""
    keys = {key.keyid: key for key in public_keys}
    if not _STATE.fullmatch(state):
        raise RegisterRefusesError(path=register.path, detail=f"“{state}” is no code of a State, as KZ is")
    if not 1 <= threshold <= len(keys) <= MOST_KEYS:
        raise ThresholdImpossibleError(keys=len(keys), threshold=threshold)
    metadata = register.metadata("targets")
    _undelegate(metadata.signed, state)
    delegations = metadata.signed.delegations or Delegations({}, {})
    role = DelegatedRole(state, [], threshold, terminating=True, paths=[f"{state}/*"])
    delegations.roles = {**(delegations.roles or {}), state: role}
    metadata.signed.delegations = delegations
    for key in keys.values():
        metadata.signed.add_key(key, state)
    for path in [path for path in metadata.signed.targets if path.startswith(f"{state}/")]:
        del metadata.signed.targets[path]  # what the keeper had entered for it
    _changed(register, "targets", metadata, now)


def enter(register: Register, entry: bytes, now: datetime) -> str:
    """Enter an authority of a State that has no keys here, on the keeper's own word; return its path."""
    entry = canonical_form(entry)
    read = read_entry(entry)
    metadata = register.metadata("targets")
    if delegated(metadata.signed, read.state):
        raise RegisterRefusesError(path=register.path, detail=f"{read.state} signs its entries itself")
    path = path_of(read.state, read.id)
    metadata.signed.targets[path] = TargetFile.from_data(path, entry, ["sha256"])
    write_target(register.path, path, entry)
    _changed(register, "targets", metadata, now)
    return path


def remove(register: Register, state: str, authority: str, now: datetime) -> None:
    """Take out an authority that the keeper had entered on its own word."""
    metadata, path = register.metadata("targets"), path_of(state, authority)
    if metadata.signed.targets.pop(path, None) is None:
        raise RegisterRefusesError(path=register.path, detail=f"the keeper did not enter {path}")
    _changed(register, "targets", metadata, now)


def revoke(register: Register, state: str, keyid: str | None, now: datetime) -> None:
    """Take a State's key out, or the whole State; the keys that remain must sign its list anew."""
    metadata = register.metadata("targets")
    role = delegated(metadata.signed, state)
    if role is None or (keyid is not None and keyid not in role.keyids):
        raise RegisterRefusesError(path=register.path, detail=f"{state} has no such key here")
    if keyid is None:
        _undelegate(metadata.signed, state)
    elif len(role.keyids) <= role.threshold:
        raise RegisterRefusesError(
            path=register.path, detail=f"{state} would have too few keys; add-state gives it new ones"
        )
    else:
        metadata.signed.revoke_key(keyid, state)
    _changed(register, "targets", metadata, now)


def take(register: Register, folder: Path, state: str) -> int:
    """Take in a State's list from the folder it sent, if its keys signed it and it follows on the one before.

    Returns how many authorities it names.
    """
    sent = read_list(folder, state)
    if sent is None:
        raise signing.ListUnreadableError(path=folder, detail=f"{state}.json is missing")
    targets = register.metadata("targets").signed
    if delegated(targets, state) is None:
        raise RegisterRefusesError(path=register.path, detail=f"{state} was not added")
    result = targets.get_verification_result(state, sent.signed_bytes, sent.signatures)
    if not result:
        detail = f"{len(result.signed)} of its keys signed it, {result.threshold} are needed"
        raise signing.ListRefusedError(state=state, detail=detail)
    kept = read_list(register.path / "metadata", state)
    if kept is not None and not _follows(sent, kept):
        detail = f"it is version {sent.signed.version}, and another {kept.signed.version} was taken in before"
        raise signing.ListRefusedError(state=state, detail=detail)
    for path, target in sent.signed.targets.items():
        if not path.startswith(f"{state}/"):
            raise signing.ListUnreadableError(path=folder, detail=f"{path} is not of {state}")
        write_target(register.path, path, read_target(folder, path, target))
    register.write(state, sent)
    return len(sent.signed.targets)


def sign(register: Register, signers: Iterable[CryptoSigner]) -> None:
    """Sign what waits (root, targets) with those of the keys that may; both roots' keys sign a new root."""
    for role, keyids in may_sign(register).items():
        metadata = register.metadata(role)
        for signer in signers:
            if signer.public_key.keyid in keyids:
                metadata.sign(signer, append=True)
        register.write(role, metadata)


def may_sign(register: Register) -> dict[str, set[str]]:
    """The ids of the keys that sign root (those of the root before too) and targets."""
    targets = register.metadata("root").signed.roles["targets"]
    return {"root": _root_keys(register), "targets": set(targets.keyids)}


def signatures(register: Register) -> list[tuple[str, int, int]]:
    """Of root and targets: how many signatures there are, and how many are needed."""
    root, found = register.metadata("root").signed, []
    for role in ("root", "targets"):
        metadata = register.metadata(role)
        result = root.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
        found.append((role, len(result.signed), result.threshold))
    return found


def rotate(register: Register, role: str, old: str, new: SSlibKey, now: datetime) -> None:
    """Replace a key of a role by a new one, in a root that old and new keys sign."""
    demand_held(register, role, old)
    metadata = register.metadata("root")
    metadata.signed.revoke_key(old, role)
    metadata.signed.add_key(new, role)
    _changed(register, "root", metadata, now)
    if role == "targets":
        _changed(register, "targets", register.metadata("targets"), now)


def demand_held(register: Register, role: str, keyid: str) -> None:
    """Raise RegisterRefusesError unless the key is one of the role's."""
    if role not in ROLES or keyid not in register.metadata("root").signed.roles[role].keyids:
        raise RegisterRefusesError(path=register.path, detail=f"{role} has no key {keyid}")


def renew(register: Register, now: datetime) -> None:
    """Let root and targets hold for another year; they wait for signatures then."""
    for role in ("root", "targets"):
        _changed(register, role, register.metadata(role), now)


def publish(register: Register, out: Path, now: datetime, passphrase: bytes | None = None) -> reading.Outcome:
    """Make snapshot and time-stamp anew and write the folder to publish; read it back as a node would.

    Raises SignaturesMissingError where root or targets wait for a signature, and RegisterRefusesError where
    the folder holds what this register did not make: readers would refuse what is older.
    Clause DIRECTORY-8.
    """
    root, targets = register.metadata("root"), register.metadata("targets")
    for role, metadata in (("root", root), ("targets", targets)):
        _demand_signed(root.signed, role, metadata)
    _demand_chain(register, root)
    used = {*root.signed.roles["snapshot"].keyids, *root.signed.roles["timestamp"].keyids}
    signers = {signer.public_key.keyid: signer for signer in register.signers(passphrase, used)}
    make_folder(out)
    _demand_older(register, out)
    snapshot = _snapshot(register, targets, now)
    _sign_with(root.signed, "snapshot", snapshot, signers)
    register.write("snapshot", snapshot)
    timestamp = _next(register, "timestamp") or Metadata(Timestamp(expires=whole(now)))
    timestamp.signed.expires = whole(now + LIFE["timestamp"])
    data = (register.path / "metadata" / "snapshot.json").read_bytes()
    timestamp.signed.snapshot_meta = MetaFile.from_data(snapshot.signed.version, data, ["sha256"])
    _sign_with(root.signed, "timestamp", timestamp, signers)
    register.write("timestamp", timestamp)
    register.note(published={"root": root.signed.version, "targets": targets.signed.version})
    _write_out(register, out, snapshot)
    first = (out / "1.root.json").read_bytes()
    return reading.refresh(reading.Kept(first), Folder(out), now)


def _demand_older(register: Register, out: Path) -> None:
    """A register that was restored from an older copy would publish versions that readers have seen."""
    place, made = out / "timestamp.json", register.path / "metadata" / "timestamp.json"
    if not place.exists():
        return
    with as_ours():
        there = Metadata[Timestamp].from_bytes(place.read_bytes()).signed.version
    last = register.metadata("timestamp").signed.version if made.exists() else 0
    if there > last:
        detail = f"{out} holds version {there}, and the last that this register made is {last}"
        raise RegisterRefusesError(path=register.path, detail=detail)


def _snapshot(register: Register, targets: Metadata[Targets], now: datetime) -> Metadata[Snapshot]:
    """The next snapshot. A State that left keeps its line: without it, readers would see a rollback."""
    snapshot = _next(register, "snapshot") or Metadata(Snapshot(expires=whole(now)))
    snapshot.signed.expires = whole(now + LIFE["snapshot"])
    states = [path.stem for path in (register.path / "metadata").glob("[A-Z][A-Z].json")]
    for role in ["targets", *states]:
        data = (register.path / "metadata" / f"{role}.json").read_bytes()
        version = targets.signed.version if role == "targets" else register.metadata(role).signed.version
        snapshot.signed.meta[f"{role}.json"] = MetaFile.from_data(version, data, ["sha256"])
    return snapshot


def _next(register: Register, role: str) -> Metadata[Any] | None:
    if not (register.path / "metadata" / f"{role}.json").exists():
        return None
    metadata = register.metadata(role)
    metadata.signed.version += 1
    return metadata


def _write_out(register: Register, out: Path, snapshot: Metadata[Snapshot]) -> None:
    """The time-stamp last: until it is there, readers still follow the files before."""
    metadata = register.path / "metadata"
    copies = {path.name: path for path in metadata.glob("*.root.json")}
    for name, meta in snapshot.signed.meta.items():
        copies[f"{meta.version}.{name}"] = metadata / name
    copies[f"{snapshot.signed.version}.snapshot.json"] = metadata / "snapshot.json"
    for path in (register.path / "targets").glob("*/*.json"):
        copies[f"targets/{path.parent.name}/{path.name}"] = path
    copies["timestamp.json"] = metadata / "timestamp.json"
    for name, path in copies.items():
        place = out / name
        make_folder(place.parent)
        with replacing(place, 0o644) as file:
            file.write(path.read_bytes())


def _changed(register: Register, role: str, metadata: Metadata[Any], now: datetime) -> None:
    """One version after what was published, unsigned. Changes before the next publication share it."""
    metadata.signed.version = register.published(role) + 1
    metadata.signed.expires = whole(now + LIFE[role])
    metadata.signatures.clear()
    register.write(role, metadata)


def _root_keys(register: Register) -> set[str]:
    """Who signs the present root: its own keys and those of the root before."""
    root = register.metadata("root").signed
    before = register.path / "metadata" / f"{root.version - 1}.root.json"
    keys = set(root.roles["root"].keyids)
    if before.exists():
        with as_ours():
            keys |= set(Metadata[Root].from_bytes(before.read_bytes()).signed.roles["root"].keyids)
    return keys


def _follows(sent: Metadata[Targets], kept: Metadata[Targets]) -> bool:
    """A State's list is a later version, or the very same with more signatures."""
    later = sent.signed.version > kept.signed.version
    return later or (sent.signed.version == kept.signed.version and sent.signed_bytes == kept.signed_bytes)


def _demand_chain(register: Register, root: Metadata[Root]) -> None:
    """A root that follows another must have enough signatures of the one before too."""
    before = register.path / "metadata" / f"{root.signed.version - 1}.root.json"
    if before.exists():
        with as_ours():
            former = Metadata[Root].from_bytes(before.read_bytes()).signed
        _demand_signed(former, "root", root)


def _demand_signed(root: Root, role: str, metadata: Metadata[Any]) -> None:
    result = root.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
    if not result:
        raise SignaturesMissingError(role=role, signed=len(result.signed), threshold=result.threshold)


def _sign_with(root: Root, role: str, metadata: Metadata[Any], signers: dict[str, CryptoSigner]) -> None:
    metadata.signatures.clear()
    for keyid in root.roles[role].keyids:
        if keyid in signers:
            metadata.sign(signers[keyid], append=True)
    _demand_signed(root, role, metadata)


def delegated(targets: Targets, state: str) -> DelegatedRole | None:
    """A State's keys and threshold in the keeper's list, None where it has none."""
    roles = targets.delegations.roles if targets.delegations else None
    return (roles or {}).get(state)


def _undelegate(targets: Targets, state: str) -> None:
    role = delegated(targets, state)
    if role is None or targets.delegations is None:
        return
    for keyid in list(role.keyids):
        targets.revoke_key(keyid, state)
    roles = {name: each for name, each in (targets.delegations.roles or {}).items() if name != state}
    targets.delegations.roles = roles
