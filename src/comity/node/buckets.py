"""A bucket of an S3 store as the node's place of objects, through obstore.

Receives keys and streams; returns streams; a write is acknowledged when the store has answered that it keeps
the object. Never overwrites, and never holds more than one segment in memory.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, cast

import obstore
from obstore import exceptions
from obstore.store import S3Store

from comity.node.config import NodeConfig, ObjectStore
from comity.node.durable import FileExistsAlreadyError
from comity.terms import ComityError, gettext_noop

AT_ONCE = 65 * 1024 * 1024
"""An encrypted segment: what is put in one conditional request. Larger objects go in parts."""
_READ = 4 * 1024 * 1024
_RETRIES: Any = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}


class StoreUnreachableError(ComityError):
    """The object store did not answer, or not as it should."""

    code = "store_unreachable"
    temporary = True
    message = gettext_noop("The object store cannot be used ({detail}).")
    next_step = gettext_noop("Nothing was lost; the node tries again. Check bucket, address and secret.")


class BucketKeyMissingError(ComityError):
    """The bucket has no object under this key."""

    code = "object_missing"


class Bucket:
    """The bucket that ``[objects]`` of node.toml names; its two secrets are the lines of ``secret_file``."""

    def __init__(self, node: NodeConfig) -> None:
        place = node.objects
        if place is None:
            raise StoreUnreachableError(detail="node.toml names no bucket")
        try:
            key_id, secret = (node.folder / place.secret_file).read_text("ascii").split()
        except (OSError, ValueError):
            raise StoreUnreachableError(detail=f"{place.secret_file} does not hold two words") from None
        self._store = S3Store(
            place.bucket,
            prefix=place.prefix or None,
            endpoint=place.endpoint,
            region=place.region,
            access_key_id=key_id,
            secret_access_key=secret,
            client_options={"allow_http": place.endpoint.startswith("http://"), "timeout": "120s"},
            retry_config=_RETRIES,
        )

    def put(self, key: str, source: BinaryIO) -> int:
        """Store a stream under a new key; return its bytes. Raise FileExistsAlreadyError for a taken key."""
        first = source.read(AT_ONCE)
        rest = source.read(1) if len(first) == AT_ONCE else b""
        with _refusals(key):
            if not rest:
                obstore.put(self._store, key, first, mode="create")
                return len(first)
            if self.exists(key):
                raise FileExistsAlreadyError(name=key)
            # Not every S3 takes a condition on parts; names are hashes, so that a race changes nothing.
            pieces = _Counted(first, rest, source)
            obstore.put(self._store, key, pieces, chunk_size=8 * 1024 * 1024, max_concurrency=2)
            return pieces.bytes

    def open(self, key: str) -> BinaryIO:
        """The object's bytes, read where they are asked for; the caller closes the stream."""
        with _refusals(key):
            size = obstore.head(self._store, key)["size"]
        return cast(BinaryIO, io.BufferedReader(_Object(self._store, key, size), _READ))

    def exists(self, key: str) -> bool:
        """Whether there is an object under this key."""
        try:
            with _refusals(key):
                obstore.head(self._store, key)
        except BucketKeyMissingError:
            return False
        return True

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys under a folder, in order."""
        with _refusals(prefix):
            listed = obstore.list(self._store, prefix=prefix or None)
            yield from sorted(each["path"] for page in listed for each in page)

    def delete(self, key: str) -> None:
        """Remove an object; a missing one is no error."""
        try:
            with _refusals(key):
                obstore.delete(self._store, key)
        except BucketKeyMissingError:
            return


_known: dict[tuple[Path, ObjectStore, int], Bucket] = {}


class _Counted:
    """An object larger than one segment, piece by piece."""

    def __init__(self, first: bytes, rest: bytes, source: BinaryIO) -> None:
        self._begins, self._source, self.bytes = (first, rest), source, 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in chain(self._begins, iter(lambda: self._source.read(_READ), b"")):
            self.bytes += len(piece)
            yield piece


class _Object(io.RawIOBase):
    """An object as something to read from and to seek in."""

    def __init__(self, store: Any, key: str, size: int) -> None:
        super().__init__()
        self._store, self._key, self._size, self._at = store, key, size, 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        self._at = max(0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence])
        return self._at

    def tell(self) -> int:
        """The place."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as the object goes, by one request."""
        length = min(len(buffer), self._size - self._at)
        if length <= 0:
            return 0
        with _refusals(self._key):
            data = obstore.get_range(self._store, self._key, start=self._at, length=length)
        buffer[: len(data)] = memoryview(data)
        self._at += len(data)
        return len(data)


def of(node: NodeConfig) -> Bucket | None:
    """The node's bucket, if it has one; its connections are those of one process."""
    if node.objects is None:
        return None
    name = (node.folder, node.objects, os.getpid())
    if name not in _known:
        _known[name] = Bucket(node)
    return _known[name]


@contextmanager
def _refusals(key: str) -> Iterator[None]:
    """The store's errors as this room's; what they say may hold addresses, so only their kind is told."""
    try:
        yield
    except (exceptions.NotFoundError, FileNotFoundError):
        raise BucketKeyMissingError from None
    except exceptions.AlreadyExistsError:
        raise FileExistsAlreadyError(name=key) from None
    except (exceptions.BaseError, OSError) as error:
        raise StoreUnreachableError(detail=type(error).__name__) from None
