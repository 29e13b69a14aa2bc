"""The files of an archive of evidence, and the rows of its tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from pydantic import Field, ValidationError

from comity import canonical
from comity.proofs import exports
from comity.sealing.archive.refusals import (
    EvidenceDisorderedError,
    EvidenceMissingError,
    EvidenceUnreadableError,
)
from comity.shapes import AuthorityId, Sha256Hex, Shape, Size, Uuid

CUSTODY, SEGMENTS, RECEIPTS = "custody.jsonl", "segments.jsonl", "receipts.jsonl"
TABLES = (exports.KEY, exports.CHECKPOINTS, exports.ENTRIES, CUSTODY, SEGMENTS, RECEIPTS)
SEGMENT_FOLDER, CONTAINER_FOLDER, REMAINS_FOLDER = "segments/", "containers/", "remains/"
FOLDERS = (SEGMENT_FOLDER, CONTAINER_FOLDER, REMAINS_FOLDER)
LINE = 32 << 20
"""Bytes of one row."""


class Source(Protocol):
    """The files of an archive by name."""

    def names(self) -> list[str]:
        """Every file."""

    def open(self, name: str) -> IO[bytes]:
        """One file; the caller closes it."""


class Folder:
    """An archive on a disk; a link is no file of it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        """Every file under the folder."""
        there = (path for path in self._path.rglob("*") if path.is_symlink() or not path.is_dir())
        return sorted(path.relative_to(self._path).as_posix() for path in there)

    def open(self, name: str) -> IO[bytes]:
        """One ordinary file."""
        path = self._path / name
        if path.is_symlink() or not path.is_file():
            raise EvidenceMissingError(what=name)
        return path.open("rb")


class CustodyRow(Shape):
    """A custody record; ``entry`` is its number in this node's ledger, null for another State's record."""

    exhibit: Uuid
    n: Size
    entry: Size | None
    record: dict[str, Any]


class SegmentRow(Shape):
    """A stored part of an exhibit: its plain size and the SHA-256 of its ciphertext, which names its file."""

    exhibit: Uuid
    position: Size
    bytes: Size
    sha256: Sha256Hex


class ReceiptRow(Shape):
    """A receipt as it was signed, by this node or (``by``) by the other side."""

    letter: Uuid
    receipt: str = Field(max_length=40)
    by: AuthorityId
    note: str


_Row = TypeVar("_Row", bound=Shape)


def rows(source: Source, name: str, shape: type[_Row]) -> Iterator[_Row]:
    """The rows of a table, each one line of canonical JSON, so that no byte of it is free."""
    with source.open(name) as lines:
        for number, line in enumerate(lines):
            try:
                value = canonical.read_canonical(line.removesuffix(b"\n"), max_bytes=LINE)
                row = shape.model_validate(value)
            except (ValidationError, canonical.JsonUnreadableError):
                raise EvidenceUnreadableError(name=name, row=number) from None
            if not line.endswith(b"\n"):
                raise EvidenceUnreadableError(name=name, row=number)
            yield row


def demand_order(name: str, keys: list[tuple[Any, ...]]) -> None:
    """Raise EvidenceDisorderedError unless each row of a table comes once, in the order of its key."""
    for number, key in enumerate(keys[1:], start=1):
        if key <= keys[number - 1]:
            raise EvidenceDisorderedError(name=name, row=number)
