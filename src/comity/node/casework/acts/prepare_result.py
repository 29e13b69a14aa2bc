"""Prepare the result of execution: what each item brought, the exhibits, the limits on their use."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import events, opinions, ordering
from comity.node.casework.limits import accepted_with
from comity.node.casework.models import Case, Item, Side
from comity.node.casework.standing import NotNowError, begin
from comity.node.exhibits.models import Exhibit
from comity.node.ledger import entries


@transaction.atomic
def prepare_result(
    official: Official,
    case: Case,
    *,
    authenticity: str,
    notes: Mapping[int, str] | None = None,
    limits: Collection[str] | None = None,
    now: datetime,
) -> Case:
    """Put the result together for a second person to release.

    ``authenticity`` is the statement on the evidence's origin, ``notes`` a remark by item number, ``limits``
    the ids of those the law lets this side attach (when None, those that apply whatever else is the case).
    Raises NotNowError while there is no evidence or a provider has not answered.
    """
    case = begin(official, "prepare_result", case, Side.REQUESTED)
    items = list(case.items.filter(desired__in=("disclosed", "executed"), actual="in_execution"))
    exhibits = Exhibit.objects.filter(case_reference=case.reference, letter=None).order_by(
        "taken_in_at", "number"
    )
    if not items or not exhibits or any(ordering.awaits_answer(item) for item in items):
        raise NotNowError(case=case.reference, standing=case.actual)
    case.draft = {
        "prepared_by": official.pk,
        "authenticity": authenticity,
        "limits": accepted_with(case, _limits(case, limits)),
        "items": [_item(item, (notes or {}).get(item.number, ""), exhibits) for item in items],
    }
    case.changed_at = now
    case.save(update_fields=["draft", "changed_at"])
    content = {
        "what": "result_prepared",
        "case": case.reference,
        "items": [item.number for item in items],
        "by": official.pk,
    }
    entry = entries.append("result_prepared", case.reference, content, now=now)
    events.note(case, "result_prepared", now=now, by=official, entry=entry)
    return case


def _limits(case: Case, wanted: Collection[str] | None) -> list[dict[str, Any]]:
    available = opinions.limits(case.opinion or {"limits": []})
    return [
        {"id": each["id"], "cite": each["cite"], "text": None}
        for each in available
        if (opinions.applies(each) if wanted is None else each["id"] in wanted)
    ]


def _item(item: Item, note: str, exhibits: Collection[Exhibit]) -> dict[str, Any]:
    own = [str(each.id) for each in exhibits if each.item_number == item.number]
    return {"number": item.number, "actual": "executed", "note": note, "exhibits": own}
