"""Who belongs to each group at a moment. The roster is the desk's: it registers who is on duty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from comity.node.accounts.models import Delegation, Official, Rank, Role
from comity.node.alerts.models import Alert, Group
from comity.node.casework import entitlement
from comity.node.casework.models import Case

OnDuty = Callable[[datetime], Sequence[Official]]
"""Who is on duty at a moment, and after them who comes next in line."""
_roster: list[OnDuty] = []


def on_duty(function: OnDuty) -> None:
    """Register the roster; without one, and while it names nobody, every duty officer counts as on duty."""
    _roster[:] = [function]


def members(group: str, alert: Alert, now: datetime) -> list[Official]:
    """The active officials of a group who may be told of this alert, each once."""
    case = Case.objects.filter(reference=alert.case_reference).first() if alert.case_reference else None
    found = {one.pk: one for one in _of_group(Group(group), alert, case, now) if one.is_active}
    if not alert.case_reference:
        return list(found.values())
    return [one for one in found.values() if case is not None and entitlement.is_entitled(one, case)]


def _of_group(group: Group, alert: Alert, case: Case | None, now: datetime) -> Iterable[Official]:
    match group:
        case Group.NAMED:
            return [alert.official] if alert.official else []
        case Group.RESPONSIBLE:
            named = (case.drafter, case.executing_officer) if case else ()
            return [one for one in named if one is not None]
        case Group.ADMINISTRATORS:
            return _holders(now, Role.ADMINISTRATOR)
        case Group.ON_DUTY:
            return _rostered(now)[:1] or _holders(now, Role.DUTY_OFFICER)
        case Group.NEXT_IN_LINE:
            return _rostered(now)[1:]
        case Group.REGISTRARS_AND_HEADS:
            heads = [one for one in _active() if one.rank in (Rank.HEAD, Rank.DEPUTY)]
            return [*_holders(now, Role.REGISTRAR), *heads]
        case Group.DUTY_OFFICERS:
            return _holders(now, Role.DUTY_OFFICER)


def _rostered(now: datetime) -> list[Official]:
    return list(_roster[0](now)) if _roster else []


def _active() -> list[Official]:
    return list(Official.objects.filter(is_active=True).select_related("organisation").order_by("pk"))


def _holders(now: datetime, role: Role) -> list[Official]:
    """Who holds a role, themselves or for somebody else at this time."""
    running = Delegation.objects.filter(role=role, starts_at__lte=now, ends_at__gt=now)
    standing_in = [each.to for each in running.select_related("to__organisation")]
    return [
        *(one for one in _active() if role in one.roles),
        *(one for one in standing_in if any(each.role == role for each in one.delegated(now))),
    ]
