"""Reply in a consultation, on costs, or on whether to go on where confidentiality cannot be kept."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework.dialogue.saying import answered_letter, begin_turn, say
from comity.node.casework.letters import item_numbers
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def reply_to_consultation(
    official: Official, case: Case, *, text: str, letter: str | None = None, now: datetime
) -> Letter:
    """Reply to the letter named (by default the newest that waits), on all its items."""
    asked = answered_letter(case, "reply_to_consultation", letter)
    case, spoken_of = begin_turn(official, "reply_to_consultation", case, item_numbers(asked))
    body = {"text": text, "by": case.side}
    return say(official, "reply_to_consultation", case, spoken_of, body, replying=[asked], now=now)
