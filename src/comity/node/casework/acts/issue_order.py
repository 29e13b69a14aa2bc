"""Record the decision on a prepared order, and issue it: the second of two officials."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import events, ordering
from comity.node.casework.models import Case, Side
from comity.node.casework.standing import begin
from comity.node.ledger import entries
from comity.node.orders.issuing import Review
from comity.node.orders.models import Order


@transaction.atomic
def record_order_review(
    official: Official, case: Case, order: Order, review: Review, *, now: datetime
) -> Order:
    """Keep what whoever must approve the order decided: its body, number and day.

    Raises OrderNotRunningError for an order that is issued already or was withdrawn,
    NotYetHappenedError for a decision to come.
    """
    case = begin(official, "record_order_review", case, Side.REQUESTED)
    order = ordering.prepared_order(case, order)
    ordering.demand_decided(review, now)
    order.review_body, order.review_reference = review.body, review.reference
    order.review_decided_on = review.decided_on
    order.save(update_fields=["review_body", "review_reference", "review_decided_on"])
    content = {
        "what": "order_reviewed",
        "order": str(order.id),
        "reference": review.reference,
        "decided_on": review.decided_on.isoformat(),
        "by": official.pk,
    }
    entry = entries.append("order_reviewed", case.reference, content, now=now)
    events.note(
        case, "order_reviewed", now=now, by=official, entry=entry, number=order.number, body=review.body
    )
    return order


@transaction.atomic
def issue_order(official: Official, case: Case, order: Order, *, now: datetime) -> Order:
    """Sign a prepared order with the authority's seal and send it.

    Raises FourEyesError for whoever prepared it, ReviewMissingError, OrderNotRunningError for one that
    is issued already or was withdrawn, and what ``ordering.issue`` raises.
    """
    case = begin(official, "issue_order", case, Side.REQUESTED)
    order = ordering.prepared_order(case, order)
    ordering.demand_second(official, order)
    return ordering.issue(official, case, order, now)
