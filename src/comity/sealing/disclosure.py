"""Single files of a sealed package, proved without the others (docs/sealing.md, clause 14).

Receives a manifest, or the documents of a disclosed package; returns what they state and prove; reads no
file.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal, Protocol

from pydantic import Field, TypeAdapter, ValidationError

from comity import canonical
from comity.proofs import merkle
from comity.proofs.merkle import InclusionUnprovenError
from comity.sealing import names
from comity.sealing.manifest import LIMIT, Manifest
from comity.sealing.names import DISCLOSED
from comity.sealing.refusals import DisclosureUnprovedError, ManifestUnreadableError, PackageRefusedError
from comity.shapes import AuthorityId, Base64, Instant, Sha256Hex, Shape, Size

ROOT, ROOT_SIGNATURE = "_comity/root.json", "_comity/root.xml"
"""The statement of a package's Merkle root, and the seal over this statement alone."""


class RootStatement(Shape):
    """What is sealed a second time, so that it can be shown alone: the root, and nothing of any file."""

    schema_: Literal["comity-root/1"] = Field(alias="schema")
    kind: str
    created_at: Instant
    by: AuthorityId
    files: Size
    root: Sha256Hex

    @property
    def instant(self) -> datetime:
        """``created_at`` as an aware time."""
        return canonical.read_instant(self.created_at)

    def as_bytes(self) -> bytes:
        """Canonical JSON (RFC 8785)."""
        return canonical.write(self.as_json())


class DisclosedFile(Shape):
    """A file that is shown, and the way from its leaf to the root."""

    name: str
    bytes: Size
    sha256: Sha256Hex
    salt: Base64
    index: Size
    path: list[Sha256Hex] = Field(max_length=64)

    def leaf(self) -> str:
        """The leaf hash (hex) that the manifest had for this file (clause 3.2)."""
        content = {"name": self.name, "bytes": self.bytes, "sha256": self.sha256, "salt": self.salt}
        return merkle.leaf_hash(canonical.write(content)).hex()


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A proved part of a package: the statement of its root, and the files that are shown, in their order."""

    statement: RootStatement
    files: tuple[DisclosedFile, ...]


_FILES = TypeAdapter(list[DisclosedFile])


def state(manifest: Manifest) -> RootStatement:
    """The statement that belongs to a manifest."""
    return RootStatement(
        schema="comity-root/1",
        kind=manifest.kind,
        created_at=manifest.created_at,
        by=manifest.by,
        files=manifest.sealed.files,
        root=manifest.sealed.root,
    )


class Sealed(Protocol):
    """What a manifest or an index says of one file."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def bytes(self) -> int:
        """Its size."""

    @property
    def sha256(self) -> str:
        """Its SHA-256 (hex)."""

    @property
    def salt(self) -> str:
        """The salt (base64) of its leaf."""

    @property
    def leaf(self) -> str:
        """The leaf hash (hex)."""


def prove(files: Sequence[Sealed], chosen: Collection[str]) -> list[DisclosedFile]:
    """The chosen files with their proofs, in the order given; names that are not there are absent."""
    subtree = merkle.subtrees([bytes.fromhex(file.leaf) for file in files])
    size = len(files)
    return [
        DisclosedFile(
            name=file.name,
            bytes=file.bytes,
            sha256=file.sha256,
            salt=file.salt,
            index=index,
            path=[step.hex() for step in merkle.prove_inclusion(index, size, subtree)],
        )
        for index, file in enumerate(files)
        if file.name in chosen
    ]


def write(files: Sequence[DisclosedFile]) -> bytes:
    """The document of the proofs."""
    return canonical.write([file.as_json() for file in files])


def parse(statement: bytes, proofs: bytes) -> Disclosure:
    """Read both documents; every file's leaf must lead to the root, in rising order of its place."""
    try:
        stated = RootStatement.model_validate(_json(statement))
        files = _FILES.validate_python(_json(proofs))
    except (ValidationError, canonical.JsonUnreadableError):
        raise ManifestUnreadableError from None
    if not files or any(one.index >= other.index for one, other in pairwise(files)):
        raise DisclosureUnprovedError(name=DISCLOSED)
    for file in files:
        _check(file, stated)
    names.check_together(file.name for file in files)
    return Disclosure(stated, tuple(files))


def _check(file: DisclosedFile, stated: RootStatement) -> None:
    try:
        names.check(file.name)
    except PackageRefusedError:
        raise ManifestUnreadableError from None
    if names.is_reserved(file.name):
        raise ManifestUnreadableError
    path = [bytes.fromhex(step) for step in file.path]
    try:
        leaf, root = bytes.fromhex(file.leaf()), bytes.fromhex(stated.root)
        merkle.check_inclusion(leaf, file.index, stated.files, path, root)
    except InclusionUnprovenError:
        raise DisclosureUnprovedError(name=file.name) from None


def _json(data: bytes) -> Any:
    return canonical.read_canonical(data, max_bytes=LIMIT)
