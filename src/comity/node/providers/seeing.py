"""Which orders a person of a provider sees: those addressed to that provider, and of them the person's."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from comity.node.accounts.authority import NotAuthorisedError, NothingThereError
from comity.node.ledger import entries
from comity.node.orders.models import Order, OrderState
from comity.node.providers import checking
from comity.node.providers.models import Deed, Person
from comity.terms import ComityError, gettext_noop

LOOKED = "provider_looked"
AGAIN = timedelta(minutes=10)
"""For which a program that opens an order again has looked once, so that asking often fills no ledger."""


class OrderNotVerifiedError(ComityError):
    """A step of the verification failed; nobody acts on such an order."""

    code = "order_not_verified"
    message = gettext_noop("Order {number} does not verify, so nothing is done with it here.")
    next_step = gettext_noop("Call the authority by a number that you know.")


def visible(person: Person) -> QuerySet[Order]:
    """The issued orders that the person sees, the earliest deadline first."""
    orders = Order.objects.filter(provider=person.provider_id).exclude(state=OrderState.PREPARED)
    if not person.is_legal:
        orders = orders.filter(readers__person=person)
    return orders.order_by(F("answer_by").asc(nulls_last=True), "-issued_at", "id")


def find(person: Person, order: uuid.UUID) -> Order:
    """One of them; NothingThereError for another provider's as for one that does not exist."""
    found = visible(person).select_related("provider").filter(pk=order).first()
    if found is None:
        raise NothingThereError(name=str(order))
    return found


def to_act_on(person: Person, order: uuid.UUID) -> Order:
    """An order that the person may act on for the provider: one that verifies, and no reader.

    Raises NotAuthorisedError, OrderNotVerifiedError.
    """
    found = find(person, order)
    if not person.is_legal:
        raise NotAuthorisedError
    if not checking.holds(checking.steps(found)):
        raise OrderNotVerifiedError(number=found.number)
    return found


def looked_lately(person: Person, order: Order, now: datetime) -> bool:
    """Whether it is on record that the person looked at this generation of the order a short time ago."""
    since = now - AGAIN if order.issued_at is None else max(now - AGAIN, order.issued_at)
    return order.deeds.filter(person=person, kind=LOOKED, at__gt=since, at__lte=now).exists()


def note(person: Person, order: Order, kind: str, now: datetime, **more: str) -> Deed:
    """Remember who did what with an order, in the ledger too; in the act's transaction."""
    content = {"what": kind, "order": str(order.pk), "person": person.pk, "name": person.full_name}
    content |= {"post": person.post, "provider": person.provider_id, **more}
    entries.append(kind, str(order.pk), content, now=now)
    return Deed.objects.create(order=order, person=person, kind=kind, at=now)
