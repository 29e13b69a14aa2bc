"""Say how a request stands; put execution in motion again, or stop what was withdrawn."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import ordering, statuses
from comity.node.casework.dialogue import answers
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case, Item
from comity.node.exchange.models import Direction, Letter


@transaction.atomic
def tell_status(
    official: Official, case: Case, items: Collection[int], *, text: str, now: datetime
) -> Letter:
    """Tell how these items stand, in answer to every question about it that waits."""
    case, spoken_of = begin_turn(official, "tell_status", case, items)
    return _tell(official, "tell_status", case, spoken_of, text, "status_asked", now)


@transaction.atomic
def resume_execution(
    official: Official, case: Case, items: Collection[int], *, text: str, now: datetime
) -> Letter:
    """Take up these items again after a supplement, a postponement or a forwarding."""
    case, spoken_of = begin_turn(official, "resume_execution", case, items)
    for item in spoken_of:
        item.ground = item.reasons = ""
        statuses.set_actual(case, [item], "in_execution" if ordering.has_orders(item) else "registered")
    return _tell(official, "resume_execution", case, spoken_of, text, "supplement", now)


@transaction.atomic
def stop_execution(
    official: Official, case: Case, items: Collection[int], *, text: str, now: datetime
) -> Letter:
    """Stop what the requesting side has withdrawn, and confirm it."""
    case, spoken_of = begin_turn(official, "stop_execution", case, items)
    statuses.set_actual(case, spoken_of, "withdrawn")
    case.draft = None  # a result that was being prepared
    return _tell(official, "stop_execution", case, spoken_of, text, "withdrawal", now)


def _tell(
    official: Official, act: str, case: Case, items: list[Item], text: str, asked: str, now: datetime
) -> Letter:
    told = [{"number": item.number, "actual": item.actual, "note": item.note} for item in items]
    replying = answers.unanswered(case, Direction.IN, {asked})
    return say(official, act, case, items, {"items": told, "text": text}, replying=replying, now=now)
