"""Give the other side notice of a disclosure of what exculpates an accused person."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework import uses
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case, CaseKind, Use
from comity.node.exchange.models import Letter
from comity.node.exhibits.models import Exhibit


@transaction.atomic
def notify_exculpatory_disclosure(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    exhibits: Collection[str] = (),
    disclosure: int | None = None,
    now: datetime,
) -> Letter:
    """Give notice before a disclosure, or (``disclosure`` is the row of one) without delay after it.

    Notice after a disclosure is about the items and exhibits that were disclosed. NoticeUnknownError for a
    disclosure of which no notice is due.
    """
    made = _due(case, disclosure) if disclosure is not None else None
    if made:
        items = made.items
        exhibits = [str(each.pk) for each in Exhibit.objects.filter(number__in=made.exhibits)]
    case, spoken_of = begin_turn(official, "notify_exculpatory_disclosure", case, items)
    body = {
        "text": text,
        "exhibits": [str(each.pk) for each in uses.exhibits_of(case, exhibits)],
        "provisions": list(dict.fromkeys(each.cite for each in uses.notice_owed(case))),
        "disclosed_at": canonical.instant_text(made.at) if made else None,
        "reason": made.unannounced if made else "",
    }
    if case.kind == CaseKind.INFORMATION:
        body["by"] = case.side
    notice = say(official, "notify_exculpatory_disclosure", case, spoken_of, body, now=now)
    if made:
        made.notice = notice.id
        made.save(update_fields=["notice"])
    return notice


def _due(case: Case, disclosure: int) -> Use:
    for each in uses.unannounced(case):
        if each.pk == disclosure:
            return each
    raise uses.NoticeUnknownError(case=case.reference)
