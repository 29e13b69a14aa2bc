"""Order a provider to preserve what it holds under an item."""

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
def order_preservation(
    official: Official, case: Case, item: Item, *, provider: Authority, terms: Terms, now: datetime
) -> Order:
    """Issue the signed order on its ``terms``; the provider keeps what it holds and tells nobody."""
    return ordering.order(official, case, item, OrderKind.PRESERVE, provider, terms, now)
