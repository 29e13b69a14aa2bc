"""Revoke an emergency request: it does not hold, or nobody validates it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import emergencies
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def revoke_emergency(official: Official, case: Case, *, text: str, now: datetime) -> Letter:
    """Revoke it with reasons: what was not given is withdrawn, what was given is barred from use here.

    Raises NoEmergencyError, EmergencyOverError.
    """
    numbers = [each.number for each in emergencies.items(case)]
    emergencies.demand_revocable(case, numbers)
    case, spoken_of = begin_turn(official, "revoke_emergency", case, numbers)
    row = emergencies.demand_revocable(case, numbers)  # again: another may have written meanwhile
    letter = say(official, "revoke_emergency", case, spoken_of, {"text": text}, now=now)
    emergencies.revoke(case, row, letter.pk, now)
    case.save()
    return letter
