"""What is looked at every few seconds, whatever the worker is busy with: patience, the node, shifts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from comity.node import config, durable, heartbeat
from comity.node.accounts.models import Official
from comity.node.alerts import raising
from comity.node.alerts.models import Alert, Kind
from comity.node.ledger import holding
from comity.node.witnesses import figures

TROUBLES = (Kind.WORKER_SILENT, Kind.LEDGER_HELD, Kind.LEDGER_FORKED, Kind.DISK_FULL)
"""Troubles that this looks for, and that are over when it finds them no more."""
BEFORE_SHIFT = timedelta(minutes=15)
ShiftsBetween = Callable[[datetime, datetime], Iterable[tuple[str, Official]]]
"""Shifts that begin between two moments and were not taken over: a name of its own, and whose each is."""
_shifts: list[ShiftsBetween] = []


def shifts(function: ShiftsBetween) -> None:
    """Register the roster's shifts."""
    _shifts[:] = [function]


def look(now: datetime) -> None:
    """Tell the next of what nobody reacted to; alert of troubles of the node; of shifts that begin soon."""
    raising.go_on(now)
    _troubles(now)
    for function in _shifts:
        for name, official in function(now, now + BEFORE_SHIFT):
            if not Alert.objects.filter(key=f"{Kind.SHIFT_DUE}:{name}").exists():
                raising.raise_alert(Kind.SHIFT_DUE, name, now=now, official=official)


def _troubles(now: datetime) -> None:
    found = set(_found(now))
    open_ones = {alert.key: alert for alert in Alert.objects.filter(kind__in=TROUBLES, ended_at=None)}
    for kind, about in found:
        if f"{kind}:{about}" not in open_ones:
            raising.raise_alert(kind, about, now=now)
    current = {f"{kind}:{about}" for kind, about in found}
    for key, alert in open_ones.items():
        if key not in current:
            raising.end(alert, now)


def _found(now: datetime) -> Iterable[tuple[Kind, str]]:
    node = config.current()
    if heartbeat.is_silent(node, now):
        yield Kind.WORKER_SILENT, node.id
    if holding.held(node.folder) is not None:
        yield Kind.LEDGER_HELD, node.id
    if not durable.has_room(node.folder):
        yield Kind.DISK_FULL, node.id
    for authority in figures.forked():
        yield Kind.LEDGER_FORKED, authority
