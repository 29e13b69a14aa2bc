"""Record an attempt to serve a document on its addressee."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import events, identities
from comity.node.casework.attending import Attempt
from comity.node.casework.executing import demand_executed_here
from comity.node.casework.models import Case, Side
from comity.node.casework.serving import SERVE
from comity.node.casework.standing import NotYetHappenedError, begin
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

FOUND_NOBODY = frozenset({"not_found"})


class ServedOnNobodyError(ComityError):
    """The document counts as served although the addressee was not found."""

    code = "served_on_nobody"
    message = gettext_noop("A document cannot count as served when the addressee was not found.")
    next_step = gettext_noop("Record what became of the document, or that it was not served.")


@transaction.atomic
def record_service(
    official: Official,
    case: Case,
    number: int,
    *,
    happened_at: datetime,
    place: str,
    server: str,
    way: str,
    outcome: str,
    served: bool,
    handed_to: str = "",
    note: str = "",
    now: datetime,
) -> Attempt:
    """Record one attempt on item ``number``; ``server`` is the post of whoever tried, ``served`` whether it
    counts as service under our own law. Raises NotYetHappenedError, ServedOnNobodyError.
    """
    case = begin(official, "record_service", case, Side.REQUESTED)
    item = demand_executed_here(case, number, SERVE, now)
    if happened_at > now:
        raise NotYetHappenedError
    if served and outcome in FOUND_NOBODY:
        raise ServedOnNobodyError
    said = {"place": place, "server": server, "handed_to": handed_to, "note": note}
    identities.demand_absent(case, said)
    made = Attempt.objects.create(
        item=item,
        happened_at=happened_at.replace(microsecond=0),
        way=way,
        outcome=outcome,
        served=served,
        by=official,
        at=now,
        **said,
    )
    content = {
        "what": "service_recorded",
        "case": case.reference,
        "item": number,
        "happened_at": canonical.instant_text(made.happened_at),
        "outcome": outcome,
        "served": served,
        "by": official.pk,
    }
    entry = entries.append("service_recorded", case.reference, content, now=now)
    events.note(case, "service_recorded", now=now, by=official, entry=entry, item=number, attempt=outcome)
    return made
