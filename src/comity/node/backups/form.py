"""What a backup holds: its first entry says it, with the size and hash of every other.

A backup is one file in the age format, encrypted to the recovery key; inside lies a tar with ``backup.json``
first and ``node.toml`` last. Beside it lies the folder ``objects`` with the stored objects under their own
names (encrypted already, write-once) and the list ``destroyed``.
"""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field

from comity.node.config import NamedFile, NodeConfig
from comity.shapes import AuthorityId, Instant, Shape
from comity.terms import ComityError, gettext_noop

DESCRIPTION, DATABASE, LIST_OF_OBJECTS, SETTINGS = "backup.json", "database", "objects.txt", "node.toml"
OBJECTS = "objects"
"""The folder with the stored objects, beside the backups."""
MOST_BYTES_OF_DESCRIPTION = 16 * 1024 * 1024
NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*"

_SEGMENT = r"\.?[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*"
FILE_NAME = rf"{_SEGMENT}(?:/{_SEGMENT})*"
"""A path inside the node's folder, as the administrator named it: it climbs nowhere."""


class BackupUnreadableError(ComityError):
    """A file is no backup, or not a whole one."""

    code = "backup_unreadable"
    message = gettext_noop("The backup cannot be used: {detail}.")
    next_step = gettext_noop("Take another backup; nothing was restored from this one.")


class Kept(Shape):
    """One file inside a backup."""

    name: str = Field(pattern=f"^{FILE_NAME}$", max_length=300)
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Description(Shape):
    """``backup.json``: of which node, from when, what is inside. ``entries`` are those of the ledger."""

    format: Literal["comity-backup/1"] = Field(alias="schema")
    node: AuthorityId
    version: str = Field(max_length=40)
    made_at: Instant
    database: Literal["sqlite", "postgresql"]
    entries: int = Field(ge=0)
    files: list[Kept] = Field(max_length=100_000)


def held_as(named: NamedFile) -> str | None:
    """The name under which a backup holds a file that node.toml names; None for one outside the folder, or
    not under a plain name.
    """
    return named.inside if named.inside and re.fullmatch(FILE_NAME, named.inside) else None


def left_out(node: NodeConfig) -> list[NamedFile]:
    """Files that node.toml names and no backup holds."""
    return [each for each in node.named_files if held_as(each) is None]
