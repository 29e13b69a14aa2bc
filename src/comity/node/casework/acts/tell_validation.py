"""Tell that an emergency request was validated after it was sent."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import emergencies
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.casework.standing import NotYetHappenedError
from comity.node.exchange.models import Letter


@transaction.atomic
def tell_validation(
    official: Official,
    case: Case,
    *,
    text: str,
    validated_by: str,
    decision: str,
    decided_at: datetime,
    now: datetime,
) -> Letter:
    """Who validated it, by which decision, when: the clock is met on both nodes, and no restriction falls.

    Raises NoEmergencyError, AlreadyValidatedError, EmergencyOverError once its time has passed,
    NotYetHappenedError for a decision to come.
    """
    numbers = [each.number for each in emergencies.items(case)]
    emergencies.demand_validatable(case, numbers, now)
    if decided_at > now:
        raise NotYetHappenedError
    case, spoken_of = begin_turn(official, "tell_validation", case, numbers)
    row = emergencies.demand_validatable(case, numbers, now)  # again: another may have written meanwhile
    body = {
        "text": text,
        "validated_by": validated_by,
        "decision": decision,
        "decided_at": canonical.instant_text(decided_at),
    }
    letter = say(official, "tell_validation", case, spoken_of, body, now=now)
    emergencies.validate(row, letter.pk, now)
    return letter
