"""What a provider may tell the person whose data an order is about, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from comity.node.orders.models import Order


@dataclass(frozen=True, slots=True)
class Silence:
    """Whether the provider tells nobody now; until when or which event; since when it may tell."""

    holds: bool
    until: datetime | None = None
    event: str = ""
    ended_at: datetime | None = None


def of(order: Order, now: datetime) -> Silence:
    """How the order's secrecy stands. One without an end holds until the authority ends it."""
    if not order.secret:
        return Silence(holds=False)
    if order.secret_ended_at is not None and order.secret_ended_at <= now:
        return Silence(holds=False, ended_at=order.secret_ended_at)
    if order.secret_until is not None and order.secret_until <= now:
        return Silence(holds=False, ended_at=order.secret_until)
    return Silence(holds=True, until=order.secret_until, event=order.secret_event)
