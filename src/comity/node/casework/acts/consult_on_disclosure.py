"""Ask to be consulted before something exculpatory is disclosed, after notice of it came."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework.dialogue.saying import answered_letter, begin_turn, say
from comity.node.casework.letters import item_numbers
from comity.node.casework.models import Case
from comity.node.casework.uses import DISCLOSURE
from comity.node.exchange.models import Letter


@transaction.atomic
def consult_on_disclosure(
    official: Official, case: Case, *, text: str, letter: str | None = None, now: datetime
) -> Letter:
    """Consult on the disclosure that a notice announces: until there is a reply it waits."""
    notice = answered_letter(case, "consult_on_disclosure", letter)
    case, spoken_of = begin_turn(official, "consult_on_disclosure", case, item_numbers(notice))
    body = {"text": text, "by": case.side, "about": DISCLOSURE}
    return say(official, "consult_on_disclosure", case, spoken_of, body, replying=[notice], now=now)
