"""Refuse execution of an item: only on a ground the treaty permits, after the duties it ties to refusal."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from comity.letters.bodies import REQUESTS
from comity.node.accounts.models import Official
from comity.node.casework import correspondence, duties, events, opinions, running, signing, statuses, writing
from comity.node.casework.dialogue import answers
from comity.node.casework.models import Case, Item, Side
from comity.node.casework.standing import NotNowError, begin
from comity.node.exchange.models import Letter
from comity.node.ledger import entries


@transaction.atomic
def refuse_execution(
    official: Official, case: Case, item: Item, *, ground: str, reasons: str, now: datetime
) -> Letter:
    """Refuse one item and tell the other side.

    ``ground`` is the citation of a permitted ground. That the sides consulted is proved by their letters.
    Raises GroundNotPermittedError for a barred or unknown ground, DutiesUnmetError naming what the law asks.
    """
    case = begin(official, "refuse_execution", case, Side.REQUESTED)
    signing.demand_two(official, "refuse_execution", case)
    item = case.items.get(pk=item.pk)
    if item.actual in statuses.FINISHED or not item.actual:
        raise NotNowError(case=case.reference, standing=item.actual)
    opinions.demand_ground(case.opinion or {}, opinions.REFUSE, ground)
    met = {"give_reasons"} if reasons.strip() else set()
    duties.demand(case, "refuse_execution", met | answers.met(case, [item.number]))
    item.ground, item.reasons = ground, reasons
    statuses.set_actual(case, [item], "refused")
    letter = _write(official, case, item, now)
    if case.actual in statuses.FINISHED:
        running.on_decision(case, now)
    case.changed_at = now
    case.save()
    content: dict[str, Any] = {
        "what": "execution_refused",
        "case": case.reference,
        "item": item.number,
        "letter": str(letter.id),
        "by": official.pk,
    }
    entry = entries.append("execution_refused", case.reference, content, now=now)
    events.note(
        case,
        "execution_refused",
        now=now,
        by=official,
        letter=letter.id,
        entry=entry,
        item=item.number,
        ground=ground,
    )
    return letter


def _write(official: Official, case: Case, item: Item, now: datetime) -> Letter:
    body = {
        "reference": case.reference,
        "items": [{"number": item.number, "ground": {"cite": item.ground}, "reasons": item.reasons}],
        "consulted": answers.consulted(case, "refusal", [item.number]),
        **_no_answer(case, [item.number]),
    }
    people = writing.signatory(official, "refuse_execution", now)
    return writing.write(
        case, "refusal", body, people, answers=correspondence.answering(case, *REQUESTS), now=now
    )


def _no_answer(case: Case, numbers: Collection[int]) -> dict[str, str]:
    """The day by which the other side was asked to answer and did not, where that is on record."""
    day = answers.no_answer_by(case, "refusal", numbers)
    return {"no_answer_by": day} if day else {}
