"""Decline the conditions that the other side offers."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework.dialogue.saying import answered_letter, begin_turn, say
from comity.node.casework.letters import item_numbers
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def decline_conditions(
    official: Official, case: Case, *, text: str, letter: str | None = None, now: datetime
) -> Letter:
    """Decline the conditions; what follows the requested side decides."""
    offer = answered_letter(case, "decline_conditions", letter)
    case, spoken_of = begin_turn(official, "decline_conditions", case, item_numbers(offer))
    return say(official, "decline_conditions", case, spoken_of, {"text": text}, replying=[offer], now=now)
