"""Decide whether data are to be preserved although the other side says that it would not help."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import statuses
from comity.node.casework.dialogue.saying import answered_letter, begin_turn, say
from comity.node.casework.letters import item_numbers
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def decide_on_preservation(
    official: Official, case: Case, *, text: str, decision: str, letter: str | None = None, now: datetime
) -> Letter:
    """Let it go on, or withdraw the items (``decision`` is go_on or withdraw)."""
    told = answered_letter(case, "decide_on_preservation", letter)
    case, spoken_of = begin_turn(official, "decide_on_preservation", case, item_numbers(told))
    if decision == "withdraw":
        statuses.set_desired(case, spoken_of, "withdrawn")
    body = {"text": text, "decision": decision}
    return say(official, "decide_on_preservation", case, spoken_of, body, replying=[told], now=now)
