"""What is looked at every few seconds, whatever the worker does: patience, the node, drills, shifts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from comity.node import backed_up, config, durable, heartbeat
from comity.node.accounts.models import Official
from comity.node.alerts import kinds, raising
from comity.node.alerts.models import Alert, Kind
from comity.node.casework.models import Case
from comity.node.drills import answering
from comity.node.exchange.models import Direction, Letter, Stage
from comity.node.ledger import holding
from comity.node.witnesses import figures

LASTING = (
    *(Kind.WORKER_SILENT, Kind.LEDGER_HELD, Kind.LEDGER_FORKED, Kind.DISK_FULL, Kind.BACKUP_OVERDUE),
    *(Kind.DRILL_ARRIVED, Kind.LETTER_HELD_UP),
)
"""What this looks for, and what is over when it finds it no more."""
_A_LOOK = 100
"""Letters that are looked at at once."""
BEFORE_SHIFT = timedelta(minutes=15)
ShiftsBetween = Callable[[datetime, datetime], Iterable[tuple[str, Official]]]
"""Shifts that begin between two moments and were not taken over: a name of its own, and whose each is."""
_shifts: list[ShiftsBetween] = []


def shifts(function: ShiftsBetween) -> None:
    """Register the roster's shifts."""
    _shifts[:] = [function]


def look(now: datetime) -> None:
    """Tell the next of what nobody reacted to; alert of what lasts; of shifts that begin soon."""
    raising.go_on(now)
    _lasting(now)
    for function in _shifts:
        for name, official in function(now, now + BEFORE_SHIFT):
            if not Alert.objects.filter(key=f"{Kind.SHIFT_DUE}:{name}").exists():
                raising.raise_alert(Kind.SHIFT_DUE, name, now=now, official=official)


def _lasting(now: datetime) -> None:
    """Tell of each once, also where it was acknowledged and lasts; again when it was over in between."""
    found = {f"{kind}:{about}": (kind, about, case) for kind, about, case in _all_found(now)}
    known = list(Alert.objects.filter(kind__in=LASTING, over_at=None))
    for key in found.keys() - {alert.key for alert in known}:
        kind, about, case = found[key]
        raising.raise_alert(kind, about, now=now, case=case)
    for alert in known:
        if alert.key not in found:
            raising.over(alert, now)


def _all_found(now: datetime) -> Iterable[tuple[Kind, str, Case | None]]:
    for kind, about in _found(now):
        yield kind, about, None
    for case, letter in _held_up(now):
        yield Kind.LETTER_HELD_UP, f"{case.reference}:{letter.pk}", case


def _held_up(now: datetime) -> Iterable[tuple[Case, Letter]]:
    """Urgent letters that the other node has not taken, or that were not sealed, for as long as an alert of
    their case may wait.
    """
    stages = {"direction": Direction.OUT, "stage__in": (Stage.SEALED, Stage.FROZEN)}
    letters = list(Letter.objects.filter(**stages, urgent=True).order_by("frozen_at")[:_A_LOOK])
    found = Case.objects.filter(reference__in={letter.case_reference for letter in letters})
    cases = {case.reference: case for case in found}
    for letter in letters:
        case, since = cases.get(letter.case_reference), letter.sealed_at or letter.frozen_at
        patience = kinds.patience(kinds.urgency(Kind.LETTER_HELD_UP, case)) if case else None
        if case and patience and since and now - since >= patience:
            yield case, letter


def _found(now: datetime) -> Iterable[tuple[Kind, str]]:
    node = config.current()
    if heartbeat.is_silent(node, now):
        yield Kind.WORKER_SILENT, node.id
    if holding.held(node.folder) is not None:
        yield Kind.LEDGER_HELD, node.id
    if not durable.has_room(node.folder):
        yield Kind.DISK_FULL, node.id
    if backed_up.is_overdue(node, now):
        yield Kind.BACKUP_OVERDUE, node.id
    for authority in figures.forked():
        yield Kind.LEDGER_FORKED, authority
    for drill in answering.waiting():
        yield Kind.DRILL_ARRIVED, str(drill.pk)
