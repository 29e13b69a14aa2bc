"""From which address a request comes: what limits by address count, and the only place that says so.

Behind a proxy every connection is the proxy's. ``trusted_proxies`` in node.toml names the proxies whose
``X-Forwarded-For`` is believed; of everybody else that header says nothing, for anybody can write it.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from django.http import HttpRequest

from comity.node import config

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address(request: HttpRequest) -> str:
    """The last address on the request's way here that is no trusted proxy's; empty where there is none.

    Each proxy adds to the right of ``X-Forwarded-For`` whom it was asked by. What stands left of the first
    that is not trusted was written by that one, and is not read. A proxy that does not say whom it was asked
    by, or says it in no address, stands for its clients itself.
    """
    found = _read(request.META.get("REMOTE_ADDR", ""))
    said = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while found is not None and said and _is_trusted(found):
        before = _read(said.pop())
        if before is None:
            break
        found = before
    return "" if found is None else str(found)


def household(text: str) -> str:
    """What counts as one: an IPv4 address, or the /64 of an IPv6 address; empty for no address."""
    found = _read(text)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False).network_address)
    return "" if found is None else str(found)


def is_proxy(text: str) -> bool:
    """Whether an address is this machine's or a trusted proxy's, so that it names no client."""
    found = _read(text)
    return found is not None and (found.is_loopback or _is_trusted(found))


def _read(text: str) -> Address | None:
    """An address, with or without a port (``[2001:db8::1]:443``); IPv4 as such where IPv6 carries it."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        return found.ipv4_mapped or found
    return found


def _is_trusted(found: Address) -> bool:
    return any(found in network for network in _networks(tuple(config.current().trusted_proxies)))


@lru_cache(maxsize=4)
def _networks(named: tuple[str, ...]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    return [ipaddress.ip_network(each) for each in named]
