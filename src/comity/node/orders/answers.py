"""What an addressee answers (over its interface, on its page, by hand), and who wants to know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256

from django.db import transaction

from comity import canonical
from comity.node.ledger import entries
from comity.node.orders.models import Desired, Order, OrderState
from comity.orders.form import UNANSWERED, Answer, IdentifierAnswer, Outcome, state_of
from comity.orders.form import File as File
from comity.terms import ComityError, gettext_noop

PATIENCE_SECONDS = 30
"""How long to wait before asking a provider again that is still at work."""


class AnswerUnreadableError(ComityError):
    """The provider's answer does not have the agreed form."""

    code = "provider_answer_unreadable"
    message = gettext_noop("The answer to order {number} cannot be read: {where}: {why}.")
    next_step = gettext_noop("Ask the provider to correct its answer.")


class OrderNotOpenError(ComityError):
    """The order was answered, is not issued, or is no longer wanted."""

    code = "order_not_open"
    message = gettext_noop("Order {number} does not wait for an answer.")
    next_step = gettext_noop("Look at how the order stands.")


class AnswerReasonMissingError(ComityError):
    """An answer other than “done” and “not held” needs its reason."""

    code = "answer_reason_missing"
    message = gettext_noop("Say why identifier {identifier} of order {number} was not carried out.")
    next_step = gettext_noop(
        "Give the reason, and the provision where the law of another State stands against it."
    )


class NoSuchIdentifierError(ComityError):
    """The order names no identifier of that number."""

    code = "no_such_identifier"
    message = gettext_noop("Order {number} has no identifier {identifier}.")
    next_step = gettext_noop("Answer the identifiers that the order names.")


_listeners: list[Callable[[Order, datetime], None]] = []


def listen(listener: Callable[[Order, datetime], None]) -> None:
    """Register who is told of an answer, once each, inside the transaction that stores it."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell(order: Order, now: datetime) -> None:
    """Tell everyone who listens."""
    for listener in _listeners:
        listener(order, now)


@transaction.atomic
def acknowledge(order: Order, state: OrderState, now: datetime) -> Order:
    """The addressee received the order, or is at work on it; an earlier state never comes back.

    Raises OrderNotOpenError.
    """
    order = demand_open(order)
    if state not in (OrderState.RECEIVED, OrderState.IN_EXECUTION):
        raise OrderNotOpenError(number=order.number)
    if order.state != state and order.state != OrderState.IN_EXECUTION:
        order.state = state
        order.sent_generation = order.generation
        order.save(update_fields=["state", "sent_generation"])
        note(order, "order_acknowledged", {"state": str(state)}, now)
    return order


@transaction.atomic
def answer_identifiers(order: Order, said: Iterable[IdentifierAnswer], now: datetime) -> Order:
    """Keep what the addressee answers for some identifiers; once each has its answer the order is settled.

    Raises OrderNotOpenError, NoSuchIdentifierError, AnswerReasonMissingError.
    """
    order = demand_open(order)
    _keep(order, said, now)
    left = order.identifiers.filter(outcome="").exists()
    if left:
        if order.state != OrderState.IN_EXECUTION:
            order.state = OrderState.IN_EXECUTION
            order.save(update_fields=["state"])
        return order
    outcomes = list(order.identifiers.values_list("outcome", flat=True))
    notes = "\n".join(filter(None, order.identifiers.values_list("note", flat=True)))[:2000]
    at = canonical.instant_text(now)
    answer = Answer(state=state_of(outcomes), generation=order.generation, at=at, note=notes)
    return _settle(order, answer, now)


@transaction.atomic
def settle(order: Order, answer: Answer, now: datetime) -> Order:
    """Keep the whole answer and tell who listens, once; an answer that comes again changes nothing.

    One without identifiers answers for all of them alike. Raises NoSuchIdentifierError.
    """
    order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if order.state not in UNANSWERED:
        return order
    alike = Outcome.TECHNICALLY_IMPOSSIBLE
    if answer.state in (OrderState.DONE, OrderState.NOT_HELD):
        alike = Outcome(str(answer.state))
    said = answer.identifiers or [
        IdentifierAnswer(number=number, outcome=alike, note=answer.note)
        for number in order.identifiers.values_list("number", flat=True)
    ]
    _keep(order, said, now, demand_reason=False)
    return _settle(order, answer, now)


def demand_open(order: Order) -> Order:
    """The order, locked, when it waits for an answer and is still wanted; else OrderNotOpenError."""
    order = Order.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if order.state not in UNANSWERED or order.desired != Desired.EXECUTED:
        raise OrderNotOpenError(number=order.number)
    return order


def _keep(
    order: Order, said: Iterable[IdentifierAnswer], now: datetime, *, demand_reason: bool = True
) -> None:
    known = {each.number: each for each in order.identifiers.all()}
    for each in said:
        row = known.get(each.number)
        if row is None:
            raise NoSuchIdentifierError(number=order.number, identifier=each.number)
        unexplained = each.outcome not in (Outcome.DONE, Outcome.NOT_HELD) and not each.note.strip()
        if unexplained and demand_reason:
            raise AnswerReasonMissingError(number=order.number, identifier=each.number)
        row.outcome, row.note, row.reference, row.answered_at = each.outcome, each.note, each.reference, now
        row.save(update_fields=["outcome", "note", "reference", "answered_at"])


def _settle(order: Order, answer: Answer, now: datetime) -> Order:
    order.state, order.answer, order.answered_at = answer.state, answer.as_json(), now
    order.save(update_fields=["state", "answer", "answered_at"])
    told = sha256(canonical.write(order.answer)).hexdigest()
    note(order, "order_answered", {"state": str(order.state), "sha256": told}, now, what="order_answer")
    tell(order, now)
    return order


def note(order: Order, kind: str, more: dict[str, str], now: datetime, what: str = "") -> None:
    """Put what happened to an order into the ledger."""
    content = {"what": what or kind, "order": str(order.id), **more}
    entries.append(kind, order.case_reference, content, now=now)
