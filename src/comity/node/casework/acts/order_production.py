"""Order a provider to produce what it holds under an item."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import ordering
from comity.node.casework.models import Case, Item
from comity.node.directory.models import Authority
from comity.node.orders.issuing import Terms
from comity.node.orders.models import Order, OrderKind


@transaction.atomic
def order_production(
    official: Official, case: Case, item: Item, *, provider: Authority, terms: Terms, now: datetime
) -> Order:
    """Issue the signed order; what the provider produces is taken in as exhibits of the item."""
    return ordering.order(official, case, item, OrderKind.PRODUCE, provider, terms, now)
