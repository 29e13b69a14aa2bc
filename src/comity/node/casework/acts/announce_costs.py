"""Announce costs beyond the ordinary, to agree on them before execution."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def announce_costs(
    official: Official, case: Case, items: Collection[int], *, text: str, amount: str, now: datetime
) -> Letter:
    """Tell the requesting side what execution is expected to cost; ``amount`` is a sum with its currency."""
    case, spoken_of = begin_turn(official, "announce_costs", case, items)
    return say(official, "announce_costs", case, spoken_of, {"text": text, "amount": amount}, now=now)
