"""Temporary files of the exchange, in the quarantine's file system and for this node's eyes only."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from uuid import uuid4

from comity.node import config, durable

PREFIX = "work-"
_BLOCK = 1024 * 1024


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder (mode 0700) that is gone, with all in it, when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=config.current().arriving))
    try:
        with durable.disk_told():
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def spare() -> Iterator[Path]:
    """A name for one file, where that is all there is to write; gone when the block ends, unless moved."""
    path = config.current().arriving / f".{uuid4().hex}.partial"
    try:
        with durable.disk_told():
            yield path
    finally:
        path.unlink(missing_ok=True)


def sweep() -> None:
    """Remove what a process that was killed left behind; only while no other process works here."""
    arriving = config.current().arriving
    for left in arriving.glob(f"{PREFIX}*"):
        shutil.rmtree(left, ignore_errors=True)
    for left in arriving.glob(".*.partial"):
        left.unlink(missing_ok=True)


def digest(stream: IO[bytes]) -> tuple[str, int]:
    """SHA-256 (hex) and bytes of a stream, read to its end."""
    hashing, size = hashlib.sha256(), 0
    while block := stream.read(_BLOCK):
        hashing.update(block)
        size += len(block)
    return hashing.hexdigest(), size
