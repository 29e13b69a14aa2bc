"""How much strangers may ask of this listener, without keeping who they are.

Everything here is in the memory of one process and gone with it. An address is known for an hour at most, as
a hash under a key that is drawn anew each hour and written nowhere; whoever comes through a proxy that
does not say for whom it asks has no address here, and only what all may ask together binds them.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from dataclasses import dataclass
from hashlib import sha256

from comity.node import clients
from comity.node.allowance import HOUR, Allowance

MOST_REMEMBERED = 10_000
"""Hashes of addresses, and tokens that were used: beyond it the oldest are forgotten."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """How many acts of a kind an hour, of all together and of one address."""

    together: int
    each: int


ALLOWED = {
    "post": Allowed(6000, 240),
    "report": Allowed(120, 10),
    "code": Allowed(600, 30),
    "message": Allowed(300, 20),
}


class Allowances:
    """What is left of each, in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._together: dict[str, Allowance] = {}
        self._each: dict[bytes, Allowance] = {}
        self._hour, self._key = -1, b""

    def take(self, kind: str, address: str, now: float) -> bool:
        """Whether one more act of the kind is allowed; ``now`` in seconds, from any beginning."""
        allowed = ALLOWED[kind]
        with self._lock:
            self._turn(now)
            name = self._name(kind, address)
            if name and not self._of(name, allowed.each, now).take(now):
                return False
            together = self._together.setdefault(kind, Allowance(allowed.together, HOUR, now))
            return together.take(now)

    def _of(self, name: bytes, most: int, now: float) -> Allowance:
        if name not in self._each and len(self._each) >= MOST_REMEMBERED:
            del self._each[next(iter(self._each))]
        return self._each.setdefault(name, Allowance(most, HOUR, now))

    def _turn(self, now: float) -> None:
        """Each hour a new key, and nothing remembered of the hour before."""
        if int(now // HOUR) != self._hour:
            self._hour, self._key = int(now // HOUR), secrets.token_bytes(32)
            self._each.clear()

    def _name(self, kind: str, address: str) -> bytes:
        """The address's hash in this hour; empty for none, and for a proxy's."""
        place = clients.household(address)
        if not place or clients.is_proxy(address):
            return b""
        return hmac.new(self._key, f"{kind} {place}".encode(), sha256).digest()[:16]


class Tokens:
    """Signed hidden fields: of a form (once, not at once), of an open follow-up (until it is too old).

    The key is this process's own: what it gave out means nothing to the next.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._used: dict[str, None] = {}
        self._lock = threading.Lock()

    def issue(self, purpose: str, subject: str, now: float) -> str:
        """A token for ``subject`` (no colon in it)."""
        said = f"{subject}:{int(now)}:{secrets.token_hex(8)}"
        return f"{said}:{self._sign(purpose, said)}"

    def read(self, token: str, purpose: str, now: float, *, after: int = 0, within: int) -> str | None:
        """The subject of a token between ``after`` and ``within`` seconds old; None for every other text."""
        said, _, signature = token.rpartition(":")
        if not token.isascii() or not hmac.compare_digest(signature, self._sign(purpose, said)):
            return None
        subject, at, _ = said.split(":")
        return subject if after <= now - int(at) <= within else None

    def use(self, token: str) -> bool:
        """Whether the token was not used before; from now on it was."""
        with self._lock:
            if token in self._used:
                return False
            if len(self._used) >= MOST_REMEMBERED:
                del self._used[next(iter(self._used))]
            self._used[token] = None
            return True

    def _sign(self, purpose: str, said: str) -> str:
        return hmac.new(self._key, f"{purpose}:{said}".encode(), sha256).hexdigest()
