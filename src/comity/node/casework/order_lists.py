"""Orders as pages list them: of a case, all running ones, and what a case owes because of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from comity.node import config
from comity.node.accounts.models import Official
from comity.node.casework.dialogue import path
from comity.node.casework.domestic import Frame
from comity.node.casework.entitlement import visible
from comity.node.casework.models import Case, Item, Side
from comity.node.orders import messages
from comity.node.orders.models import Desired, Order, OrderKind, OrderState
from comity.orders.form import UNANSWERED

_OPEN = frozenset({"registered", "in_execution", "preserved"})
_NAMED = frozenset({OrderKind.PRESERVE, OrderKind.PRODUCE})
"""Kinds that have a button of their own on the case's page."""


def of_case(case: Case) -> QuerySet[Order]:
    """A case's orders, the oldest first."""
    found = Order.objects.filter(case_reference=case.reference).select_related("provider")
    return found.prefetch_related("identifiers").order_by("prepared_at", "number")


def running(official: Official) -> QuerySet[Order]:
    """The orders that wait, run or are prepared in the cases an official may see, what ends first above."""
    cases = visible(official).filter(reference=OuterRef("case_reference"))
    waits = Q(state__in=UNANSWERED) | Q(
        state__in=(OrderState.PREPARED, OrderState.DONE, OrderState.PARTLY_DONE)
    )
    found = Order.objects.filter(Exists(cases), waits, desired=Desired.EXECUTED)
    return found.select_related("provider").order_by(F("ends_at").asc(nulls_last=True), "number")


def possible(case: Case, items: Collection[Item], now: datetime) -> list[OrderKind]:
    """The kinds of order that an item of the case asks for and nothing stands in the way of looking at."""
    if case.side != Side.REQUESTED:
        return []
    standing = [item for item in items if item.actual in _OPEN]
    frames = [Frame(case, kind, now) for kind in OrderKind]
    return [frame.kind for frame in frames if any(frame.fits(item) for item in standing)]


def further_kinds(case: Case, items: Collection[Item], now: datetime) -> list[OrderKind]:
    """Those among them that have no button of their own."""
    return [kind for kind in possible(case, items, now) if kind not in _NAMED]


def due(
    case: Case, orders: Collection[Order], items: Collection[Item], now: datetime
) -> Iterator[dict[str, Any]]:
    """What a case owes because of its orders: to issue, to reply, to lift, to tell a path."""
    gone = {item.number for item in items if "withdrawn" in (item.desired, item.actual)}
    for order in orders:
        if order.desired != Desired.EXECUTED:
            continue
        if order.item_number in gone and order.state != OrderState.FAILED:
            yield {"order_to_end": order}
        elif order.state == OrderState.PREPARED:
            yield {"order_to_issue": order}
        elif order.state in UNANSWERED and messages.open_question(order):
            yield {"order_question": order}
        elif abroad(order) and path.provision(case, now):
            yield {"order_path": order, "cite": path.provision(case, now)}


def path_of(case: Case) -> list[dict[str, Any]]:
    """The whole path that the newest answer with a provider of another State tells, in its order."""
    answered = of_case(case).exclude(answer=None).order_by("-answered_at")
    telling = next((order for order in answered if abroad(order)), None)
    return list((telling.answer or {})["path"]) if telling else []


def abroad(order: Order) -> list[dict[str, Any]]:
    """The providers in other States that an answer names as part of the path."""
    named = (order.answer or {}).get("path", [])
    return [each for each in named if each["state"] != config.current().state]
