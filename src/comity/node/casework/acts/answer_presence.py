"""Consent to the presence of the other side's officials, with time and place; or decline it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework.dialogue import answers
from comity.node.casework.dialogue.saying import answered_letter, begin_turn, say
from comity.node.casework.letters import item_numbers
from comity.node.casework.models import Case
from comity.node.exchange.models import Direction, Letter


@transaction.atomic
def grant_presence(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    place: str,
    begins_at: datetime,
    ends_at: datetime,
    standing: str,
    now: datetime,
) -> Letter:
    """Consent: where, from when to when, and what those present may do there.

    It answers every letter that asks for it, or the request itself where that asked.
    """
    case, spoken_of = begin_turn(official, "grant_presence", case, items)
    asking = answers.unanswered(case, Direction.IN, {"presence_asked"})
    body = {
        "text": text,
        "place": place,
        "begins_at": canonical.instant_text(begins_at),
        "ends_at": canonical.instant_text(ends_at),
        "standing": standing,
    }
    return say(official, "grant_presence", case, spoken_of, body, replying=asking, now=now)


@transaction.atomic
def decline_presence(
    official: Official, case: Case, *, text: str, letter: str | None = None, now: datetime
) -> Letter:
    """Decline the presence that a letter asks for."""
    asked = answered_letter(case, "decline_presence", letter)
    case, spoken_of = begin_turn(official, "decline_presence", case, item_numbers(asked))
    return say(official, "decline_presence", case, spoken_of, {"text": text}, replying=[asked], now=now)
