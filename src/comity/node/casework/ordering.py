"""Orders to providers as casework issues them, and what their answers change in a case."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import models

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import events, oral, running, statuses
from comity.node.casework.acts.change_access import assign
from comity.node.casework.dialogue import keeping
from comity.node.casework.models import Case, Item, Side
from comity.node.casework.standing import NotNowError, begin
from comity.node.directory.models import Authority
from comity.node.orders import issuing
from comity.node.orders.models import Order, OrderKind, OrderState
from comity.orders.form import UNANSWERED
from comity.terms import ComityError, gettext_noop

_ASKED_BY = {OrderKind.PRESERVE: "preserved", OrderKind.PRODUCE: "disclosed"}
_EVENT = {OrderKind.PRESERVE: "preservation_ordered", OrderKind.PRODUCE: "production_ordered"}
_HELD = frozenset({"", "deficient", "postponed", "forwarded", "refused", "withdrawn"})
"""Items for which nothing is ordered: not registered, decided, or waiting until they are taken up again."""


class OrderRepeatedError(ComityError):
    """The provider already has an order of this kind for the item."""

    code = "order_repeated"
    message = gettext_noop("{provider} already has order {number} for item {item}.")
    next_step = gettext_noop("Wait for its answer, or look at it in the case.")


class NotAskedError(ComityError):
    """Nobody asked for this: the order would go beyond the request."""

    code = "not_asked"
    message = gettext_noop("Item {item} asks for “{desired}”; an order to {kind} would go beyond it.")
    next_step = gettext_noop("Order only what the request asks for.")


def order(
    official: Official,
    act: str,
    case: Case,
    item: Item,
    kind: OrderKind,
    addressee: Authority | str,
    terms: issuing.Terms,
    now: datetime,
) -> Order:
    """Issue one order for one registered item, within what the request asks; in the act's transaction."""
    case = begin(official, act, case, Side.REQUESTED)
    oral.demand_orderable(case)
    item = case.items.get(pk=item.pk)
    renewed = _demand_orderable(case, item, kind, addressee)
    subject = issuing.Subject(
        case.reference,
        item.number,
        [(item.identifier_type, item.identifier_value)],
        item.data_kinds,
        (item.period_from, item.period_to),
    )
    terms = replace(terms, secret=terms.secret or case.confidential or case.no_user_notice)
    prepared = issuing.prepare(official, subject, kind, addressee, terms, now=now)
    issued = issuing.issue(official, prepared, now=now)
    if not renewed:
        statuses.set_actual(case, [item], "in_execution")
    case.executing_officer, case.changed_at = official, now
    case.save()
    assign(official, case, now)
    running.on_execution(case, now)
    event = "order_renewed" if renewed else _EVENT[kind]
    events.note(case, event, now=now, by=official, number=issued.number, provider=str(addressee))
    return issued


def _demand_orderable(case: Case, item: Item, kind: OrderKind, addressee: Authority | str) -> bool:
    """Raise the error of what stands in the way; whether the order lets an extended preservation go on."""
    if item.actual in _HELD:
        raise NotNowError(case=case.reference, standing=item.actual)
    if item.desired != _ASKED_BY[kind]:
        raise NotAskedError(item=item.number, desired=item.desired, kind=kind)
    if kind == OrderKind.PRESERVE:
        keeping.demand_decided(case, item)
    orders = of_item(item, kind).filter(to(addressee)).exclude(state=OrderState.FAILED)
    earlier = orders.order_by("-issued_at").first()
    renewed = kind == OrderKind.PRESERVE and to_renew(item)
    if earlier and not (renewed and earlier.issued_at and keeping.to_prolong(case, item, earlier.issued_at)):
        raise OrderRepeatedError(provider=str(addressee), number=earlier.number, item=item.number)
    return renewed


def to_renew(item: Item) -> bool:
    """Whether the item's preservation was extended after an order that carries it and was not renewed."""
    if item.actual != "preserved":
        return False
    newest: dict[tuple[str | None, str], datetime] = {}
    for order in of_item(item, OrderKind.PRESERVE).exclude(state=OrderState.FAILED).order_by("issued_at"):
        if order.issued_at:
            newest[order.provider_id, order.holder] = order.issued_at
    return any(keeping.to_prolong(item.case, item, issued_at) for issued_at in newest.values())


def to(addressee: Authority | str) -> models.Q:
    """The orders to an addressee: a provider, or a holder by name."""
    if isinstance(addressee, Authority):
        return models.Q(provider=addressee)
    return models.Q(provider=None, holder=addressee)


def addressee_of(order: Order) -> str:
    """Whom an order goes to, in words."""
    return str(order.provider) if order.provider else order.holder


def of_item(item: Item, kind: OrderKind) -> models.QuerySet[Order]:
    """The orders of a kind that were issued for an item."""
    return Order.objects.filter(case_reference=item.case.reference, item_number=item.number, kind=kind)


def has_orders(item: Item) -> bool:
    """Whether a provider was ordered something for the item."""
    return Order.objects.filter(case_reference=item.case.reference, item_number=item.number).exists()


def awaits_answer(item: Item) -> bool:
    """Whether a provider still has to answer an order to produce, so that evidence may be on its way."""
    return of_item(item, OrderKind.PRODUCE).filter(state__in=UNANSWERED).exists()


def on_answer(order: Order, now: datetime) -> None:
    """Note a provider's answer on the timeline; wiring registers this with the orders room."""
    case = Case.objects.select_for_update().get(reference=order.case_reference)
    case.changed_at = now
    case.save(update_fields=["changed_at"])
    kept = case.items.filter(number=order.item_number, actual="preserved").exists()
    if kept and (order.kind, order.state) == (OrderKind.PRESERVE, OrderState.DONE):
        running.on_renewed_order(case, canonical.read_instant((order.answer or {})["at"]), now)
    events.note(
        case,
        "provider_answered",
        now=now,
        number=order.number,
        provider=addressee_of(order),
        state=str(order.state),
    )
