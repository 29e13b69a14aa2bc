"""Forward a request to the body that is competent for it, and tell the other side.

What a request says leaves the State only as the law lets it: with the prior authorisation of who asked.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.letters.bodies import REQUESTS
from comity.node.accounts.models import Official
from comity.node.casework import correspondence, permissions, running, uses
from comity.node.casework.acts.record_use import demand_permitted, keep
from comity.node.casework.dialogue.saying import begin_turn, say
from comity.node.casework.models import Case, Use
from comity.node.exchange.models import Letter


@transaction.atomic
def forward_request(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    text: str,
    competent: str,
    abroad: str = "",
    permission: str | None = None,
    now: datetime,
) -> Letter:
    """Say that these items are with the body named; the clock that the law sets for it is met.

    ``abroad`` is the purpose of passing on where the body is another State's or an organisation's. It goes
    there under the ``permission`` (id of the letter) of exactly that body where a limit bars it, and counts
    as a use. Raises OnlyOnwardError, PermissionNeededError, PermissionNotCoveringError.
    """
    case, spoken_of = begin_turn(official, "forward_request", case, items)
    if abroad:
        _pass_on(official, case, items, (abroad, competent), permission, text, now)
    request = correspondence.last_received(case, *REQUESTS)
    if request and request.received_at:
        running.on_forwarding(case, request.received_at, now)
    body = {"text": text, "competent": competent}
    return say(official, "forward_request", case, spoken_of, body, now=now)


def _pass_on(
    official: Official,
    case: Case,
    items: Collection[int],
    where: tuple[str, str],
    permission: str | None,
    text: str,
    now: datetime,
) -> None:
    purpose, recipient = where
    if purpose not in permissions.ONWARD:
        raise uses.OnlyOnwardError
    demand_permitted(case, (purpose, recipient, ""), items, [], permission, now)
    made = Use(
        case=case,
        purpose=purpose,
        description=text,
        recipient=recipient,
        items=list(items),
        permission=uuid.UUID(permission) if permission else None,
        at=now,
        by=official,
    )
    keep(made, [], "use_recorded")
