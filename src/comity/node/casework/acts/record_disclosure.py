"""Record that what exculpates an accused person was disclosed: no limit bars it, notice belongs to it."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import duties, uses
from comity.node.casework.acts.record_use import keep
from comity.node.casework.letters import item_numbers, read_body
from comity.node.casework.models import Case, Purpose, Use
from comity.node.casework.standing import begin
from comity.node.exhibits.models import Exhibit
from comity.node.pages.wording import Asked, Series, Word


@transaction.atomic
def record_disclosure(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    description: str,
    exhibits: Collection[str] = (),
    notice: str | None = None,
    unannounced: str = "",
    now: datetime,
) -> Use:
    """Record a disclosure after the ``notice`` (id of our letter), or with the reason why none was possible.

    Without prior notice the notice is due from now on, and stands on the case's page until it is sent. Raises
    DutiesUnmetError with the provision where neither is given, NoticeUnknownError, ConsultationOpenError.
    """
    case = begin(official, "record_use", case, uses.holder(case))
    numbers = [item.number for item in uses.items_of(case, items)]
    disclosed = uses.exhibits_of(case, exhibits)
    owed = uses.notice_owed(case)
    if notice is not None:
        _demand_notified(case, notice, numbers, disclosed)
    elif owed and not unannounced.strip():
        raise duties.DutiesUnmetError(duties=Series(Asked(Word(each.id, "duty"), each.cite) for each in owed))
    made = Use(
        case=case,
        purpose=Purpose.EXCULPATORY_DISCLOSURE,
        description=description,
        items=numbers,
        exhibits=[each.number for each in disclosed],
        notice=uuid.UUID(notice) if notice else None,
        unannounced="" if notice or not owed else unannounced,
        at=now,
        by=official,
    )
    return keep(made, disclosed, "disclosure_recorded")


def _demand_notified(case: Case, notice: str, items: Collection[int], disclosed: list[Exhibit]) -> None:
    """The notice is ours, came before the disclosure, and covers it; the other side needs no reply."""
    found = next((each for each in uses.notices(case) if str(each.id) == notice), None)
    named = set(read_body(found).get("exhibits", []))
    told = found is not None and set(items) <= set(item_numbers(found))
    if not told or (named and not {str(each.pk) for each in disclosed} <= named):
        raise uses.NoticeUnknownError(case=case.reference)
    if uses.consultation_open(case):
        raise uses.ConsultationOpenError
