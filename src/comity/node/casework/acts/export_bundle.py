"""Order the court bundle of a case."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework import disclosing, events, limits
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.models import Case
from comity.node.casework.standing import NotNowError
from comity.node.casework.writing import numbers
from comity.node.directory import known
from comity.node.exhibits import bundle, closing
from comity.node.exhibits.models import Bundle, Exhibit


@transaction.atomic
def export_bundle(official: Official, case: Case, *, now: datetime) -> Bundle:
    """Record the export in each exhibit's custody and queue the making of the sealed bundle."""
    authorise(official, "export_bundle")
    case = Case.objects.select_for_update().get(pk=case.pk)
    demand_entitled(official, case)
    if not Exhibit.objects.filter(case_reference=case.reference).exists():
        raise NotNowError(case=case.reference, standing=case.actual)
    asked = bundle.ask(official, case.reference, describe(case), now=now)
    events.note(case, "bundle_asked", now=now, by=official)
    return asked


def describe(case: Case) -> dict[str, object]:
    """``case.json`` of the bundle: references, parties, basis, items and limits."""
    own = known.own()
    sides = [{"id": own.id, "state": own.state, "name": str(own)}]
    sides.append({"id": case.peer_id, "state": case.peer.state, "name": str(case.peer)})
    return {
        "schema": "comity-case/1",
        "case": numbers(case),
        "side": case.side,
        "authorities": sides,
        "heading": case.heading,
        "instrument": case.instrument,
        "opened_at": canonical.instant_text(case.opened_at),
        "disclosure": {"listed": disclosing.as_json(case), "undecided": disclosing.undecided(case)},
        "withheld": [each.number for each in closing.closed_of_case(case.reference)],
        "items": [
            {"number": item.number, "measure": item.measure, "desired": item.desired, "actual": item.actual}
            for item in case.items.all()
        ],
        "limits": [
            {"id": each.limit, "cite": each.cite, "text": each.text or None, "letter": str(each.letter)}
            for each in limits.of_answer(case)
        ],
    }
