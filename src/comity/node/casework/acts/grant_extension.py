"""Grant the extension that the other side asks for."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework.dialogue import keeping
from comity.node.casework.dialogue.saying import answered_letter, begin_turn, say
from comity.node.casework.letters import item_numbers
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def grant_extension(
    official: Official, case: Case, *, text: str, until: datetime, letter: str | None = None, now: datetime
) -> Letter:
    """Keep the items preserved until the time given: the clock of the preservation runs to it on both sides.

    The order to the provider, where it must go on, is issued anew. Raises ExtensionNotLongerError.
    """
    asked = answered_letter(case, "grant_extension", letter)
    case, spoken_of = begin_turn(official, "grant_extension", case, item_numbers(asked))
    keeping.demand_longer(case, spoken_of, until, now)
    clock = keeping.extend(case, spoken_of, until, now)
    body = {
        "text": text,
        "until": canonical.instant_text(until),
        "clock": {"id": clock.kind, "cite": clock.cite},
    }
    return say(official, "grant_extension", case, spoken_of, body, replying=[asked], now=now)
