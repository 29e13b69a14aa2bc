"""The one table of alerts: how pressing each kind is, and who is told of it first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from comity.node import config
from comity.node.alerts.models import Group, Kind, Urgency
from comity.node.casework.models import Case

AFTERWARDS = (Group.ON_DUTY, Group.NEXT_IN_LINE, Group.REGISTRARS_AND_HEADS, Group.DUTY_OFFICERS)
"""Who is told when those before them did not react."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``of_case``: a case that is pressing makes the alert as pressing as it is itself."""

    urgency: Urgency
    first: tuple[Group, ...]
    of_case: bool = False


_DESK = (Group.ON_DUTY, Group.RESPONSIBLE)
_NODE = (Group.ADMINISTRATORS, Group.ON_DUTY)
RULES: Mapping[Kind, Rule] = {
    Kind.REQUEST_ARRIVED: Rule(Urgency.ORDINARY, (Group.ON_DUTY,), of_case=True),
    Kind.LETTER_ARRIVED: Rule(Urgency.ORDINARY, _DESK, of_case=True),
    Kind.LETTER_FAILED: Rule(Urgency.ORDINARY, _DESK, of_case=True),
    Kind.LETTER_HELD_UP: Rule(Urgency.URGENT, _DESK, of_case=True),
    Kind.LETTER_REFUSED: Rule(Urgency.ORDINARY, (Group.ON_DUTY,)),
    Kind.CALL_BACK_NEEDED: Rule(Urgency.URGENT, _DESK, of_case=True),
    Kind.CLOCK_NEARS_END: Rule(Urgency.ORDINARY, _DESK, of_case=True),
    Kind.CLOCK_RAN_OUT: Rule(Urgency.URGENT, _DESK, of_case=True),
    Kind.ASSIGNED: Rule(Urgency.ORDINARY, (Group.NAMED,), of_case=True),
    Kind.SHIFT_DUE: Rule(Urgency.URGENT, (Group.NAMED,)),
    Kind.DRILL_ARRIVED: Rule(Urgency.URGENT, (Group.ON_DUTY,)),
    Kind.WORKER_SILENT: Rule(Urgency.EMERGENCY, _NODE),
    Kind.LEDGER_HELD: Rule(Urgency.URGENT, _NODE),
    Kind.LEDGER_FORKED: Rule(Urgency.URGENT, _NODE),
    Kind.DISK_FULL: Rule(Urgency.URGENT, _NODE),
    Kind.BACKUP_OVERDUE: Rule(Urgency.URGENT, (Group.ADMINISTRATORS,)),
    Kind.GATEWAY_FAILED: Rule(Urgency.ORDINARY, (Group.ADMINISTRATORS,)),
}


def urgency(kind: Kind, case: Case | None = None) -> Urgency:
    """How pressing an alert of this kind is, of that case where it is about one."""
    rule = RULES[kind]
    if case is None or not rule.of_case:
        return rule.urgency
    return min(rule.urgency, of_case(case), key=lambda each: each.rank)


def of_case(case: Case) -> Urgency:
    """An emergency is what the facts of the request say it is (``uncc`` 2(o))."""
    if (case.facts or {}).get("emergency") is True:
        return Urgency.EMERGENCY
    return Urgency.URGENT if case.urgent else Urgency.ORDINARY


def patience(of: Urgency) -> timedelta | None:
    """How long those who were told have, before others are told; None: as long as they want."""
    waits = config.current().alerts
    minutes = {
        Urgency.EMERGENCY: waits.emergency_minutes,
        Urgency.URGENT: waits.urgent_minutes,
        Urgency.ORDINARY: waits.ordinary_minutes,
    }[of]
    return timedelta(minutes=minutes) if minutes > 0 else None
