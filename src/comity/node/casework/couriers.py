"""Which consignments an official sees, and which letters may go in one."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from comity.node.accounts.authority import NotAuthorisedError, authorise
from comity.node.accounts.models import Official
from comity.node.casework.entitlement import sees_every_case
from comity.node.directory.models import Authority
from comity.node.exchange import consignments
from comity.node.exchange.models import Letter, Shipment

PAGE = 50


def demand(official: Official | AnonymousUser, act: str) -> None:
    """Raise NotAuthorisedError unless the official does the act for the whole State.

    A consignment holds letters of many cases, so it is the central authority's.
    """
    authorise(official, act)
    if not sees_every_case(official):
        raise NotAuthorisedError(act=act)


def visible(official: Official | AnonymousUser) -> QuerySet[Shipment]:
    """The consignments, latest first; none for who works in a body of the State."""
    authorise(official, "carry_by_courier")
    found = Shipment.objects.select_related("peer", "by").order_by("-at", "id")
    return found if sees_every_case(official) else found.none()


def waiting_receipts(official: Official | AnonymousUser, peer: Authority) -> int:
    """How many receipts the peer was not told yet, for whoever may pack them."""
    return consignments.waiting_receipts(peer) if sees_every_case(official) else 0


def waiting(official: Official | AnonymousUser, peer: Authority, now: datetime) -> QuerySet[Letter]:
    """The letters that the official may pack for a peer."""
    found = consignments.waiting_letters(peer, now)
    return found if sees_every_case(official) else found.none()
