"""Propose a hearing by video, or another time for one; agree to it exactly as it was proposed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import meetings
from comity.node.casework.dialogue import answers
from comity.node.casework.dialogue.saying import answered_letter, begin_turn, say
from comity.node.casework.letters import item_numbers, read_body
from comity.node.casework.models import Case
from comity.node.exchange.models import Direction, Letter


@transaction.atomic
def propose_hearing(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    hearing: Mapping[str, Any],
    now: datetime,
) -> Letter:
    """Propose a hearing of these items; ``hearing`` are its particulars as the letter has them.

    A proposal of the other side that waits is answered by it. What was agreed stands until both agree anew.
    """
    case, spoken_of = begin_turn(official, "propose_hearing", case, items)
    waiting = answers.unanswered(case, Direction.IN, {"hearing_proposed"})
    body = {**hearing, "text": text, "by": case.side}
    return say(official, "propose_hearing", case, spoken_of, body, replying=waiting, now=now)


@transaction.atomic
def agree_to_hearing(
    official: Official, case: Case, *, text: str, letter: str | None = None, now: datetime
) -> Letter:
    """Agree to the hearing that a letter of the other side proposes."""
    proposed = answered_letter(case, "agree_to_hearing", letter)
    case, spoken_of = begin_turn(official, "agree_to_hearing", case, item_numbers(proposed))
    body = {**meetings.particulars(read_body(proposed)), "text": text, "by": case.side}
    return say(official, "agree_to_hearing", case, spoken_of, body, replying=[proposed], now=now)
