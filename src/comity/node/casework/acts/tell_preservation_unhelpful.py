"""Tell that preservation would not help or would do harm: the other side decides what follows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import opinions
from comity.node.casework.dialogue import keeping
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case, Side
from comity.node.exchange.models import Letter


@transaction.atomic
def tell_preservation_unhelpful(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    concerns: Collection[str],
    now: datetime,
) -> Letter:
    """Tell why; until the other side has decided, nothing is ordered for these items.

    ``concerns`` are availability, confidentiality or investigation. Raises RuleMissingError where no
    provision asks for it.
    """
    case, spoken_of = begin_turn(official, "tell_preservation_unhelpful", case, items)
    if not opinions.duty_on(case.opinion or {}, opinions.PRESERVE, keeping.UNHELPFUL, Side.REQUESTED):
        raise opinions.RuleMissingError(rule=keeping.UNHELPFUL)
    body = {"text": text, "concerns": list(dict.fromkeys(concerns))}
    return say(official, "tell_preservation_unhelpful", case, spoken_of, body, now=now)
