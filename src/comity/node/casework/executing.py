"""Items that officials of this State execute themselves, without an order to a provider."""

from __future__ import annotations

from datetime import datetime

from comity.node.casework import running, statuses
from comity.node.casework.models import Case, Item
from comity.node.casework.outcomes import open_items
from comity.node.casework.standing import NotNowError

_BEGINS = "registered"


def demand_executed_here(case: Case, number: int, measure: str, now: datetime) -> Item:
    """The item, in execution from now on if it was only registered; NotNowError where it is not open."""
    item = case.items.filter(number=number, measure=measure).exclude(desired="withdrawn").first()
    if item is None:
        raise NotNowError(case=case.reference, standing=case.actual)
    if item.actual == _BEGINS:
        statuses.set_actual(case, [item], "in_execution")
        running.on_execution(case, now)
    if item not in open_items([item]):
        raise NotNowError(case=case.reference, standing=item.actual)
    case.changed_at = now
    case.save()
    return item
