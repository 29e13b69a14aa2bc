"""Move what is stored between the folder ``store/`` and the bucket that node.toml names, while no node runs.

Each object is copied, read back and hashed before the former copy goes; what was moved stays moved, so that a
move that was interrupted is begun again and goes on. What is damaged already stays where it is and is told.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from comity.node import buckets, durable, store
from comity.node.config import NodeConfig
from comity.node.exchange.workspace import digest
from comity.terms import ComityError, gettext_noop

_NAMED_BY_HASH = re.compile(r"([0-9a-f]{64})(\.age)?")


class NoBucketError(ComityError):
    """node.toml names no bucket, so there is nothing to move to or from."""

    code = "no_bucket"
    message = gettext_noop("node.toml of {folder} names no bucket.")
    next_step = gettext_noop("Write the table [objects] into it, then move.")


class MoveUnprovedError(ComityError):
    """What was read back in the new place is not what stood in the former one; nothing was removed."""

    code = "move_unproved"
    message = gettext_noop("“{key}” in its new place is not what stands in the former one; both were kept.")
    next_step = gettext_noop("Run comity node check; remove the wrong copy, then move again.")


class Place(Protocol):
    """Where objects lie."""

    def put(self, key: str, source: BinaryIO) -> int:
        """Store a stream under a new key."""

    def open(self, key: str) -> BinaryIO:
        """The object's bytes."""

    def exists(self, key: str) -> bool:
        """Whether it is there."""

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys under a folder, in order."""

    def delete(self, key: str) -> None:
        """Remove it."""


@dataclass(slots=True)
class Moved:
    """How many objects and bytes now lie in the new place, and which stayed because they are damaged."""

    objects: int = 0
    bytes: int = 0
    damaged: list[str] = field(default_factory=list)


class _Folder:
    """The folder ``store/`` of a node, whether or not the node has a bucket."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, source: BinaryIO) -> int:
        target = self._at(key)
        durable.make_directories(target.parent)
        with durable.new_file(target, mode=0o400) as out:
            shutil.copyfileobj(source, out, 1 << 20)
        return target.stat().st_size

    def open(self, key: str) -> BinaryIO:
        return self._at(key).open("rb")

    def exists(self, key: str) -> bool:
        return self._at(key).is_file()

    def keys(self, prefix: str) -> Iterator[str]:
        for path in sorted((self._root / prefix).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path.relative_to(self._root).as_posix()

    def delete(self, key: str) -> None:
        self._at(key).unlink()
        durable.sync_directory(self._at(key).parent)

    def _at(self, key: str) -> Path:
        return self._root / store.sound(key)


def move(node: NodeConfig, *, back: bool = False) -> Moved:
    """Move every object from the folder into the bucket, or ``back``, while nothing else uses the node.

    Raises NoBucketError, MoveUnprovedError, and what the places raise (disk_full, store_unreachable): what
    was moved by then stays moved.
    """
    bucket = buckets.of(node)
    if bucket is None:
        raise NoBucketError(folder=node.folder)
    folder = _Folder(node.store)
    source, target = (bucket, folder) if back else (folder, bucket)
    moved = Moved()
    for key in list(source.keys("")):
        _one(source, target, key, moved)
    return moved


def _one(source: Place, target: Place, key: str, moved: Moved) -> None:
    found = _digest(source, key)
    named = _NAMED_BY_HASH.fullmatch(key.rpartition("/")[2])
    if named and found[0] != named[1]:
        moved.damaged.append(key)
        return
    if not target.exists(key):
        with closing(source.open(key)) as stored:
            target.put(key, stored)
    if _digest(target, key) != found:
        raise MoveUnprovedError(key=key)
    moved.objects, moved.bytes = moved.objects + 1, moved.bytes + found[1]
    source.delete(key)


def _digest(place: Place, key: str) -> tuple[str, int]:
    with closing(place.open(key)) as stored:
        return digest(stored)
