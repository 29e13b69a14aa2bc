"""Decline the extension that the other side asks for."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework.dialogue.saying import answered_letter, begin_turn, say
from comity.node.casework.letters import item_numbers
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def decline_extension(
    official: Official, case: Case, *, text: str, letter: str | None = None, now: datetime
) -> Letter:
    """Decline it, with reasons; the clock runs on as it was."""
    asked = answered_letter(case, "decline_extension", letter)
    case, spoken_of = begin_turn(official, "decline_extension", case, item_numbers(asked))
    return say(official, "decline_extension", case, spoken_of, {"text": text}, replying=[asked], now=now)
