"""The node's objects: letters and exhibits, write-once, as files under ``DIR/store`` or in an S3 bucket.

Receives a key (``letters/<id>/<sha256>.age``) and a stream; returns a stream; never overwrites, and never
returns from ``put`` before the object and its name are on disk.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from comity.node import buckets, config, durable
from comity.terms import ComityError, gettext_noop

_KEY = re.compile(r"[a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*)*")
_BLOCK = 1024 * 1024


class ObjectMissingError(ComityError):
    """The store has no object under this key."""

    code = "object_missing"
    message = gettext_noop("The store does not hold “{key}”.")
    next_step = gettext_noop("Run comity node check; restore the object from a backup.")


def put(key: str, source: BinaryIO) -> int:
    """Store a stream under a new key; return its bytes once they are on disk.

    Storing the same key again raises FileExistsAlreadyError; a full disk raises DiskFullError and
    leaves nothing behind.
    """
    target = _path(key)
    if bucket := buckets.of(config.current()):
        return bucket.put(key, source)
    durable.make_directories(target.parent)
    with durable.new_file(target, mode=0o400) as out:
        shutil.copyfileobj(source, out, _BLOCK)
    return target.stat().st_size


def adopt(key: str, finished: Path) -> int:
    """Like ``put``, of a file of this file system that nobody else uses: no byte is copied to a folder."""
    target = _path(key)
    if bucket := buckets.of(config.current()):
        with finished.open("rb") as source:
            size = bucket.put(key, source)
        finished.unlink()
        return size
    durable.make_directories(target.parent)
    with finished.open("rb") as written:
        durable.sync(written.fileno())
    try:
        os.link(finished, target)
    except FileExistsError:
        raise durable.FileExistsAlreadyError(name=key) from None
    target.chmod(0o400)
    durable.sync_directory(target.parent)
    finished.unlink()
    return target.stat().st_size


def open(key: str) -> BinaryIO:
    """The object's bytes; the caller closes the stream."""
    path = _path(key)
    try:
        bucket = buckets.of(config.current())
        return bucket.open(key) if bucket else path.open("rb")
    except (FileNotFoundError, buckets.BucketKeyMissingError):
        raise ObjectMissingError(key=key) from None


def exists(key: str) -> bool:
    """Whether there is an object under this key."""
    path = _path(key)
    bucket = buckets.of(config.current())
    return bucket.exists(key) if bucket else path.is_file()


def keys(prefix: str) -> Iterator[str]:
    """The keys under a folder of the store, in order."""
    folder = _path(prefix)
    bucket = buckets.of(config.current())
    return bucket.keys(prefix) if bucket else _keys(folder)


def every_key() -> Iterator[str]:
    """All keys, in order."""
    bucket = buckets.of(config.current())
    return bucket.keys("") if bucket else _keys(config.current().store)


def delete(key: str) -> None:
    """Remove an object; a missing one is no error, so that a repeated job ends well."""
    target = _path(key)
    if bucket := buckets.of(config.current()):
        bucket.delete(key)
        return
    target.unlink(missing_ok=True)
    if target.parent.is_dir():
        durable.sync_directory(target.parent)


def forget_unfinished(before: float) -> None:
    """Remove what killed processes had begun to write, and nobody since ``before`` (seconds of the epoch)."""
    for part in config.current().store.rglob(".*.partial"):
        with suppress(FileNotFoundError):  # somebody finished it
            if part.stat().st_mtime < before:
                part.unlink()


def _keys(folder: Path) -> Iterator[str]:
    root = config.current().store
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and not path.name.startswith("."):
            yield path.relative_to(root).as_posix()


def _path(key: str) -> Path:
    return config.current().store / sound(key)


def sound(key: str) -> str:
    """The key; ObjectMissingError for what is none, such as one that would lead out of the store."""
    if not _KEY.fullmatch(key):
        raise ObjectMissingError(key=key)
    return key
