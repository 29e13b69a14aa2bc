"""Open a letter that arrived: the sender gets the receipt that an official has it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import events, words
from comity.node.casework.entitlement import letter_case
from comity.node.exchange import reading
from comity.node.exchange.models import Direction, Letter, Stage


@transaction.atomic
def open_letter(official: Official, letter: Letter, *, now: datetime) -> Letter:
    """Open a verified letter; the first opening of an incoming one is noted and acknowledged (RETRIEVAL)."""
    authorise(official, "open_letter")
    case = letter_case(official, letter)
    first = letter.direction == Direction.IN and letter.stage == Stage.DELIVERED
    opened = reading.open_letter(official, letter, now=now)
    if first and case:
        words.keep(case)
        events.note(case, "letter_opened", now=now, by=official, letter=letter.id)
    return opened
