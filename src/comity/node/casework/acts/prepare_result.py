"""Prepare the result of execution: what each item brought, the exhibits, the limits on their use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import events, languages, opinions, safe_conducts, serving
from comity.node.casework.limits import accepted_with
from comity.node.casework.models import Case, Item, Side
from comity.node.casework.outcomes import EXECUTED, PART, awaits_answer, demand_told, open_items
from comity.node.casework.standing import NotNowError, begin
from comity.node.exhibits import closing
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
    outcomes: Mapping[int, str] | None = None,
    spoken: Mapping[str, Any] | None = None,
    now: datetime,
) -> Case:
    """Put the result together for a second person to release.

    ``authenticity`` is the statement on the evidence's origin, ``notes`` a remark by item number, ``limits``
    the ids of those the law lets this side attach (when None, those that apply whatever else is the case).
    ``outcomes`` says by item number what came of it (executed, partly_executed, impossible); items that it
    leaves out go on, and when it is None every item in execution counts as executed. ``spoken`` is what the
    letter says of its language and translations.
    Raises TranslationUnreadyError for half a translation, NotNowError while there is nothing to tell or a
    provider has not answered, and the errors of ``outcomes``.
    """
    case = begin(official, "prepare_result", case, Side.REQUESTED)
    safe_conducts.demand_none_touched(official, case, now)
    notes = notes or {}
    exhibits = Exhibit.objects.filter(
        case_reference=case.reference, letter=None, wrapped_key__isnull=False
    ).order_by("taken_in_at", "number")
    shut = closing.closed(each.pk for each in exhibits)
    withheld = [pk for pk, closure in shut.items() if not closure.waiting]
    exhibits = exhibits.exclude(pk__in=withheld)
    brought = Counter(each.item_number for each in exhibits if each.item_number)
    told = _every_item(case) if outcomes is None else dict(outcomes)
    brought += serving.brought(case.items.all())
    if not told or (outcomes is None and not brought):
        raise NotNowError(case=case.reference, standing=case.actual)
    if outcomes is None:
        items = [item for item in open_items(case.items.all()) if item.number in told]
    else:
        items = demand_told(case, told, notes, brought)
    if awaits_answer(items, told):
        raise NotNowError(case=case.reference, standing=case.actual)
    case.draft = {
        "prepared_by": official.pk,
        "authenticity": authenticity,
        "limits": accepted_with(case, _limits(case, limits)),
        "items": [_item(item, told[item.number], notes.get(item.number, ""), exhibits) for item in items],
        **(spoken or {}),
    }
    languages.demand_whole(case, case.draft, case.draft["limits"])
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


def _every_item(case: Case) -> dict[int, str]:
    """Every item in execution, as executed."""
    items = open_items(case.items.all())
    return {item.number: EXECUTED for item in items if item.actual != PART}


def _limits(case: Case, wanted: Collection[str] | None) -> list[dict[str, Any]]:
    available = opinions.limits(case.opinion or {"limits": []})
    return [
        {"id": each["id"], "cite": each["cite"], "text": None}
        for each in available
        if (opinions.applies(each) if wanted is None else each["id"] in wanted)
    ]


def _item(item: Item, outcome: str, note: str, exhibits: Collection[Exhibit]) -> dict[str, Any]:
    own = [str(each.id) for each in exhibits if each.item_number == item.number]
    said = {"number": item.number, "actual": outcome, "note": note, "exhibits": own}
    return said | serving.told(item, outcome)
