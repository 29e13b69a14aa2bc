"""End an order before its time, and end the secrecy that it imposed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import events, order_times, ordering
from comity.node.casework.models import Case, Side
from comity.node.casework.standing import begin
from comity.node.ledger import entries
from comity.node.orders import issuing
from comity.node.orders.models import Desired, Order, OrderState
from comity.orders.form import UNANSWERED
from comity.terms import ComityError, gettext_noop


class NotSecretError(ComityError):
    """The order imposes no secrecy, or its secrecy was ended."""

    code = "order_not_secret"
    message = gettext_noop("Order {number} imposes no secrecy that could be ended.")
    next_step = gettext_noop("Look at how the order stands.")


@transaction.atomic
def end_order(official: Official, case: Case, order: Order, *, why: str, now: datetime) -> Order:
    """Lift an order that was carried out, or withdraw one that was not answered; its addressee is told.

    A prepared one is withdrawn unsigned. Raises OrderNotRunningError.
    """
    case = begin(official, "end_order", case, Side.REQUESTED)
    order = ordering.locked(case, order)
    if order.desired != Desired.EXECUTED:
        raise ordering.OrderNotRunningError(number=order.number)
    unanswered = order.state in UNANSWERED or order.state == OrderState.PREPARED
    order.desired = Desired.WITHDRAWN if unanswered else Desired.LIFTED
    order.ended_at, order.ended_by, order.ended_why = now, official, why
    if order.state == OrderState.PREPARED:
        order.save()
        content = {"what": "order_withdrawn", "order": str(order.id), "by": official.pk}
        entries.append("order_changed", case.reference, content, now=now)
    else:
        issuing.sign_anew(official, order, now=now)
        order_times.on_end(order, now)
    _note(case, f"order_{order.desired}", order, official, now)
    return order


@transaction.atomic
def end_order_secrecy(official: Official, case: Case, order: Order, *, why: str, now: datetime) -> Order:
    """Tell the addressee that it may speak of the order from now on; raise NotSecretError."""
    case = begin(official, "end_order_secrecy", case, Side.REQUESTED)
    order = ordering.locked(case, order)
    if order.state == OrderState.PREPARED:
        raise ordering.OrderNotRunningError(number=order.number)
    if not order.secret or order.secret_ended_at is not None:
        raise NotSecretError(number=order.number)
    order.secret_ended_at, order.secret_ended_by, order.secret_ended_why = now, official, why
    issuing.sign_anew(official, order, now=now)
    order_times.on_secrecy_end(order, now)
    _note(case, "order_secrecy_ended", order, official, now)
    return order


def _note(case: Case, event: str, order: Order, official: Official, now: datetime) -> None:
    case.changed_at = now
    case.save(update_fields=["changed_at"])
    addressee = ordering.addressee_of(order)
    events.note(case, event, now=now, by=official, number=order.number, provider=addressee)
