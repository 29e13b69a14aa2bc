"""Raise an alert, tell one group after the other, and end it when somebody reacts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from comity import canonical
from comity.node.accounts.authority import NothingThereError, may
from comity.node.accounts.models import Official
from comity.node.alerts import kinds, messages, people
from comity.node.alerts.models import Alert, Group, Kind, Step, Told, Urgency
from comity.node.casework import entitlement
from comity.node.casework.models import Case
from comity.node.ledger import entries
from comity.node.ledger.models import Entry

_A_LOOK = 100
"""Alerts that are taken further in one look; the rest in the next."""


@transaction.atomic
def raise_alert(
    kind: Kind, about: str, *, now: datetime, case: Case | None = None, official: Official | None = None
) -> Alert:
    """Alert those whom the table names; it commits with what made it happen.

    ``about`` tells alerts of one kind apart. While one is open the same again is counted and nobody told
    anew; where it has become more pressing, a new alert takes its place.
    """
    urgency, count = kinds.urgency(kind, case), 1
    standing = open_of(kind, about).select_for_update().first()
    if standing is not None:
        count += standing.count
        if urgency.rank >= Urgency(standing.urgency).rank:
            Alert.objects.filter(pk=standing.pk).update(count=count, last_at=now)
            return standing
        end(standing, now)
    alert = Alert.objects.create(
        key=f"{kind}:{about}",
        kind=kind,
        urgency=urgency,
        case_reference=case.reference if case else "",
        official=official,
        count=count,
        at=now,
        last_at=now,
    )
    _tell(alert, kinds.RULES[kind].first, now)
    return alert


def go_on(now: datetime) -> int:
    """Tell the next of every alert to which nobody reacted in time; return how many went further."""
    due = Alert.objects.filter(ended_at=None, next_at__lte=now)
    return sum(_go_on(pk, now) for pk in due.order_by("next_at", "id").values_list("pk", flat=True)[:_A_LOOK])


@transaction.atomic
def acknowledge(by: Official, alert: int, *, now: datetime) -> Alert:
    """Somebody reacts: nobody further is told. Whoever did first stays named.

    Raises NothingThereError for an alert of which the official was not told and which they do not oversee.
    """
    find(by, alert)
    found = Alert.objects.select_for_update().get(pk=alert)
    if found.ended_at is None:
        end(found, now, by)
    return found


def end(alert: Alert, now: datetime, by: Official | None = None) -> None:
    """The alert is over, for everybody who was told of it."""
    alert.ended_at, alert.ended_by, alert.next_at = now, by, None
    alert.save(update_fields=["ended_at", "ended_by", "next_at"])
    alert.told.update(ended_at=now)


def over(alert: Alert, now: datetime) -> None:
    """What lasted is no longer so: there is nothing left to react to, and the next time is told anew."""
    if alert.ended_at is None:
        end(alert, now)
    alert.over_at = now
    alert.save(update_fields=["over_at"])


def open_of(kind: Kind, about: str) -> QuerySet[Alert]:
    """The alert of this kind about this that is open, if there is one."""
    return Alert.objects.filter(key=f"{kind}:{about}", ended_at=None)


def find(by: Official, alert: int) -> Alert:
    """An alert that the official was told of, or that is open to them as to who oversees the desk."""
    found = Alert.objects.select_related("ended_by").filter(pk=alert).first()
    if found is not None and (found.told.filter(official=by).exists() or _oversees(by, found)):
        return found
    raise NothingThereError(name=str(alert))


def _oversees(by: Official, alert: Alert) -> bool:
    if not may(by, "oversee_alerts"):
        return False
    if not alert.case_reference:
        return True
    case = Case.objects.filter(reference=alert.case_reference).first()
    return case is not None and entitlement.is_entitled(by, case)


@transaction.atomic
def _go_on(pk: int, now: datetime) -> int:
    alert = Alert.objects.select_for_update().get(pk=pk)
    if alert.ended_at is not None or alert.next_at is None or alert.next_at > now:
        return 0
    entry = _unanswered(alert, now) if alert.urgency == Urgency.EMERGENCY else None
    _tell(alert, (), now, entry)
    return 1


def _tell(alert: Alert, first: Sequence[Group], now: datetime, entry: Entry | None = None) -> None:
    """Tell the first groups together, or else the next one in which somebody was not told yet."""
    told = _tell_groups(alert, first, now) if first else False
    last = Group(first[0]) if first else Group(alert.group or kinds.AFTERWARDS[0])
    if not told:
        last, told = _tell_next(alert, last, now)
    alert.group = last
    pause = kinds.patience(Urgency(alert.urgency))
    alert.next_at = now + pause if pause and told else None
    alert.save(update_fields=["urgency", "group", "next_at"])
    Step.objects.create(alert=alert, group=last if told else "", at=now, entry=entry)


def _tell_next(alert: Alert, last: Group, now: datetime) -> tuple[Group, bool]:
    following = (
        kinds.AFTERWARDS[kinds.AFTERWARDS.index(last) + 1 :] if last in kinds.AFTERWARDS else kinds.AFTERWARDS
    )
    for group in following:
        if _tell_groups(alert, (group,), now):
            return group, True
    return last, False


def _tell_groups(alert: Alert, groups: Sequence[Group], now: datetime) -> bool:
    """Whether there was somebody to tell."""
    known = set(alert.told.values_list("official", flat=True))
    fresh: dict[int, Told] = {}
    for group in groups:
        for one in people.members(group, alert, now):
            if one.pk not in known and one.pk not in fresh:
                fresh[one.pk] = Told(alert=alert, official=one, group=group, at=now)
    Told.objects.bulk_create(fresh.values())
    messages.ask([each.official for each in fresh.values()], Urgency(alert.urgency), now)
    return bool(fresh)


def _unanswered(alert: Alert, now: datetime) -> Entry:
    """The ledger keeps that nobody reacted to an emergency."""
    content = {
        "what": "emergency_unanswered",
        "kind": alert.kind,
        "case": alert.case_reference or None,
        "told": alert.told.count(),
        "last_group": alert.group,
        "since": canonical.instant_text(alert.at),
        "at": canonical.instant_text(now),
    }
    return entries.append("emergency_unanswered", alert.case_reference or "node", content, now=now)
