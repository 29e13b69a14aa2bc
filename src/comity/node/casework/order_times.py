"""The clocks of an order: until it is answered, until it ends, until its addressee may speak of it.

Each begins when the order was issued, which tells the clocks of one order from those of another. That an
order or its secrecy ends is no time limit that somebody misses: when the moment comes the clock has come to
its end.
"""

from __future__ import annotations

from datetime import datetime

from comity.node.casework.domestic import Frame
from comity.node.casework.models import Case, Side
from comity.node.clocks import running
from comity.node.clocks.models import Clock, ClockState
from comity.node.directory import known
from comity.node.orders.models import Order

ANSWER, END, SECRECY = "provider_answer", "order_end", "order_secrecy_end"


def on_issue(case: Case, frame: Frame, order: Order) -> None:
    """Start the clocks that an order has; without a provision of the case's treaty none runs."""
    if not frame.cite or order.issued_at is None:
        return
    moments = {ANSWER: order.answer_by, END: order.ends_at}
    if order.secret:
        moments[SECRECY] = order.secret_until
    for kind, due_at in moments.items():
        if due_at is not None and due_at > order.issued_at:
            running.start(
                case.reference,
                kind,
                frame.cite,
                Side.REQUESTED,
                starts_at=order.issued_at,
                due_at=due_at,
                zone=known.own().time_zone,
            )


def on_answer(order: Order, now: datetime) -> None:
    """The addressee answered; an order that is not followed ends nothing later."""
    _end(order, ANSWER, ClockState.MET, now)


def on_end(order: Order, now: datetime) -> None:
    """The order was lifted or withdrawn, or another one goes on with it: nothing of it is awaited."""
    _end(order, ANSWER, ClockState.CEASED, now)
    _end(order, END, ClockState.CEASED, now)


def on_secrecy_end(order: Order, now: datetime) -> None:
    """The addressee was told that it may speak of the order."""
    _end(order, SECRECY, ClockState.CEASED, now)


def _end(order: Order, kind: str, state: ClockState, now: datetime) -> None:
    if order.issued_at is None:
        return
    found = Clock.objects.filter(case_reference=order.case_reference, kind=kind, starts_at=order.issued_at)
    found.filter(state=ClockState.RUNNING).update(state=state, ended_at=now)
