"""What happens in a case and concerns somebody at once: heard from the timeline, in its transaction."""

from __future__ import annotations

from datetime import datetime

from comity.node.accounts.models import Official
from comity.node.alerts.models import Kind
from comity.node.alerts.raising import end, open_of, raise_alert
from comity.node.casework import call_backs
from comity.node.casework.models import Event
from comity.node.exchange.models import Letter

_OF_EVENT = {
    "request_received": Kind.REQUEST_ARRIVED,
    "letter_failed": Kind.LETTER_FAILED,
    "clock_ran_out": Kind.CLOCK_RAN_OUT,
    "clock_reminder": Kind.CLOCK_NEARS_END,
    "clock_waits": Kind.CLOCK_NEARS_END,
}
_OF_LETTER = ("letter_failed", "letter_arrived_late")
"""The kinds of events of which each letter has alerts of its own."""
_RECEIVED = "_received"
"""How the kinds of events end that a letter of the other side makes."""


def on_event(event: Event) -> None:
    """Alert those whom a line of the timeline concerns."""
    case, now = event.case, event.at
    arrived = event.letter is not None and event.by is None and event.kind.endswith(_RECEIVED)
    kind = _OF_EVENT.get(event.kind, Kind.LETTER_ARRIVED if arrived else None)
    if kind is not None:
        raise_alert(kind, _about(event), now=now, case=case)
    if arrived and call_backs.needed(case, now) is not None:
        raise_alert(Kind.CALL_BACK_NEEDED, case.reference, now=now, case=case)
    if event.kind == "letter_arrived_late":
        _arrived_late(event)
    if event.kind == "execution_assigned":
        _assigned(event)


def on_refused(letter: Letter, now: datetime) -> None:
    """Alert of a letter that came and did not pass: it may have been urgent, and belongs to no case."""
    raise_alert(Kind.LETTER_REFUSED, letter.peer_id, now=now)


def _about(event: Event) -> str:
    which = event.letter if event.kind in _OF_LETTER else event.params.get("clock")
    return f"{event.case.reference}:{which}" if which else event.case.reference


def _arrived_late(event: Event) -> None:
    """There is nothing left to react to."""
    for alert in open_of(Kind.LETTER_FAILED, _about(event)):
        end(alert, event.at)


def _assigned(event: Event) -> None:
    """Whoever assigned it to themselves knows."""
    officer: Official | None = event.case.executing_officer
    if (
        officer is not None
        and officer.is_active
        and officer != event.by
        and event.params.get("name") == str(officer)
    ):
        about = f"{event.case.reference}:{officer.pk}"
        raise_alert(Kind.ASSIGNED, about, now=event.at, case=event.case, official=officer)
