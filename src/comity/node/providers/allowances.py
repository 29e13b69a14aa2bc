"""How often a provider's programs may ask, so that none of them fills the ledger or keeps the others waiting.

All tokens of a provider share its allowance. It lives in the one process that answers providers.
"""

from __future__ import annotations

import threading
from datetime import datetime

from comity.node import config
from comity.node.allowance import HOUR, Allowance
from comity.terms import ComityError, gettext_noop


class ProviderRequestsQuotaError(ComityError):
    """A provider's programs asked more often than they may in an hour."""

    code = "provider_requests_quota"
    temporary = True
    message = gettext_noop("Programs of this provider have asked as often as they may for now.")
    next_step = gettext_noop("Nothing is lost: ask again in {retry_after} seconds.")


_allowances: dict[str, Allowance] = {}
_lock = threading.Lock()


def take(provider: str, now: datetime) -> None:
    """Count one request of a provider, by its id; raise ProviderRequestsQuotaError where it has none left."""
    seconds = now.timestamp()
    with _lock:
        most = config.current().provider_requests_an_hour
        own = _allowances.setdefault(provider, Allowance(most, HOUR, seconds))
        wait = own.wait(1, seconds)
        if wait:
            raise ProviderRequestsQuotaError(retry_after=wait)
        own.charge(1, seconds)


def forget() -> None:
    """Every allowance is full again, as when the process starts."""
    with _lock:
        _allowances.clear()
