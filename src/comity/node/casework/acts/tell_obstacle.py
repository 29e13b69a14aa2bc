"""Tell of what hinders or considerably delays execution."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def tell_obstacle(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    expected: datetime | None = None,
    now: datetime,
) -> Letter:
    """Tell the requesting side what stands in the way, and by when execution is expected if known."""
    case, spoken_of = begin_turn(official, "tell_obstacle", case, items)
    until = canonical.instant_text(expected) if expected else None
    return say(official, "tell_obstacle", case, spoken_of, {"text": text, "expected": until}, now=now)
