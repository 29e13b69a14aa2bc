"""Ask for what a request lacks."""

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
def ask_supplement(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    fields: Collection[str] = (),
    now: datetime,
) -> Letter:
    """Ask the requesting side for more, by field of the law where the opinion asks for it; items wait for it.

    Raises FieldNotAskedError for a field that no provision asks for here.
    """
    case, spoken_of = begin_turn(official, "ask_supplement", case, items)
    deficiencies = opinions.demanded(case.opinion or {}, fields)
    return say(
        official,
        "ask_supplement",
        case,
        spoken_of,
        {"text": text, "deficiencies": deficiencies},
        now=now,
    )
