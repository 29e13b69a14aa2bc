"""Pack letters for a courier, record who carries them, take in what a courier brought."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from comity.node.accounts.models import Official
from comity.node.casework import couriers, events
from comity.node.casework.models import Case
from comity.node.directory.models import Authority
from comity.node.exchange import consignments, unpacking
from comity.node.exchange.consignments import LETTER, Journey
from comity.node.exchange.models import Letter, Shipment
from comity.node.exchange.returning import Span

ACT = "carry_by_courier"


def pack_consignment(official: Official, peer: Authority, *, now: datetime) -> Shipment:
    """Pack every letter and receipt that waits for the peer; the network goes on trying to bring them."""
    couriers.demand(official, ACT)
    return consignments.pack(official, peer, couriers.waiting(official, peer, now), now)


def pack_consignment_again(official: Official, peer: Authority, span: Span, *, now: datetime) -> Shipment:
    """Pack what the peer had from us within a span of time, for a node that was restored from before it."""
    couriers.demand(official, ACT)
    return consignments.pack_again(official, peer, span, now)


def write_package(official: Official, shipment: Shipment, out: IO[bytes], *, now: datetime) -> None:
    """Write the package of an outgoing consignment."""
    couriers.demand(official, ACT)
    consignments.write(shipment, out, now)


def hand_over_consignment(
    official: Official, shipment: Shipment, journey: Journey, *, now: datetime
) -> Shipment:
    """Put on record who carries a consignment in which bag; the timeline of each case says so."""
    couriers.demand(official, ACT)
    done = consignments.hand_over(shipment, journey, now)
    carried = done.carried.filter(what=LETTER).values("letter")
    for letter in Letter.objects.filter(pk__in=carried).exclude(case_reference=""):
        for case in Case.objects.filter(reference=letter.case_reference):
            events.note(
                case,
                "handed_to_courier",
                now=now,
                by=official,
                letter=letter.pk,
                carrier=journey.carrier,
                bag=journey.bag_number,
            )
    return done


def take_consignment(
    official: Official, stream: IO[bytes], size: int, journey: Journey, *, now: datetime
) -> Shipment:
    """Take in what a courier brought; its letters are verified and opened as those of the network are."""
    couriers.demand(official, ACT)
    return unpacking.take(official, stream, size, journey, now)
