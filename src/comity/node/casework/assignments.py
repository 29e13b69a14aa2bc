"""What may be assigned, and which assignments stand or are past their deadline."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from comity.node.accounts.authority import may
from comity.node.accounts.models import Official, Organisation
from comity.node.casework.models import Assignment, Case, Item
from comity.node.casework.statuses import FINISHED

_ASSIGNABLE = frozenset({"registered", "in_execution", "preserved", "partly_executed"})
EXECUTES = "prepare_result"
"""The act that only those may do who execute requests."""


def assignable(items: Iterable[Item]) -> list[Item]:
    """The items that can be assigned: in the books, not withdrawn, not waiting and not decided."""
    return [item for item in items if item.actual in _ASSIGNABLE and item.desired != "withdrawn"]


def needs_no_order(item: Item) -> bool:
    """Whether the officer executes the item without an order to a provider."""
    return item.desired == "executed"


def may_execute(official: Official) -> bool:
    """Whether an official's roles include executing requests."""
    return official.is_active and may(official, EXECUTES)


def of_case(case: Case) -> QuerySet[Assignment]:
    """Every assignment of a case's items, also those that others took the place of."""
    found = Assignment.objects.filter(item__case=case)
    return found.select_related("item", "organisation", "officer", "by").order_by("item__number", "at", "id")


def standing(case: Case) -> QuerySet[Assignment]:
    """The assignments of a case that stand."""
    return of_case(case).filter(ended_at=None)


def is_elsewhere(to: Organisation | None, by: Official) -> bool:
    """Whether it is another body than that of whoever assigns; none given is the central authority."""
    if to is None or to.is_central:
        return not by.is_of_the_whole_state
    return to.pk != by.organisation_id


def passed_on(case: Case) -> bool:
    """Whether another body of this State executes a part of the request."""
    given = standing(case).select_related("organisation", "by__organisation")
    return any(is_elsewhere(each.organisation, each.by) for each in given)


def overdue(seen: QuerySet[Case], now: datetime) -> QuerySet[Assignment]:
    """Assignments in these cases that are past their deadline with the item still open, the oldest first."""
    late = Assignment.objects.filter(Exists(seen.filter(pk=OuterRef("item__case"))), ended_at=None)
    late = late.filter(due_at__lte=now).exclude(item__actual__in=FINISHED)
    found = late.select_related("item__case", "item__case__peer", "organisation", "officer")
    return found.order_by("due_at", "id")
