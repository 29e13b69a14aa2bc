"""The code by which an official proves that an address is theirs, derived and never kept."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings

from comity.node.alerts.models import Address

VALID = timedelta(minutes=15)
MOST_TRIES = 5
_DIGITS = 6


def renew(address: Address, now: datetime) -> None:
    """Let the address have a new code; the one before opens nothing any more."""
    address.nonce, address.code_at, address.tries = secrets.token_hex(16), now, 0


def of(address: Address) -> str:
    """The code that goes to the address, six digits."""
    said = f"comity-alert-code/1:{address.pk}:{address.way}:{address.address}:{address.nonce}"
    digest = hmac.new(settings.SECRET_KEY.encode(), said.encode(), sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 10**_DIGITS:0{_DIGITS}d}"


def is_right(address: Address, entered: str, now: datetime) -> bool:
    """Whether a code opens the address now; the caller counts the try."""
    right = hmac.compare_digest(of(address).encode(), entered.strip().encode())
    return is_open(address, now) and address.tries < MOST_TRIES and right


def is_open(address: Address, now: datetime) -> bool:
    """Whether a code was asked for and is still valid."""
    return bool(address.nonce) and address.code_at is not None and now - address.code_at <= VALID
