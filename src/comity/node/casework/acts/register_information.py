"""Enter information that arrived without request in the books, and tie it to a case."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import correspondence, events
from comity.node.casework.acts.change_access import assign
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.models import Case, CaseKind, Side
from comity.node.casework.standing import NotNowError, begin
from comity.node.ledger import entries


@transaction.atomic
def register_information(official: Official, case: Case, *, now: datetime) -> Case:
    """Register it under the number it has had since it arrived; its limits bind, and no letter answers it."""
    case = begin(official, "register_request", case, Side.REQUESTED)
    arrived = correspondence.last_received(case, "information")
    if arrived is None or arrived.generation <= case.registered_generation:
        raise NotNowError(case=case.reference, standing=case.actual)
    case.registered_generation, case.actual, case.changed_at = arrived.generation, "registered", now
    case.executing_officer = case.executing_officer or official
    case.save()
    assign(official, case, now)
    content = {"what": "information_registered", "case": case.reference, "by": official.pk}
    entry = entries.append("information_registered", case.reference, content, now=now)
    events.note(
        case,
        "information_registered",
        now=now,
        by=official,
        letter=arrived.id,
        entry=entry,
        reference=case.reference,
    )
    return case


@transaction.atomic
def tie_information(official: Official, case: Case, other: Case, *, now: datetime) -> None:
    """Note on both cases that the information belongs to the other one; its limits go on to bind."""
    case = begin(official, "tie_information", case, Side.REQUESTED)
    demand_entitled(official, other)
    if case.kind != CaseKind.INFORMATION or not case.registered_generation or other.pk == case.pk:
        raise NotNowError(case=case.reference, standing=case.actual)
    for one, tied in ((case, other), (other, case)):
        events.note(one, "information_tied", now=now, by=official, reference=tied.reference)
