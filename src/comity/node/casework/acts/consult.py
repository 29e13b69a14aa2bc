"""Consult the other side before a decision."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def consult(
    official: Official, case: Case, items: Collection[int], *, text: str, about: str, now: datetime
) -> Letter:
    """Consult about these items; ``about`` is refusal, postponement, costs or other."""
    case, spoken_of = begin_turn(official, "consult", case, items)
    return say(official, "consult", case, spoken_of, {"text": text, "by": case.side, "about": about}, now=now)
