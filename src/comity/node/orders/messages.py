"""What an addressee asks about its order, and what the authority replies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.orders import answers
from comity.node.orders.models import Message, Order

_listeners: list[Callable[[Order, Message, datetime], None]] = []


def listen(listener: Callable[[Order, Message, datetime], None]) -> None:
    """Register who is told of a question or a reply, inside the transaction that stores it."""
    if listener not in _listeners:
        _listeners.append(listener)


@transaction.atomic
def ask(order: Order, name: str, text: str, now: datetime) -> Message:
    """Keep a question of ``name`` (a person at the addressee); raise OrderNotOpenError."""
    order = answers.demand_open(order)
    return _keep(Message(order=order, text=text, name=name, at=now), "order_question", now)


@transaction.atomic
def reply(official: Official, order: Order, text: str, now: datetime) -> Message:
    """Keep what the authority says; who may is the caller's question. Raises OrderNotOpenError."""
    order = answers.demand_open(order)
    said = Message(order=order, reply=True, text=text, name=str(official), official=official, at=now)
    return _keep(said, "order_reply", now)


def open_question(order: Order) -> Message | None:
    """The addressee's newest question, while nothing was replied to it."""
    newest = order.messages.last()
    return newest if newest is not None and not newest.reply else None


def _keep(message: Message, kind: str, now: datetime) -> Message:
    message.save(force_insert=True)
    digest = sha256(message.text.encode()).hexdigest()
    answers.note(message.order, kind, {"sha256": digest}, now)
    for listener in _listeners:
        listener(message.order, message, now)
    return message
