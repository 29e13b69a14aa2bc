"""Tell that a request cannot be executed without disclosing it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def tell_confidentiality_impossible(
    official: Official, case: Case, items: Collection[int], *, text: str, now: datetime
) -> Letter:
    """Tell the requesting side, which then decides whether it is to be executed all the same."""
    case, spoken_of = begin_turn(official, "tell_confidentiality_impossible", case, items)
    return say(official, "tell_confidentiality_impossible", case, spoken_of, {"text": text}, now=now)
