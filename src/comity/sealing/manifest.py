"""The signed manifest: each file with its salted Merkle leaf (docs/sealing.md, clause 3).

Receives what was measured of each file; returns the manifest or its canonical bytes; never reads a file.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import Field, ValidationError

from comity import canonical
from comity.proofs import merkle
from comity.sealing import names
from comity.sealing.refusals import ManifestMismatchError, ManifestUnreadableError, PackageRefusedError
from comity.shapes import AuthorityId, Base64, Instant, Sha256Hex, Shape, Size, encode_base64

FIRST: Final = "comity-manifest/1"
"""The form of every kind of package but ``remains``."""
SCHEMA: Final = "comity-manifest/2"
"""The latest form: that of ``remains``, which readers of the first one do not know."""
LIMIT = 8 << 20
"""Bytes of a manifest."""
SALT_BYTES = 32


class Kind(StrEnum):
    """What a package is."""

    FILES = "files"
    LETTER = "letter"
    COURT_BUNDLE = "court_bundle"
    RENEWAL = "renewal"
    REMAINS = "remains"
    """A renewal of what remains of an erased container (clause 18.3)."""

    @property
    def form(self) -> Literal["comity-manifest/1", "comity-manifest/2"]:
        """The form of its manifest."""
        return SCHEMA if self is Kind.REMAINS else FIRST


class ManifestFile(Shape):
    """One file: its size in bytes, digest, CRC-32 (hex), the salt of its leaf, and the leaf hash (hex)."""

    name: str
    media_type: str = Field(pattern=r"^[a-z0-9.+-]+/[A-Za-z0-9.+-]+$", max_length=127)
    bytes: Size
    sha256: Sha256Hex
    crc32: str = Field(pattern=r"^[0-9a-f]{8}$")
    salt: Base64
    leaf: Sha256Hex

    def derived_leaf(self) -> str:
        """RFC 9162 leaf hash (hex) of the canonical JSON of name, bytes, SHA-256 and salt (clause 3.2)."""
        content = {"name": self.name, "bytes": self.bytes, "sha256": self.sha256, "salt": self.salt}
        return merkle.leaf_hash(canonical.write(content)).hex()


class PackStatement(Shape):
    """Of a package whose files are packed into one entry: how many, and the Merkle root over their leaves."""

    files: Size
    root: Sha256Hex


class Manifest(Shape):
    """What the sealing authority (``by``) says it sealed, and the Merkle root over the files' leaves."""

    schema_: Literal["comity-manifest/1", "comity-manifest/2"] = Field(alias="schema")
    kind: Kind = Field(strict=False)
    created_at: Instant
    by: AuthorityId
    about: dict[str, Any]
    files: list[ManifestFile]
    root: Sha256Hex
    packed: PackStatement | None = None
    """Stands in the document only when the files are packed (clause 17)."""

    @property
    def instant(self) -> datetime:
        """``created_at`` as an aware time."""
        return canonical.read_instant(self.created_at)

    @property
    def sealed(self) -> PackStatement:
        """How many files were sealed and the root over them, packed or not."""
        return self.packed or PackStatement(files=len(self.files), root=self.root)

    def as_json(self) -> dict[str, Any]:
        """The document's values."""
        return {name: value for name, value in super().as_json().items() if name != "packed" or value}

    def as_bytes(self) -> bytes:
        """Canonical JSON (RFC 8785)."""
        return canonical.write(self.as_json())


def describe(name: str, media_type: str, size: int, sha256: str, crc32: int) -> ManifestFile:
    """A file's line, under a new random salt."""
    salt = encode_base64(secrets.token_bytes(SALT_BYTES))
    line = {"name": name, "media_type": media_type, "bytes": size, "sha256": sha256, "crc32": f"{crc32:08x}"}
    unleaved = ManifestFile.model_validate(line | {"salt": salt, "leaf": "0" * 64})
    return unleaved.model_copy(update={"leaf": unleaved.derived_leaf()})


def compose(
    files: list[ManifestFile],
    *,
    kind: Kind,
    about: dict[str, Any],
    by: str,
    created_at: datetime,
    packed: PackStatement | None = None,
) -> Manifest:
    """The manifest over files in the order of the container."""
    root = merkle.root_of([bytes.fromhex(file.leaf) for file in files]).hex()
    instant = canonical.instant_text(created_at)
    return Manifest(
        schema=kind.form,
        kind=kind,
        created_at=instant,
        by=by,
        about=about,
        files=files,
        root=root,
        packed=packed,
    )


def parse(data: bytes) -> Manifest:
    """Read a manifest whose bytes, leaves, root and names are exactly what its values determine."""
    try:
        manifest = Manifest.model_validate(canonical.read_canonical(data, max_bytes=LIMIT))
    except (ValidationError, canonical.JsonUnreadableError):
        raise ManifestUnreadableError from None
    if manifest.schema_ != manifest.kind.form:
        raise ManifestUnreadableError
    for file in manifest.files:
        _check_line(file, is_packed=manifest.packed is not None)
    names.check_together(file.name for file in manifest.files)
    if merkle.root_of([bytes.fromhex(file.leaf) for file in manifest.files]).hex() != manifest.root:
        raise ManifestMismatchError(name="root")
    return manifest


def version_of(data: bytes) -> Any:
    """What a manifest says of its own form, whichever it is; None where it says nothing readable."""
    try:
        value = canonical.read_canonical(data, max_bytes=LIMIT)
    except canonical.JsonUnreadableError:
        return None
    return value.get("schema") if isinstance(value, dict) else None


def _check_line(file: ManifestFile, *, is_packed: bool) -> None:
    try:
        names.check(file.name)
    except PackageRefusedError:
        raise ManifestUnreadableError from None
    if names.is_reserved(file.name) != is_packed or file.derived_leaf() != file.leaf:
        raise ManifestMismatchError(name=file.name)
