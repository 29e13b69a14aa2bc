"""Ask to pass what was received on to a third State or an international organisation."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import permissions
from comity.node.casework.acts.ask_use_permission import asking
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case, Side
from comity.node.exchange.models import Letter


@transaction.atomic
def ask_onward_permission(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    purpose: str,
    recipient: str,
    use: str,
    exhibits: Collection[str] = (),
    now: datetime,
) -> Letter:
    """Tell the authority that gave it of the intention, and ask for its prior authorisation.

    Who asked does so for what the answer brought, who was asked for what the request says.
    """
    case, spoken_of = begin_turn(official, "ask_onward_permission", case, items)
    body = {"purpose": purpose, "recipient": recipient} | asking(case, purpose, use, text, exhibits)
    body |= permissions.said_by(case, Side.REQUESTED)
    return say(official, "ask_onward_permission", case, spoken_of, body, now=now)
