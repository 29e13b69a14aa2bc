"""Report that the data are preserved: the preservation clock begins on both sides."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.letters.bodies import REQUESTS
from comity.node.accounts.models import Official
from comity.node.casework import correspondence, events, ordering, running, statuses, writing
from comity.node.casework.models import Case, Item, Side
from comity.node.casework.standing import NotNowError, begin
from comity.node.exchange.models import Letter
from comity.node.ledger import entries
from comity.node.orders.models import OrderKind, OrderState


@transaction.atomic
def report_preservation(official: Official, case: Case, *, now: datetime) -> Letter:
    """Report every item whose provider has preserved; NotNowError while one of them has not answered.

    The clock starts when the last of them preserved, by its provider's answer.
    """
    case = begin(official, "report_preservation", case, Side.REQUESTED)
    items = list(case.items.filter(desired="preserved", actual="in_execution"))
    if not items:
        raise NotNowError(case=case.reference, standing=case.actual)
    preserved_at = max(_preserved_at(case, item) for item in items)
    statuses.set_actual(case, items, "preserved")
    clock = running.on_preservation(case, preserved_at)
    case.items.filter(pk__in=[item.pk for item in items]).update(preserved_until=clock.due_at)
    until = canonical.instant_text(clock.due_at)  # type: ignore[arg-type]  # it has a duration
    body = {
        "reference": case.reference,
        "items": [{"number": item.number, "actual": item.actual, "note": item.note} for item in items],
        "preserved_at": canonical.instant_text(preserved_at),
        "until": until,
        "clock": {"id": clock.kind, "cite": clock.cite},
    }
    people = [writing.person("signatory", official, now)]
    answers = correspondence.answering(case, *REQUESTS)
    letter = writing.write(case, "preservation_done", body, people, answers=answers, now=now)
    case.changed_at = now
    case.save()
    content = {
        "what": "preservation_reported",
        "case": case.reference,
        "letter": str(letter.id),
        "by": official.pk,
    }
    entry = entries.append("preservation_reported", case.reference, content, now=now)
    events.note(
        case, "preservation_reported", now=now, by=official, letter=letter.id, entry=entry, until=until
    )
    return letter


def _preserved_at(case: Case, item: Item) -> datetime:
    """When the item's providers had preserved, by their answers; NotNowError while one has not."""
    orders = list(ordering.wanted(item, OrderKind.PRESERVE))
    times = [_answered_at(order.answer) for order in orders if order.state == OrderState.DONE]
    if not orders or len(times) < len(orders):
        raise NotNowError(case=case.reference, standing=item.actual)
    return max(times)


def _answered_at(answer: dict[str, str] | None) -> datetime:
    return canonical.read_instant((answer or {})["at"])
