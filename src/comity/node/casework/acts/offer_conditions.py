"""Offer help on conditions, where the treaty lets accepted conditions bind."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import opinions
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def offer_conditions(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    conditions: Collection[tuple[str, str]],
    now: datetime,
) -> Letter:
    """Offer conditions, each a kind of limit and its words; nothing binds before they are accepted.

    Raises RuleMissingError where no provision lets conditions bind.
    """
    case, spoken_of = begin_turn(official, "offer_conditions", case, items)
    opinion = case.opinion or {}
    offered = [
        {"id": limit, "cite": opinions.condition_rests_on(opinion, limit), "text": words}
        for limit, words in conditions
    ]
    return say(official, "offer_conditions", case, spoken_of, {"text": text, "conditions": offered}, now=now)
