"""Record a use of what was received: at once where no limit bars it, else under a permission of it.

Received are the answer to a request, by the side that asked, and the request itself by the other one.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework import events, identities, limits, permissions, uses
from comity.node.casework.models import Case, CaseKind, Purpose, Side, Use
from comity.node.casework.standing import begin
from comity.node.exhibits import use
from comity.node.exhibits.models import Exhibit
from comity.node.ledger import entries
from comity.node.ledger.models import Entry


@transaction.atomic
def record_use(
    official: Official,
    case: Case,
    items: Collection[int],
    *,
    purpose: str,
    description: str,
    recipient: str = "",
    proceedings: str = "",
    exhibits: Collection[str] = (),
    permission: str | None = None,
    now: datetime,
) -> Use:
    """Record a use; ``exhibits`` are ids, ``permission`` the id of the letter that permits it.

    ``proceedings`` names the other proceedings, as the permission names them.

    Of what a request says only passing on is recorded: OnlyOnwardError for anything else.

    Raises PermissionNeededError with the provisions that bar the use, PermissionNotCoveringError for a
    permission of something else or one that has ended.
    """
    side = Side.REQUESTING if case.kind == CaseKind.INFORMATION else Side(case.side)
    case = begin(official, "record_use", case, side)
    if case.side == Side.REQUESTED and purpose not in permissions.ONWARD:
        raise uses.OnlyOnwardError
    spoken_of = uses.items_of(case, items)
    used = uses.exhibits_of(case, exhibits)
    numbers = [item.number for item in spoken_of]
    recipient = recipient if purpose in permissions.ONWARD else ""
    proceedings = proceedings if purpose == Purpose.OTHER_PROCEEDINGS else ""
    demand_permitted(case, (purpose, recipient, proceedings), numbers, used, permission, now)
    made = Use(
        case=case,
        purpose=purpose,
        description=description,
        recipient=recipient,
        proceedings=proceedings,
        items=numbers,
        exhibits=[each.number for each in used],
        permission=uuid.UUID(permission) if permission else None,
        at=now,
        by=official,
    )
    return keep(made, used, "use_recorded")


def demand_permitted(
    case: Case,
    what: tuple[str, str, str],
    items: Collection[int],
    used: Collection[Exhibit],
    permission: str | None,
    now: datetime,
) -> None:
    """Raise PermissionNeededError or PermissionNotCoveringError unless the use is free or permitted.

    ``what`` is the use: its purpose, its recipient and the proceedings, as far as it has them.
    """
    barring = limits.barring(case, what[0])
    if permission is None:
        if barring:
            raise uses.PermissionNeededError(limits=uses.bars(barring))
        return
    found = permissions.granted_by(case, permission)
    if found is None or not found.in_force(now) or not found.covers(*what, items, used):
        raise uses.PermissionNotCoveringError


def keep(made: Use, used: list[Exhibit], kind: str) -> Use:
    """Keep a use with ledger entry, line in the timeline and custody of each exhibit; in an act."""
    case, official, now = made.case, made.by, made.at
    identities.demand_absent(case, [made.description, made.recipient, made.proceedings, made.unannounced])
    label = Purpose(made.purpose).value
    use.record(used, official=official, note=f"{label}: {made.description}", now=now)
    made.entry = _entry(made, kind)
    made.save()
    case.changed_at = now
    case.save(update_fields=["changed_at"])
    params = {"purpose": label} if kind == "use_recorded" else {}
    events.note(
        case, kind, now=now, by=official, letter=made.permission or made.notice, entry=made.entry, **params
    )
    return made


def _entry(made: Use, kind: str) -> Entry:
    case = made.case
    content = {
        "what": kind,
        "case": case.reference,
        "purpose": str(made.purpose),
        "items": made.items,
        "exhibits": made.exhibits,
        "permission": str(made.permission) if made.permission else None,
        "notice": str(made.notice) if made.notice else None,
        "by": made.by.pk,
    }
    return entries.append(kind, case.reference, content, now=made.at)
