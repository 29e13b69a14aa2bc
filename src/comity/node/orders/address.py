"""Where a provider is reached: HTTPS, or plain HTTP on this machine's loopback and nowhere else."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from comity.node import config
from comity.node.directory.models import Authority
from comity.terms import ComityError, gettext_noop


class ProviderAddressUnsafeError(ComityError):
    """The provider's address would carry an order unprotected, or is none."""

    code = "provider_address_unsafe"
    message = gettext_noop("{provider} cannot be reached safely at “{address}”.")
    next_step = gettext_noop("Enter the provider's https address in the directory.")


class ProviderTokenMissingError(ComityError):
    """This node holds no access token for the provider."""

    code = "provider_token_missing"
    message = gettext_noop("This node has no access token for {provider}.")
    next_step = gettext_noop("Put the token into the file keys/providers/{provider}.token of the node.")


def check(provider: Authority) -> str:
    """The provider's base address without a trailing slash, when it is safe to use."""
    parts = urlsplit(provider.peer_url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
    if not safe or not parts.hostname or parts.username:
        raise ProviderAddressUnsafeError(provider=provider.id, address=provider.peer_url)
    return provider.peer_url.rstrip("/")


def token(provider: Authority) -> str:
    """The bearer token this authority shows to the provider."""
    path = config.current().keys / "providers" / f"{provider.id}.token"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError as error:
        raise ProviderTokenMissingError(provider=provider.id) from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
