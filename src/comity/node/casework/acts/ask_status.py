"""Ask how a request stands."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def ask_status(official: Official, case: Case, items: Collection[int], *, text: str, now: datetime) -> Letter:
    """Ask the requested side how these items stand."""
    case, spoken_of = begin_turn(official, "ask_status", case, items)
    return say(official, "ask_status", case, spoken_of, {"text": text}, now=now)
