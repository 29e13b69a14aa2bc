"""A call of the node under test, and what it is answered: served, or turned away as a peer may be."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

WAIT = 3
"""Seconds for which a caller is told to stay away: longer than its own first pause (WIRE-16, WIRE-17)."""
ELSEWHERE = "/elsewhere"
MOST_TOLD = 16
"""Of what a node does wrong so much is told; the rest is answered and not kept."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a caller is answered; without a status it is hung up on."""

    status: int = 0
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the node; names of headers in lower case; ``read`` gives at most so many bytes."""

    method: str
    path: str
    headers: Mapping[str, str]
    size: int
    read: Callable[[int], bytes]


@dataclass(slots=True)
class Call:
    """One try to bring something: its bytes, when it came and was answered (seconds of a steady clock)."""

    body: bytes = b""
    came: float = field(default_factory=time.monotonic)
    answered: float = 0.0

    def answer(self, said: Said) -> Said:
        """Note when it was answered."""
        self.answered = time.monotonic()
        return said


def problem(status: int, code: str, **headers: str) -> Said:
    """An error in its form (WIRE-4)."""
    told = {"code": code, "message": "The tester does not take this now.", "next_step": "See the clause."}
    return Said(status, json.dumps(told).encode(), headers)


def busy(seconds: int = 0) -> Said:
    """To be left alone for so many seconds (WIRE-16), ``WAIT`` where none are said."""
    return problem(429, "peer_letters_quota", **{"Retry-After": str(seconds or WAIT)})


def failing() -> Said:
    """Another failure (WIRE-17)."""
    return problem(503, "clock_stepped")


def elsewhere(url: str) -> Said:
    """A redirect to an address that no card names (WIRE-3)."""
    return Said(307, b"", {"Location": url.rstrip("/") + ELSEWHERE})


SILENCE = Said()


def tell(told: list[str], code: str) -> None:
    """Keep what was wrong with a call, while not too much is kept."""
    if len(told) < MOST_TOLD:
        told.append(code)
