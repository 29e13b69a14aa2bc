"""The story goes on after the result: another use is barred, asked, permitted and recorded."""

from __future__ import annotations

from datetime import datetime

from comity.demonstration import cast
from comity.demonstration.deeds.preparing_letters import sign_prepared
from comity.demonstration.deeds.telling import (
    WAITING,
    Told,
    case_here,
    deed,
    expect,
    label,
    official,
    refused,
)
from comity.node.casework import limits
from comity.node.casework.acts.ask_use_permission import ask_use_permission
from comity.node.casework.acts.record_use import record_use
from comity.node.casework.models import Case, Purpose, Use
from comity.node.exchange.models import Direction, Letter, Stage

DRAFTER, SIGNATORY, PREPARING, PERMITTING = "aigerim", "daniyar", "kerim", "ogulnar"
ITEM = 1
GRANT = "grant_use_permission"


@deed
def ask_for_other_use(now: datetime) -> Told:
    """A use in other proceedings is barred; permission of exactly this use is asked."""
    case, told, proved = case_here(), cast.case()["other_use"], []
    if not _written("use_permission_asked", Direction.OUT):
        refused("permission_needed", lambda: _use(case, None, now))
        proved = ["a use in other proceedings is barred without permission"]
        ask_use_permission(
            official(SIGNATORY),
            case,
            [ITEM],
            text=told["reasons"],
            purpose=Purpose.OTHER_PROCEEDINGS,
            use=told["use"],
            proceedings=[told["proceedings"]],
            now=now,
        )
    barring = dict.fromkeys(label(bar.cite) for bar in limits.barring(case, Purpose.OTHER_PROCEEDINGS))
    return Told(True, [*proved, f"permission of that use asked ({', '.join(barring)})"])


@deed
def permit_other_use(now: datetime) -> Told:
    """The other side permits the use as it was asked: one official prepares it, another signs."""
    asked = _written("use_permission_asked", Direction.IN)
    if not asked:
        return WAITING
    if not _written("use_permission_granted", Direction.OUT):
        case, told = case_here(), cast.case()["other_use"]
        filled_in = {
            "letter": str(asked[0].pk),
            "text": told["permitted"],
            "proceedings": told["proceedings"],
        }
        sign_prepared(PREPARING, PERMITTING, case, GRANT, filled_in, now)
    return Told(True, ["the use is permitted, exactly as it was asked"])


@deed
def use_as_permitted(now: datetime) -> Told:
    """The permission arrived; the use is recorded under it."""
    granted = _written("use_permission_granted", Direction.IN)
    if not granted:
        return WAITING
    case = case_here()
    if not Use.objects.filter(case=case).exists():
        _use(case, str(granted[0].pk), now)
    expect(Use.objects.get(case=case).permission == granted[0].pk, "the use rests on the permission")
    return Told(True, ["the use is recorded under the permission"])


def _use(case: Case, permission: str | None, now: datetime) -> Use:
    return record_use(
        official(DRAFTER),
        case,
        [ITEM],
        purpose=Purpose.OTHER_PROCEEDINGS,
        proceedings=cast.case()["other_use"]["proceedings"],
        description=cast.case()["other_use"]["use"],
        permission=permission,
        now=now,
    )


def _written(kind: str, direction: Direction) -> list[Letter]:
    """The letters of a kind that were written here, or arrived and were taken in."""
    found = Letter.objects.filter(direction=direction, kind=kind)
    if direction == Direction.IN:
        found = found.exclude(stage__in=(Stage.ACCEPTED, Stage.REFUSED))
    return list(found)
