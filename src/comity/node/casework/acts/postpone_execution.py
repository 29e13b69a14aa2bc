"""Postpone execution: only on a ground the treaty permits, after the duties it ties to postponement."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import opinions
from comity.node.casework.dialogue import answers
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def postpone_execution(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    ground: str,
    until: datetime | None = None,
    now: datetime,
) -> Letter:
    """Postpone these items and tell the other side; ``until`` is the day they are looked at again.

    Raises GroundNotPermittedError for a ground that does not let execution be postponed, DutiesUnmetError
    naming what the law asks first.
    """
    case, spoken_of = begin_turn(official, "postpone_execution", case, items)
    opinions.demand_ground(case.opinion or {}, opinions.POSTPONE, ground)
    for item in spoken_of:
        item.ground, item.reasons = ground, text
    body = {
        "items": [{"number": item.number, "ground": {"cite": ground}} for item in spoken_of],
        "text": text,
        "until": canonical.instant_text(until) if until else None,
        "consulted": answers.consulted(case, "postponement", items),
        **_no_answer(case, items),
    }
    return say(official, "postpone_execution", case, spoken_of, body, now=now)


def _no_answer(case: Case, numbers: Collection[int]) -> dict[str, str]:
    """The day by which the other side was asked to answer and did not, where that is on record."""
    day = answers.no_answer_by(case, "postponement", numbers)
    return {"no_answer_by": day} if day else {}
