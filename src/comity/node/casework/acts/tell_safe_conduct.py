"""Tell the other side how safe conduct stands for the persons who came."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.casework.attending import SafeConduct
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.casework.standing import NotNowError
from comity.node.exchange.models import Letter

_MOMENTS = ("arrived_at", "released_at", "left_at", "returned_at")


@transaction.atomic
def tell_safe_conduct(
    official: Official, case: Case, items: Collection[int], *, text: str, now: datetime
) -> Letter:
    """Tell of these items' persons what is on record by now; NotNowError for one who has not come."""
    case, spoken_of = begin_turn(official, "tell_safe_conduct", case, items)
    found = {
        each.item_id: each
        for each in SafeConduct.objects.filter(item__in=spoken_of, arrived_at__isnull=False)
    }
    if len(found) != len(spoken_of):
        raise NotNowError(case=case.reference, standing=case.actual)
    persons = [{"number": item.number} | _told(found[item.pk]) for item in spoken_of]
    return say(official, "tell_safe_conduct", case, spoken_of, {"text": text, "persons": persons}, now=now)


def _told(conduct: SafeConduct) -> dict[str, Any]:
    moments = {name: getattr(conduct, name) for name in _MOMENTS} | {"until": conduct.ends_at}
    return {
        name: canonical.instant_text(at.replace(microsecond=0)) if at else None
        for name, at in moments.items()
    }
