"""What can be done with an order on its page: each step with its act, its words, its form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from comity.node.accounts.models import Official
from comity.node.casework import ordering
from comity.node.casework.acts import answer_order, end_order, issue_order, order_measure
from comity.node.casework.models import Case
from comity.node.casework.order_forms import AnswerForm, RenewalForm, ReplyForm, ReviewForm, WhyForm, end_of
from comity.node.orders.models import Desired, Order, OrderState
from comity.orders.form import UNANSWERED


@dataclass(frozen=True, slots=True)
class Step:
    """Something done with an order: the act, its words, its form, when it stands open."""

    act: str
    label: str | Promise
    done: str | Promise
    form: Callable[[Order, Any], Any]
    open: Callable[[Order], bool]
    run: Callable[[Official, Case, Order, Any, datetime], object]
    grave: bool = False


def _prepared(order: Order) -> bool:
    return order.desired == Desired.EXECUTED and order.state == OrderState.PREPARED


def _waits(order: Order) -> bool:
    return order.desired == Desired.EXECUTED and order.state in UNANSWERED


def _runs(order: Order) -> bool:
    return order.desired == Desired.EXECUTED and order.state not in (OrderState.PREPARED, OrderState.FAILED)


STEPS: dict[str, Step] = {
    "review": Step(
        "record_order_review",
        gettext_lazy("Record the decision"),
        gettext_lazy("The decision is recorded."),
        lambda order, data: ReviewForm(data),
        _prepared,
        lambda who, case, order, form, now: issue_order.record_order_review(
            who, case, order, form.review(), now=now
        ),
    ),
    "issue": Step(
        "issue_order",
        gettext_lazy("Issue the order"),
        gettext_lazy("The order is signed and issued."),
        lambda order, data: forms.Form(data),
        _prepared,
        lambda who, case, order, form, now: issue_order.issue_order(who, case, order, now=now),
    ),
    "reply": Step(
        "reply_on_order",
        gettext_lazy("Reply to the addressee"),
        gettext_lazy("The reply is kept; the addressee sees it."),
        lambda order, data: ReplyForm(data),
        _waits,
        lambda who, case, order, form, now: answer_order.reply_on_order(
            who, case, order, text=form.cleaned_data["text"], now=now
        ),
    ),
    "answer": Step(
        "record_order_answer",
        gettext_lazy("Write down an answer that came by hand"),
        gettext_lazy("The answer is written down."),
        lambda order, data: AnswerForm(data, order=order),
        _waits,
        lambda who, case, order, form, now: answer_order.record_order_answer(
            who, case, order, form.answers(), now=now
        ),
    ),
    "renew": Step(
        "order_measure",
        gettext_lazy("Renew the order"),
        gettext_lazy("The renewal is made."),
        lambda order, data: RenewalForm(data),
        lambda order: _runs(order) and ordering.renewal(order) is None,
        lambda who, case, order, form, now: order_measure.renew_order(
            who,
            case,
            order,
            necessity=form.cleaned_data["necessity"],
            proportionality=form.cleaned_data["proportionality"],
            ends_at=end_of(form.cleaned_data["ends_on"]),
            review=form.review(),
            now=now,
        ),
    ),
    "secrecy": Step(
        "end_order_secrecy",
        gettext_lazy("End its secrecy"),
        gettext_lazy("The addressee may speak of the order; it is told."),
        lambda order, data: WhyForm(data),
        lambda order: order.secret and order.secret_ended_at is None and order.state != OrderState.PREPARED,
        lambda who, case, order, form, now: end_order.end_order_secrecy(
            who, case, order, why=form.cleaned_data["why"], now=now
        ),
    ),
    "end": Step(
        "end_order",
        gettext_lazy("Lift or withdraw the order"),
        gettext_lazy("The order has ended; the addressee is told."),
        lambda order, data: WhyForm(data),
        lambda order: order.desired == Desired.EXECUTED,
        lambda who, case, order, form, now: end_order.end_order(
            who, case, order, why=form.cleaned_data["why"], now=now
        ),
        grave=True,
    ),
}
"""By the name in their address."""
