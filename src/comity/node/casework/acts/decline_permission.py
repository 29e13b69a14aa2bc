"""Decline another use, or passing on, with the reasons."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import permissions
from comity.node.casework.dialogue.saying import answered_letter, begin_turn, say
from comity.node.casework.letters import item_numbers
from comity.node.casework.models import Case, Side
from comity.node.exchange.models import Letter


@transaction.atomic
def decline_use_permission(
    official: Official, case: Case, *, text: str, letter: str | None = None, now: datetime
) -> Letter:
    """Decline the use that a letter asks for; ``text`` gives the reasons."""
    return _decline(official, "decline_use_permission", case, text, letter, now)


@transaction.atomic
def decline_onward_permission(
    official: Official, case: Case, *, text: str, letter: str | None = None, now: datetime
) -> Letter:
    """Decline passing on as a letter asks for it; ``text`` gives the reasons."""
    return _decline(official, "decline_onward_permission", case, text, letter, now)


def _decline(
    official: Official, act: str, case: Case, text: str, letter: str | None, now: datetime
) -> Letter:
    asked = answered_letter(case, act, letter)
    case, spoken_of = begin_turn(official, act, case, item_numbers(asked))
    body = {"text": text} | permissions.said_by(case, Side.REQUESTING)
    return say(official, act, case, spoken_of, body, replying=[asked], now=now)
