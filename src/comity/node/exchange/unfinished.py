"""What came of a large letter until the line broke: kept, so that its peer goes on from there.

Receives an envelope and blocks of its container; gives back the whole container, checked against the
envelope, under the name it is to have; never counts as arrived what is not whole and synced. What a power cut
makes of such a file does not matter: its hash is taken while this process writes all of it, else of the whole
file in the end.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any, BinaryIO

from comity.delivery.envelope import Envelope
from comity.node import config, durable, store
from comity.node.directory.models import Authority
from comity.node.jobs import outbox
from comity.terms import ComityError, gettext_noop

RESUMABLE_FROM = 1024 * 1024
"""Bytes from which on a container is worth keeping in part; a smaller one is sent again whole."""
KEPT_FOR = timedelta(days=7)
"""How long a part is kept after the last byte came."""
FORGET = "exchange.forget_unfinished"
_BLOCK = 1024 * 1024
_HASHES = 16
_hashes: OrderedDict[Path, tuple[int, hashlib._Hash]] = OrderedDict()
"""Of the parts that this process wrote from their first byte on: how many bytes, and their hash so far."""
_hashing = threading.Lock()


class ArrivingAlreadyError(ComityError):
    """The same container is being taken in on another connection."""

    code = "arriving_already"
    temporary = True
    message = gettext_noop("This container is being taken in on another connection.")
    next_step = gettext_noop("Wait until that one ends, and ask again.")


class OffsetDiffersError(ComityError):
    """A peer goes on at another byte than the first that is missing here."""

    code = "offset_differs"
    temporary = True
    message = gettext_noop("The first byte that is missing here is {offset}.")
    next_step = gettext_noop("Go on from there.")


def held(envelope: Envelope, peer: Authority) -> int:
    """How many bytes of the container lie here already."""
    try:
        return min(_path(envelope, peer).stat().st_size, envelope.bytes)
    except FileNotFoundError:
        return 0


def size_of(peer: Authority) -> int:
    """Bytes of all unfinished containers of a peer."""
    folder = config.current().unfinished / peer.id
    return sum(part.stat().st_size for part in folder.iterdir()) if folder.is_dir() else 0


@contextmanager
def opened(envelope: Envelope, peer: Authority, offset: int, now: datetime) -> Iterator[BinaryIO]:
    """The part of a container, to be written on from ``offset``; from 0 it begins anew (WIRE-14, WIRE-15).

    Raises ArrivingAlreadyError while another connection writes it, OffsetDiffersError for another offset.
    """
    path = _path(envelope, peer)
    durable.make_directories(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as part, durable.disk_told():
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArrivingAlreadyError from None
        there = part.seek(0, os.SEEK_END)
        if offset not in (0, there):
            raise OffsetDiffersError(offset=there)
        part.truncate(offset)
        part.seek(offset)
        try:
            yield part
        finally:
            part.flush()
            os.utime(descriptor, (now.timestamp(), now.timestamp()))


def hash_until(envelope: Envelope, peer: Authority, offset: int) -> hashlib._Hash | None:
    """The hash of the bytes before ``offset``, to be gone on with; None if they came to another process.

    Taken and given back (``keep_hash``) while the part is open; after a failure in between all is read again.
    """
    with _hashing:
        before, hashing = _hashes.pop(_path(envelope, peer), (0, None))
    if offset == 0:
        return hashlib.sha256()
    return hashing if before == offset else None


def keep_hash(envelope: Envelope, peer: Authority, offset: int, hashing: hashlib._Hash | None) -> None:
    """Keep the hash of the bytes before ``offset`` for the next request."""
    if hashing is not None:
        with _hashing:
            _hashes[_path(envelope, peer)] = offset, hashing
            while len(_hashes) > _HASHES:
                _hashes.popitem(last=False)


def finish(
    part: BinaryIO, envelope: Envelope, peer: Authority, target: Path, hashing: hashlib._Hash | None
) -> bool:
    """Give a whole part its name; whether it is what the envelope names. If not, nothing of it stays."""
    part.flush()
    path = _path(envelope, peer)
    if (hashing.hexdigest() if hashing is not None else _digest(part)) != envelope.sha256:
        path.unlink()
        return False
    durable.sync(part.fileno())
    if not target.exists():  # whole already: an earlier attempt died before its row was written
        os.link(path, target)
    durable.sync_directory(target.parent)
    path.unlink()
    return True


def ask_due(now: datetime) -> None:
    """Queue the look at the parts that nobody goes on with, once a day."""
    outbox.ask(FORGET, f"{FORGET}:{now:%Y-%m-%d}", {}, now=now, priority=200)


def forget(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exchange.forget_unfinished``: remove what did not grow for ``KEPT_FOR``, in the store too."""
    oldest = (now - KEPT_FOR).timestamp()
    for part in config.current().unfinished.glob("*/*"):
        if part.stat().st_mtime < oldest:
            part.unlink(missing_ok=True)
    store.forget_unfinished(oldest)


def _digest(part: IO[bytes]) -> str:
    part.seek(0)
    hashing = hashlib.sha256()
    while block := part.read(_BLOCK):
        hashing.update(block)
    return hashing.hexdigest()


def _path(envelope: Envelope, peer: Authority) -> Path:
    return config.current().unfinished / peer.id / f"{envelope.letter}-{envelope.sha256}"
