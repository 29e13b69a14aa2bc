"""Prepare an order of any kind for an item, or one that lets an order go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import ordering
from comity.node.casework.domestic import ALONE, Frame
from comity.node.casework.models import Case, Item, Side
from comity.node.casework.standing import begin
from comity.node.directory.models import Authority
from comity.node.orders.issuing import Review, Terms
from comity.node.orders.models import Order, OrderKind


@transaction.atomic
def order_measure(
    official: Official,
    case: Case,
    item: Item,
    kind: OrderKind,
    *,
    addressee: Authority | str,
    terms: Terms,
    prepared_only: bool = False,
    now: datetime,
) -> Order:
    """Prepare the order, to a provider of this State or to a holder in words; a second official issues it.

    One that a single official may issue is issued at once, unless it shall be ``prepared_only``. Raises what
    ``Frame.demand`` raises.
    """
    return ordering.order(official, case, item, kind, addressee, terms, now, prepared_only=prepared_only)


@transaction.atomic
def renew_order(
    official: Official,
    case: Case,
    order: Order,
    *,
    necessity: str,
    proportionality: str,
    ends_at: datetime | None,
    review: Review | None = None,
    now: datetime,
) -> Order:
    """Prepare an order that goes on with a running one, on the same basis and on reasons of its own.

    It is issued at once where a single official may issue its kind. Raises OrderNotRunningError,
    RenewalNotProvidedError, OrderRepeatedError, NotNowError, and what ``Frame.demand`` raises.
    """
    case = begin(official, ordering.act_for(OrderKind(order.kind)), case, Side.REQUESTED)
    order = ordering.running_order(case, order)
    frame = Frame(case, OrderKind(order.kind), now)
    frame.demand_renewable()
    later = ordering.renewal(order)
    if later is not None:
        addressee = ordering.addressee_of(order)
        raise ordering.OrderRepeatedError(provider=addressee, number=later.number, item=order.item_number)
    further = [(each.type, each.value) for each in order.identifiers.all()]
    terms = Terms(
        legal_basis=order.legal_basis,
        necessity=necessity,
        proportionality=proportionality,
        issuing_body=order.issuing_body,
        offence=order.offence,
        ends_at=ends_at,
        secret=order.secret and order.secret_ended_at is None,
        secret_event=order.secret_event,
        review=review,
        further=further,
    )
    item = case.items.get(number=order.item_number)
    ordering.demand_wanted(frame, item)
    if order.secret_until and order.secret_until > now:
        terms = replace(terms, secret_until=order.secret_until)
    addressed = order.provider or order.holder
    alone = frame.kind in ALONE
    prepared = ordering.prepare(official, frame, item, addressed, terms, renews=order, alone=alone)
    return ordering.issue(official, case, prepared, now) if alone else prepared
