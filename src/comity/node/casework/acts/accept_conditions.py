"""Accept the conditions that the other side offers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import limits
from comity.node.casework.dialogue.saying import answered_letter, begin_turn, say
from comity.node.casework.letters import item_numbers, read_body
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def accept_conditions(
    official: Official, case: Case, *, text: str, letter: str | None = None, now: datetime
) -> Letter:
    """Accept the conditions as offered: from now on they are limits of the case on both sides."""
    offer = answered_letter(case, "accept_conditions", letter)
    case, spoken_of = begin_turn(official, "accept_conditions", case, item_numbers(offer))
    body = {"text": text, "conditions": read_body(offer)["conditions"]}
    accepted = say(official, "accept_conditions", case, spoken_of, body, replying=[offer], now=now)
    limits.lay_down(case, body["conditions"], accepted.id, now)
    return accepted
