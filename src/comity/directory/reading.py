"""Read a published directory as The Update Framework has it (TUF 1.0, section 5): what the node believes.

The checks are those of python-tuf's ``TrustedMetadataSet``: signatures to the threshold, rotation of the
root, rollback, freeze (expiry) and mix-and-match. The order of reading is here, because its public client
keeps files and a clock of its own, and a node enters what it verified in one transaction at a time it names.
Clauses: docs/spec/directory.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from tuf.api import exceptions as tuf
from tuf.api.metadata import TargetFile, Targets
from tuf.api.serialization import DeserializationError
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from comity.directory.entries import MAX_BYTES, Entry, EntryUnreadableError, path_of, read_entry
from comity.directory.sources import Source, SourceUnreadableError
from comity.terms import ComityError, gettext_noop

MOST_ROOTS = 256
"""Root files that one update follows; more are followed by the next (DIRECTORY-14)."""
MOST_ENTRIES = 500
"""Authorities of one State."""
METADATA_BYTES = 2 * 1024**2
_STATE = re.compile(r"[A-Z]{2}")


class DirectoryUnreadableError(ComityError):
    """Metadata of the directory is malformed or missing."""

    code = "directory_unreadable"
    message = gettext_noop("The directory cannot be used: {detail}.")
    next_step = gettext_noop("Nothing was entered; tell the keeper.")


class DirectoryExpiredError(ComityError):
    """What is published has expired: the keeper is silent, or somebody holds newer entries back."""

    code = "directory_expired"
    message = gettext_noop("The published directory has expired: {detail}.")
    next_step = gettext_noop(
        "Entries verified before stay usable, no new key is accepted; ask the keeper for a newer directory."
    )


class DirectoryRolledBackError(ComityError):
    """What is published is older than what was verified before, or its parts are of different times."""

    code = "directory_rolled_back"
    message = gettext_noop("The published directory is not the one that follows: {detail}.")
    next_step = gettext_noop("Nothing was entered; call the keeper: somebody may offer an old directory.")


class DirectoryUnsignedError(ComityError):
    """Too few of the keys signed that should have."""

    code = "directory_unsigned"
    message = gettext_noop("The published directory lacks signatures: {detail}.")
    next_step = gettext_noop("Nothing was entered; call the keeper.")


class RootDiffersError(ComityError):
    """The fingerprint that was compared by voice is not that of the keeper's root."""

    code = "root_fingerprint_differs"
    message = gettext_noop("The fingerprint of the keeper's root is not the one that was compared.")
    next_step = gettext_noop("Do not use this root. Call the keeper on a known number and compare again.")


@dataclass(frozen=True, slots=True)
class Kept:
    """The metadata that was verified last: what protects against older ones. ``root`` is always there."""

    root: bytes
    timestamp: bytes = b""
    snapshot: bytes = b""


@dataclass(frozen=True, slots=True)
class Published:
    """One entry with the bytes that were hashed, and the version of its State's list."""

    entry: Entry
    data: bytes
    version: int


@dataclass(frozen=True, slots=True)
class StateList:
    """A State's entries as verified now, or why they could not be; then the ones before stay.

    ``own_keys``: the State signed them with keys of its own, and not the keeper for it.
    """

    entries: tuple[Published, ...] = ()
    problem: ComityError | None = None
    expires: datetime | None = None
    own_keys: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reading ended. ``kept`` is to be stored in any case: a root once followed is never unlearned.

    Clause DIRECTORY-12.
    """

    kept: Kept
    problem: ComityError | None = None
    states: dict[str, StateList] = field(default_factory=dict)
    expires: datetime | None = None
    version: int = 0


def read_root(data: bytes, fingerprint: str) -> Kept:
    """Begin with a keeper's root, if the fingerprint compared by voice (groups or not, any case) is its.

    Raises RootDiffersError or DirectoryUnreadableError.
    Clause DIRECTORY-10.
    """
    if "".join(fingerprint.split()).lower() != sha256(data).hexdigest():
        raise RootDiffersError
    with as_ours():
        TrustedMetadataSet(data, EnvelopeType.METADATA)
    return Kept(data)


def refresh(kept: Kept, source: Source, now: datetime) -> Outcome:
    """Read what is published and verify it against what was kept; raises nothing that a keeper can cause."""
    reading = _Reading(kept, source, now)
    try:
        with as_ours():
            reading.follow()
            return reading.outcome()
    except ComityError as problem:
        return Outcome(reading.kept, problem)


class _Reading:
    """One pass over the published files, in the order of TUF's client workflow (5.3 to 5.6).

    Clause DIRECTORY-11.
    """

    def __init__(self, kept: Kept, source: Source, now: datetime) -> None:
        self.kept = kept
        self._source = source
        self._now = now
        self._trusted: TrustedMetadataSet

    def follow(self) -> None:
        """Root after root, then time-stamp, snapshot and the keeper's list."""
        self._trusted = TrustedMetadataSet(self.kept.root, EnvelopeType.METADATA)
        self._trusted.reference_time = self._now
        self._roots()
        with suppress(tuf.RepositoryError):  # signed by keys that the root no longer names, or expired
            if self.kept.timestamp:
                self._trusted.update_timestamp(self.kept.timestamp)
        timestamp = self._demanded("timestamp.json")
        try:
            self._trusted.update_timestamp(timestamp)
            self.kept = replace(self.kept, timestamp=timestamp)
        except tuf.EqualVersionNumberError:
            pass
        with suppress(tuf.RepositoryError):
            if self.kept.snapshot:
                self._trusted.update_snapshot(self.kept.snapshot, trusted=True)
        version = self._trusted.timestamp.snapshot_meta.version
        snapshot = self._demanded(f"{version}.snapshot.json")
        self._trusted.update_snapshot(snapshot)
        self.kept = replace(self.kept, snapshot=snapshot)
        self._trusted.update_targets(self._demanded(self._versioned("targets")))

    def outcome(self) -> Outcome:
        """Every State's entries: those it signed itself, then those that the keeper signed for others.

        Clauses: DIRECTORY-7, DIRECTORY-13.
        """
        trusted = self._trusted
        roles = trusted.targets.delegations.roles if trusted.targets.delegations else {}
        named = [name for name in roles or {} if _STATE.fullmatch(name)]
        states = {name: self._of_state(name) for name in named if f"{name}.json" in trusted.snapshot.meta}
        for path in trusted.targets.targets:
            state = path.partition("/")[0]
            if state not in states and _STATE.fullmatch(state):
                states[state] = self._listed(state, trusted.targets)
        expires = min(
            trusted.root.expires, trusted.timestamp.expires, trusted.snapshot.expires, trusted.targets.expires
        )
        return Outcome(self.kept, None, states, expires, trusted.timestamp.version)

    def _roots(self) -> None:
        for _ in range(MOST_ROOTS):
            data = self._source.read(f"{self._trusted.root.version + 1}.root.json", METADATA_BYTES)
            if data is None:
                return
            self._trusted.update_root(data)
            self.kept = replace(self.kept, root=data)

    def _of_state(self, state: str) -> StateList:
        try:
            with as_ours():
                data = self._demanded(self._versioned(state))
                listed = self._trusted.update_delegated_targets(data, state, Targets.type)
                return self._listed(state, listed, own_keys=True)
        except ComityError as problem:
            return StateList(problem=problem, own_keys=True)

    def _listed(self, state: str, listed: Targets, *, own_keys: bool = False) -> StateList:
        """The entries of a list that are of this State; one bad entry refuses the State's whole list."""
        wanted = {path: file for path, file in listed.targets.items() if path.startswith(f"{state}/")}
        try:
            if own_keys and len(wanted) != len(listed.targets):
                raise DirectoryUnreadableError(detail=f"{state} signed an entry of another State")
            if len(wanted) > MOST_ENTRIES:
                raise DirectoryUnreadableError(detail=f"{state} has more than {MOST_ENTRIES} authorities")
            entries = tuple(self._entry(state, path, file, listed.version) for path, file in wanted.items())
        except ComityError as problem:
            return StateList(problem=problem, own_keys=own_keys)
        return StateList(entries, None, listed.expires, own_keys)

    def _entry(self, state: str, path: str, file: TargetFile, version: int) -> Published:
        digest = file.hashes.get("sha256", "")
        folder, _, name = path.rpartition("/")
        data = self._demanded(f"targets/{folder}/{digest}.{name}", MAX_BYTES)
        with as_ours():
            file.verify_length_and_hashes(data)
        entry = read_entry(data)
        if entry.state != state or path != path_of(entry.state, entry.id):
            raise EntryUnreadableError(detail=f"{path} is about {entry.state}/{entry.id}")
        return Published(entry, data, version)

    def _versioned(self, role: str) -> str:
        found = self._trusted.snapshot.meta.get(f"{role}.json")
        if found is None:
            raise DirectoryUnreadableError(detail=f"the snapshot does not name {role}")
        return f"{found.version}.{role}.json"

    def _demanded(self, name: str, limit: int = METADATA_BYTES) -> bytes:
        data = self._source.read(name, limit)
        if data is None:
            raise SourceUnreadableError(detail=f"{name} is missing")
        return data


@contextmanager
def as_ours() -> Iterator[None]:
    """What python-tuf refuses, in this product's codes. The order matters: the first are special cases."""
    try:
        yield
    except tuf.ExpiredMetadataError as error:
        raise DirectoryExpiredError(detail=str(error)) from error
    except tuf.BadVersionNumberError as error:
        raise DirectoryRolledBackError(detail=str(error)) from error
    except tuf.UnsignedMetadataError as error:
        raise DirectoryUnsignedError(detail=str(error)) from error
    except tuf.LengthOrHashMismatchError as error:
        raise DirectoryRolledBackError(detail=str(error)) from error
    except (tuf.RepositoryError, DeserializationError, ValueError, KeyError, TypeError) as error:
        raise DirectoryUnreadableError(detail=str(error)[:200]) from error
