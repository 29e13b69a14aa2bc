"""When a message leaves for an official who is away from the node, and which alerts it covers.

However many alerts come together, one message leaves for an address, and the next after a pause.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from comity.node.accounts.models import Official
from comity.node.alerts import gateways
from comity.node.alerts.models import Address, Hearing, Message, MessageState, Purpose, Told, Urgency
from comity.node.jobs import outbox

JOB = "alert_message"
PAUSES = {
    Urgency.EMERGENCY: timedelta(minutes=1),
    Urgency.URGENT: timedelta(minutes=5),
    Urgency.ORDINARY: timedelta(minutes=15),
}
"""How long after a message the next leaves for the same address."""
_PRIORITIES = {Urgency.EMERGENCY: 10, Urgency.URGENT: 50, Urgency.ORDINARY: 200}
_COUNTED = 1000
"""Alerts that one message counts at most."""


def ask(officials: Sequence[Official], urgency: Urgency, now: datetime) -> None:
    """A message to each of their verified addresses that takes alerts as pressing as this."""
    addresses = Address.objects.filter(official__in=officials).exclude(verified_at=None)
    for address in addresses.select_related("official"):
        if urgency.rank <= Urgency(address.least).rank and gateways.is_configured(address.way):
            ask_alerts(address, urgency, now)


def ask_code(address: Address, now: datetime) -> Message:
    """The code that proves that an address is the official's."""
    return _ask(address, Purpose.CODE, Urgency.URGENT, now, now)


def ask_test(address: Address, now: datetime) -> Message:
    """A message that says that messages arrive."""
    return _ask(address, Purpose.TEST, Urgency.URGENT, now, now)


def ask_alerts(address: Address, urgency: Urgency, now: datetime) -> None:
    """A message about what is open; one that waits already covers this too, and is hastened where it must."""
    waiting = address.messages.filter(state=MessageState.WAITING, purpose=Purpose.ALERTS).first()
    due = due_at(address, urgency, now)
    if waiting is None:
        _ask(address, Purpose.ALERTS, urgency, now, due)
    elif due < waiting.due_at:  # what waits, waits for something less pressing
        Message.objects.filter(pk=waiting.pk).update(due_at=due)
        outbox.hasten(_key(waiting), now)  # whoever sends it looks at the time


def open_to(address: Address) -> list[Told]:
    """What the official was told of, that is still open and that no message to this address covered yet."""
    taken = [each for each in Urgency if each.rank <= Urgency(address.least).rank]
    open_ones = Told.objects.filter(official=address.official, ended_at=None, pk__gt=address.told_upto)
    found = open_ones.filter(alert__urgency__in=taken).select_related("alert").order_by("id")
    return list(found[:_COUNTED])


def most_pressing(told: Iterable[Told]) -> Urgency:
    """How pressing the most pressing of these is."""
    return min((Urgency(each.alert.urgency) for each in told), key=lambda each: each.rank)


def due_at(address: Address, urgency: Urgency, now: datetime) -> datetime:
    """When a message may leave: after the pause, and, unless it is of an emergency, after the quiet hours."""
    due = max(now, address.last_at + PAUSES[urgency]) if address.last_at else now
    return due if urgency == Urgency.EMERGENCY else _awake(address.official, due)


def _ask(address: Address, purpose: Purpose, urgency: Urgency, now: datetime, due: datetime) -> Message:
    made = Message.objects.create(address=address, way=address.way, purpose=purpose, at=now, due_at=due)
    outbox.ask(
        JOB,
        _key(made),
        {"message": str(made.pk)},
        now=now,
        priority=_PRIORITIES[urgency],
        run_after=due,
        lane=f"{JOB}:{address.way}",
    )
    return made


def _key(message: Message) -> str:
    return f"{JOB}:{message.pk}"


def _awake(official: Official, at: datetime) -> datetime:
    """The moment itself, or the end of the quiet hours that it falls into."""
    hearing = Hearing.objects.filter(official=official).first()
    if hearing is None or hearing.quiet_from is None or hearing.quiet_until is None:
        return at
    local = at.astimezone(ZoneInfo(official.time_zone))
    if not _is_within(local.time(), hearing.quiet_from, hearing.quiet_until):
        return at
    end = datetime.combine(local.date(), hearing.quiet_until, local.tzinfo)
    return end if end > local else end + timedelta(days=1)


def _is_within(at: time, start: time, end: time) -> bool:
    return start <= at < end if start <= end else at >= start or at < end
