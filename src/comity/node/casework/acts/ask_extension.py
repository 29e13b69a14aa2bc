"""Ask that items stay preserved longer, while their preservation still runs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import correspondence, opinions
from comity.node.casework.dialogue import answers, keeping
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case, Side
from comity.node.exchange.models import Direction, Letter


@transaction.atomic
def ask_extension(
    official: Official, case: Case, items: Collection[int], *, text: str, until: datetime, now: datetime
) -> Letter:
    """Ask for it until a time, with reasons; what the other side said of the end of the time is answered.

    Raises RuleMissingError where no provision lets it be asked, ExtensionLateError,
    ExtensionNotLongerError.
    """
    case, spoken_of = begin_turn(official, "ask_extension", case, items)
    opinions.power(keeping.of_preservation(case, now), opinions.EXTEND, Side.REQUESTING)
    keeping.demand_running(case, spoken_of, now)
    keeping.demand_longer(case, spoken_of, until, now)
    told = answers.unanswered(case, Direction.IN, {"preservation_expiring"})
    done = correspondence.last_received(case, "preservation_done", "extension_granted")
    replying = [*told, *([done] if done else [])]
    body = {"text": text, "until": canonical.instant_text(until)}
    return say(official, "ask_extension", case, spoken_of, body, replying=replying, now=now)
