"""Read a letter again that this node did not understand when it came."""

from __future__ import annotations

from datetime import datetime

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework.entitlement import letter_case
from comity.node.exchange import rereading
from comity.node.exchange.models import Letter

ACT = "read_letter_again"


def read_letter_again(official: Official, letter: Letter, *, now: datetime) -> Letter:
    """Have the letter verified and read anew, as on its arrival; what comes of it, its page shows."""
    authorise(official, ACT)
    letter_case(official, letter)
    return rereading.read_again(letter, now, by=official.pk)
