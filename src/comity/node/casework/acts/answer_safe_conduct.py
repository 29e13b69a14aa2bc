"""Answer the warning that a case's measure would touch a person who is here under safe conduct."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.accounts.models import Official
from comity.node.casework import events, identities, safe_conducts
from comity.node.casework.attending import ConductAnswer
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.models import Case
from comity.node.ledger import entries


@transaction.atomic
def answer_safe_conduct(
    official: Official, case: Case, conduct: int, *, reasons: str, now: datetime
) -> ConductAnswer:
    """Say why the measure is for nothing that lies before the person came; from then on it may go on.

    NothingThereError where no such warning waits in the case.
    """
    authorise(official, "answer_safe_conduct")
    case = Case.objects.select_for_update().get(pk=case.pk)
    demand_entitled(official, case)
    waiting = {each.pk: each for each in safe_conducts.warnings(case, now)}
    if conduct not in waiting:
        raise NothingThereError(name=str(conduct))
    identities.demand_absent(case, reasons)
    made = ConductAnswer.objects.create(
        conduct=waiting[conduct], case=case, reasons=reasons, by=official, at=now
    )
    content = {
        "what": "safe_conduct_answered",
        "case": case.reference,
        "of": waiting[conduct].item.case.reference,
        "cite": waiting[conduct].cite,
        "by": official.pk,
    }
    entry = entries.append("safe_conduct_answered", case.reference, content, now=now)
    events.note(case, "safe_conduct_answered", now=now, by=official, entry=entry)
    return made
