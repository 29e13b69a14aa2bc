"""Which clocks of the law a case's events start, replace and end. Values and citations are the opinion's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from comity.node.casework import opinions
from comity.node.casework.models import Case, Side
from comity.node.clocks import running
from comity.node.clocks.models import Clock, ClockState

PRESERVATION = "preservation_minimum"
UNTIL_DECISION = "preservation_until_decision"
DECISION = "decision"
FORWARDING = "forward_to_competent"
PRESERVE = "preserve_data"


def on_preservation(case: Case, preserved_at: datetime) -> Clock:
    """Data were preserved: the minimum time for which they must stay so begins."""
    rule = opinions.clock(_opinion(case), PRESERVATION)
    return running.start(
        case.reference,
        PRESERVATION,
        rule["cite"],
        Side.REQUESTED,
        starts_at=preserved_at,
        duration=rule["duration"],
    )


def on_receipt(case: Case, received_at: datetime, now: datetime) -> None:
    """A request arrived: a running preservation goes on until the decision on it, where the law says so.

    The rule is asked of the measure that started the preservation, whatever this request's own measure is.
    """
    preserving = Clock.objects.filter(
        case_reference=case.reference, kind=PRESERVATION, state=ClockState.RUNNING
    )
    for clock in preserving:
        opinion = opinions.form({**case.facts, "measure": PRESERVE}, now)
        rule = opinions.clock(opinion, UNTIL_DECISION)
        running.replace(clock, kind=UNTIL_DECISION, cite=rule["cite"], starts_at=received_at, until=DECISION)


def on_forwarding(case: Case, received_at: datetime, now: datetime) -> None:
    """The request went on to the competent body: the clock of it, where the law sets one, is met."""
    for rule in _opinion(case)["clocks"]:
        if rule["id"] == FORWARDING:
            running.start(
                case.reference,
                FORWARDING,
                rule["cite"],
                Side.REQUESTED,
                starts_at=received_at,
                duration=rule["duration"],
            )
    running.meet(case.reference, FORWARDING, now)


def on_decision(case: Case, now: datetime) -> None:
    """The request was answered or refused as a whole."""
    running.meet(case.reference, UNTIL_DECISION, now)


def _opinion(case: Case) -> dict[str, Any]:
    return case.opinion or {"clocks": []}
