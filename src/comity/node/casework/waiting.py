"""The letters of the other side that wait for our answer, over all cases: for the desk.

Which letter answers which stands in the letters of a case; this is kept beside them whenever one is written
or arrives, so that the desk asks one query however many cases there are.
"""

from __future__ import annotations

from django.db.models import QuerySet

from comity.node.casework import entitlement
from comity.node.casework.dialogue import answers
from comity.node.casework.models import Case, WaitingLetter
from comity.node.exchange.models import Direction

_WISHED = frozenset({"exculpatory_notice"})
"""Letters that are answered if one wishes to; nothing is owed."""
OWED = answers.EXPECTED.keys() - _WISHED
"""Letters to which an answer is owed."""


def keep(case: Case) -> None:
    """Keep which letters wait for an answer of this side, after one more letter of the case."""
    waiting = answers.unanswered(case, Direction.IN, OWED)
    known = WaitingLetter.objects.filter(case=case)
    known.exclude(letter__in=[letter.pk for letter in waiting]).delete()
    for letter in waiting:
        since = letter.received_at or letter.stage_at
        WaitingLetter.objects.get_or_create(
            letter=letter.pk, defaults={"case": case, "kind": letter.kind, "since": since}
        )


def for_us(seen: QuerySet[Case]) -> QuerySet[WaitingLetter]:
    """What waits in these cases, the urgent and the longest waiting first."""
    found = WaitingLetter.objects.filter(entitlement.about(seen))
    return found.select_related("case", "case__peer").order_by("-case__urgent", "since", "id")
