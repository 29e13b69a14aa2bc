"""What a provider answers, and who wants to know."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from comity.node.orders.models import Order, OrderState
from comity.shapes import Instant, Line, Sha256Hex, Shape, Size
from comity.terms import ComityError, gettext_noop

PATIENCE_SECONDS = 30
"""How long to wait before asking a provider again that is still at work."""


class AnswerUnreadableError(ComityError):
    """The provider's answer does not have the agreed form."""

    code = "provider_answer_unreadable"
    message = gettext_noop("The answer to order {number} cannot be read: {where}: {why}.")
    next_step = gettext_noop("Ask the provider to correct its answer.")


class File(Shape):
    """A file that the provider produced."""

    name: Line
    media_type: str = Field(pattern=r"^[a-z0-9.+-]+/[a-z0-9.+-]+$", max_length=100)
    bytes: Size
    sha256: Sha256Hex
    data_kind: Literal["subscriber", "traffic", "content", "other_stored"]


class Answer(Shape):
    """How far the provider is. ``at`` is when it did what it was ordered to do, by its clock."""

    state: Annotated[OrderState, Field(strict=False)]
    at: Instant | None = None
    note: str = Field(default="", max_length=2000)
    files: list[File] = Field(default_factory=list, max_length=1000)


_listeners: list[Callable[[Order, datetime], None]] = []


def listen(listener: Callable[[Order, datetime], None]) -> None:
    """Register who is told of an answer, once each, inside the transaction that stores it."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(order: Order, now: datetime) -> None:
    """Tell everyone who listens."""
    for listener in _listeners:
        listener(order, now)
