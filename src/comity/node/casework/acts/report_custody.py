"""Tell the other side what was done here with the exhibits it gave: one chain spans both States."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import uses
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter
from comity.node.exhibits import continuing
from comity.terms import ComityError, gettext_noop


class NothingReceivedError(ComityError):
    """Nothing was received on the items, so there is no custody to tell of."""

    code = "nothing_received"
    message = gettext_noop("No exhibit was received on these items of case {case}.")
    next_step = gettext_noop("Choose items whose exhibits stand in the case.")


@transaction.atomic
def report_custody(
    official: Official, case: Case, items: Collection[int], *, text: str, now: datetime
) -> Letter:
    """Tell every record of this State's custody of the exhibits that were received on these items.

    Raises NothingReceivedError where none was.
    """
    case, spoken_of = begin_turn(official, "report_custody", case, items)
    numbers = {item.number for item in spoken_of}
    received = [each for each in uses.received(case) if each.item_number in numbers]
    told = [record for each in received for record in continuing.own(each)]
    if not told:
        raise NothingReceivedError(case=case.reference)
    return say(official, "report_custody", case, spoken_of, {"text": text, "custody": told}, now=now)
