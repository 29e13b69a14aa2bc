"""Offer a letter again that the other node did not take in its time."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import events
from comity.node.casework.entitlement import letter_case
from comity.node.exchange import offering
from comity.node.exchange.models import Letter

ACT = "offer_letter_again"


@transaction.atomic
def offer_letter_again(official: Official, letter: Letter, *, now: datetime) -> Letter:
    """Have the letter offered again by the network; the case's timeline says who asked for it."""
    authorise(official, ACT)
    case = letter_case(official, letter)
    offered = offering.offer_again(letter, now, by=official.pk)
    if case is not None:
        events.note(case, offering.OFFERED, now=now, by=official, letter=letter.pk)
    return offered
