"""Ask that officials of this side be present at the execution."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def ask_presence(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    officials: Collection[tuple[str, str]],
    now: datetime,
) -> Letter:
    """Ask for the presence of ``officials``: the post and the authority of each."""
    case, spoken_of = begin_turn(official, "ask_presence", case, items)
    named = [{"post": post, "authority": authority} for post, authority in officials]
    return say(official, "ask_presence", case, spoken_of, {"text": text, "officials": named}, now=now)
