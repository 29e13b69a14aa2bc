"""Tell the other side that a preservation ends soon."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework.dialogue import keeping
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.casework.standing import NotNowError
from comity.node.exchange.models import Letter


@transaction.atomic
def tell_preservation_ending(
    official: Official, case: Case, items: Collection[int], *, text: str, now: datetime
) -> Letter:
    """Tell when the items are no longer preserved, once the reminder of the clock is due.

    Raises NotNowError while the preservation does not end soon, or where it has ended.
    """
    case, spoken_of = begin_turn(official, "tell_preservation_ending", case, items)
    until, soon = keeping.ending(spoken_of), keeping.ends_soon(case, now)
    if until is None or soon is None or not now < until <= (soon.due_at or now):
        raise NotNowError(case=case.reference, standing=case.actual)
    body = {"text": text, "until": canonical.instant_text(until)}
    return say(official, "tell_preservation_ending", case, spoken_of, body, now=now)
