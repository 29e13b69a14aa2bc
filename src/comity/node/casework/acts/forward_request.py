"""Forward a request to the body that is competent for it, and tell the other side."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.letters.bodies import REQUESTS
from comity.node.accounts.models import Official
from comity.node.casework import correspondence, running
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter


@transaction.atomic
def forward_request(
    official: Official, case: Case, items: Collection[int], *, text: str, competent: str, now: datetime
) -> Letter:
    """Say that these items are with the body named; the clock that the law sets for it is met."""
    case, spoken_of = begin_turn(official, "forward_request", case, items)
    request = correspondence.last_received(case, *REQUESTS)
    if request and request.received_at:
        running.on_forwarding(case, request.received_at, now)
    body = {"text": text, "competent": competent}
    return say(official, "forward_request", case, spoken_of, body, now=now)
