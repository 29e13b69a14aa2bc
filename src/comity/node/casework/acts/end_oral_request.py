"""Put on record that an oral request will not be confirmed in writing."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import events, identities, oral, running, statuses
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.models import Case, OralRequest, Side
from comity.node.casework.standing import NotNowError
from comity.node.ledger import entries


@transaction.atomic
def end_oral_request(official: Official, case: Case, *, reason: str, now: datetime) -> OralRequest:
    """Nothing in writing is awaited any more, for a reason that an official gives.

    On the side that was asked its items count as withdrawn, and still no letter leaves the case. Raises
    NotNowError where no oral request of the case waits.
    """
    authorise(official, "end_oral_request")
    case = Case.objects.select_for_update().get(pk=case.pk)
    demand_entitled(official, case)
    noted = oral.awaiting(case)
    if noted is None:
        raise NotNowError(case=case.reference, standing=case.actual or case.preparation)
    identities.demand_absent(case, reason)
    noted.ended_at, noted.reason = now, reason
    noted.save(update_fields=["ended_at", "reason"])
    running.on_unconfirmed(case, now)
    if case.side == Side.REQUESTED:
        statuses.set_actual(case, case.items.all(), "withdrawn")
    case.changed_at = now
    case.save()
    content = {"what": "oral_request_ended", "case": case.reference, "by": official.pk}
    entry = entries.append("oral_request_ended", case.reference, content, now=now)
    events.note(case, "oral_request_ended", now=now, by=official, entry=entry, reason=reason)
    return noted
