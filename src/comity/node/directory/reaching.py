"""A published directory at an https address. Nothing is believed because of where it came from."""

from __future__ import annotations

from time import monotonic
from types import TracebackType
from urllib.parse import urlsplit

import httpx

from comity.directory.sources import SourceTooLargeError, SourceUnreadableError, demand_name
from comity.terms import ComityError, gettext_noop

_TIMEOUT = httpx.Timeout(20.0, connect=5.0)
_PATIENCE = 300.0
"""Seconds in which all files of one reading come: a server that gives a byte now and then holds nobody up."""
_PLAIN = {"Accept-Encoding": "identity"}  # what is limited and hashed is what comes over the line


class KeeperAddressError(ComityError):
    """A keeper's address is none that can be asked."""

    code = "keeper_address"
    message = gettext_noop("“{url}” is no https address.")
    next_step = gettext_noop(
        "Enter the address that the keeper gave, or none where the directory comes by disk."
    )


def demand_https(url: str) -> None:
    """Raise KeeperAddressError for anything but a plain https address (http: this machine itself alone)."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError as error:
        raise KeeperAddressError(url=url[:200]) from error
    local = parts.scheme == "http" and host in ("127.0.0.1", "::1")
    plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if not host or not plain or not (parts.scheme == "https" or local) or not url.isascii():
        raise KeeperAddressError(url=url[:200])


class Address:
    """Reads a published folder over HTTP, file by file; redirects and proxies are not followed."""

    def __init__(self, url: str) -> None:
        demand_https(url)
        self._base = url.rstrip("/")
        self._until = monotonic() + _PATIENCE
        self._client = httpx.Client(timeout=_TIMEOUT, headers=_PLAIN, follow_redirects=False, trust_env=False)

    def __enter__(self) -> Address:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def read(self, name: str, limit: int) -> bytes | None:
        """The file's bytes; None where the server says that there is none."""
        demand_name(name)
        try:
            with self._client.stream("GET", f"{self._base}/{name}") as answer:
                if answer.status_code in (403, 404):
                    return None
                if answer.status_code != httpx.codes.OK:
                    raise SourceUnreadableError(detail=f"{name}: {answer.status_code}")
                return self._body(answer, name, limit)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise SourceUnreadableError(detail=type(error).__name__) from error

    def _body(self, answer: httpx.Response, name: str, limit: int) -> bytes:
        data = bytearray()
        for part in answer.iter_raw():
            data += part
            if monotonic() > self._until:
                raise SourceUnreadableError(detail=f"{name} comes too slowly")
            if len(data) > limit:
                raise SourceTooLargeError(name=name, limit=limit)
        return bytes(data)
