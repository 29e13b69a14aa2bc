"""Reach an endpoint and nothing else: the name is resolved once, the address judged, and that address called.

A name that leads into the node's own network is refused, so that an endpoint cannot be used to reach what
only the node can reach. ``webhook_networks`` in node.toml names private networks that are meant.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import httpx

from comity.node import config
from comity.terms import ComityError, gettext_noop

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

BUDGET = 10.0
"""Seconds that one attempt may last in all, however the endpoint spreads its answer over them."""
_TIMEOUT = httpx.Timeout(BUDGET, connect=5)
_UNICAST = ipaddress.ip_network(
    "2000::/3"
)  # RFC 4291: all IPv6 that is given out; site-local ones lie outside
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: carries an IPv4 address inside


class EndpointRefusedError(ComityError):
    """The address is none that notices may go to."""

    code = "endpoint_refused"
    message = gettext_noop("Notices cannot be sent to {url}: {reason}")
    next_step = gettext_noop("Use an https address outside the node’s own network, or allow it in node.toml.")


class EndpointUnreachableError(ComityError):
    """The endpoint did not answer, or not with success."""

    code = "endpoint_unreachable"
    message = gettext_noop("The endpoint did not take the notice ({detail}).")
    next_step = gettext_noop("The node tries again by itself; check the program that listens there.")


def judge(url: str) -> tuple[str, Address]:
    """Host and address to call for an endpoint.

    Raises EndpointRefusedError, and EndpointUnreachableError for a name that leads nowhere.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise EndpointRefusedError(url=url, reason="it is no address") from error
    if not host or parts.scheme not in ("https", "http") or not url.isascii() or not url.isprintable():
        raise EndpointRefusedError(url=url, reason="it is no https address")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise EndpointRefusedError(url=url, reason="it carries more than an address")
    addresses = _resolve(host, port or (443 if parts.scheme == "https" else 80))
    for address in addresses:  # one bad address among good ones is a bad name
        if not _is_allowed(address):
            raise EndpointRefusedError(url=url, reason="it leads into a private network")
        if parts.scheme == "http" and not address.is_loopback:
            raise EndpointRefusedError(url=url, reason="without TLS only this machine itself may be told")
    return host, addresses[0]


def post(url: str, body: str, headers: dict[str, str], *, method: str = "POST") -> None:
    """Send one notice, JSON unless the headers say otherwise.

    Redirects and proxies are not followed; the answer's text is not read.
    """
    host, address = judge(url)
    parts = urlsplit(url)
    literal = f"[{address}]" if address.version == 6 else str(address)
    target = parts._replace(netloc=literal + (f":{parts.port}" if parts.port else "")).geturl()
    sent = {"Content-Type": "application/json", **headers, "Host": parts.netloc, "User-Agent": "Comity"}
    try:
        with ThreadPoolExecutor(max_workers=1) as aside:  # whoever calls may have a loop of its own
            status = aside.submit(asyncio.run, _status(method, target, body, sent, host)).result()
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:  # TimeoutError is an OSError
        raise EndpointUnreachableError(detail=type(error).__name__) from error
    if not 200 <= status < 300:
        raise EndpointUnreachableError(detail=str(status))


async def _status(method: str, target: str, body: str, headers: dict[str, str], host: str) -> int:
    """The status that the endpoint answers with; TimeoutError once the budget is spent."""
    async with (
        asyncio.timeout(BUDGET),
        httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as client,
        client.stream(
            method, target, content=body.encode(), headers=headers, extensions={"sni_hostname": host}
        ) as answer,
    ):
        return answer.status_code


def _resolve(host: str, port: int) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [ipaddress.ip_address(str(row[4][0]).partition("%")[0]) for row in found]
    except (OSError, UnicodeError, ValueError) as error:
        raise EndpointUnreachableError(detail="name not found") from error


def _is_allowed(address: Address) -> bool:
    allowed = [ipaddress.ip_network(network) for network in config.current().webhook_networks]
    if any(address in network for network in allowed):
        return True
    inner = _carried(address)
    if inner is None and address.version == 6 and address not in _UNICAST:
        return False
    return address.is_global and not address.is_multicast and (inner is None or _is_allowed(inner))


def _carried(address: Address) -> Address | None:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
