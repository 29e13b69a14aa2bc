"""Withdraw a request, whole or in part: the help is no longer needed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def withdraw_request(
    official: Official, case: Case, items: Collection[int], *, text: str, now: datetime
) -> Letter:
    """Withdraw these items and tell the other side; it then stops and says so."""
    case, spoken_of = begin_turn(official, "withdraw_request", case, items)
    return say(official, "withdraw_request", case, spoken_of, {"text": text}, now=now)
