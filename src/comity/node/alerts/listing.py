"""What an official is shown of alerts: their own, those that others have not reacted to, and the latest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.db.models import Case as Choice
from django.db.models import Exists, OuterRef, QuerySet, Value, When

from comity.node.accounts.authority import may
from comity.node.accounts.models import Official
from comity.node.alerts import wording
from comity.node.alerts.models import Alert, Hearing, Told, Urgency
from comity.node.casework.entitlement import visible
from comity.node.casework.models import Case

PAGE = 50
_PRESSING = Choice(*(When(alert__urgency=each, then=Value(each.rank)) for each in Urgency))
"""However many letters fail at once, none takes the place of an emergency."""
_SPOKEN = 5
"""Alerts that a browser is told in words; of the others it is told how many there are."""


@dataclass(frozen=True, slots=True)
class Current:
    """What waits for one official now, for their browser: ``mark`` changes when anything of it does."""

    alerts: list[Alert]
    hearing: Hearing | None

    @property
    def mark(self) -> str:
        """For the entity tag."""
        said = [f"{alert.pk}.{alert.count}" for alert in self.alerts]
        hearing = self.hearing
        return sha256(f"{said}{hearing and (hearing.sound, hearing.desktop)}".encode()).hexdigest()[:24]

    def as_json(self) -> dict[str, object]:
        """The newest, in words that name no case, and how the browser is to ring."""
        grave = [alert for alert in self.alerts if alert.urgency == Urgency.EMERGENCY]
        return {
            "count": len(self.alerts),
            "emergencies": len(grave),
            "newest": max((alert.pk for alert in self.alerts), default=0),
            "alerts": [
                {"id": alert.pk, "urgency": alert.urgency, "text": wording.sentence(alert)}
                for alert in self.alerts[:_SPOKEN]
            ],
            "sound": self.hearing is None or self.hearing.sound,
            "desktop": self.hearing is not None and self.hearing.desktop,
        }


def current(official: Official) -> Current:
    """What waits for an official, the most pressing first: one query."""
    told = Told.objects.filter(official=official, ended_at=None)
    rows = list(told.select_related("alert", "official__alert_hearing").order_by(_PRESSING, "-id")[:PAGE])
    hearing = getattr(rows[0].official, "alert_hearing", None) if rows else None
    return Current(by_urgency(row.alert for row in rows), hearing)


def own(official: Official) -> list[Alert]:
    """What waits for an official, the most pressing and the newest first."""
    told = Told.objects.filter(official=official, ended_at=None).select_related("alert")
    return by_urgency(row.alert for row in told.order_by(_PRESSING, "-id")[:PAGE])


def of_others(official: Official) -> list[Alert]:
    """What waits for others, for whoever oversees the desk, of cases that are open to them."""
    if not may(official, "oversee_alerts"):
        return []
    open_ones = Alert.objects.filter(ended_at=None).exclude(Exists(_told_to(official)))
    return by_urgency(_open_to(official, open_ones)[:PAGE])


def ended(official: Official) -> list[Alert]:
    """The latest that are over, of those that the official was told of."""
    over = Alert.objects.exclude(ended_at=None).filter(Exists(_told_to(official)))
    return list(over.select_related("ended_by").order_by("-ended_at", "-id")[:PAGE])


def by_urgency(alerts: Iterable[Alert]) -> list[Alert]:
    """The most pressing first, otherwise in the order in which they come."""
    return sorted(alerts, key=lambda each: Urgency(each.urgency).rank)


def shown_cases(official: Official, alerts: Iterable[Alert]) -> set[str]:
    """The numbers of these alerts' cases that the official may see: one may have been closed to them."""
    named = {alert.case_reference for alert in alerts if alert.case_reference}
    if not named or not may(official, "view_case"):
        return set()
    return set(visible(official).filter(reference__in=named).values_list("reference", flat=True))


def _told_to(official: Official) -> QuerySet[Told]:
    return Told.objects.filter(alert=OuterRef("pk"), official=official)


def _open_to(official: Official, alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    seen: QuerySet[Case] = visible(official).filter(reference=OuterRef("case_reference"))
    return (alerts.filter(case_reference="") | alerts.filter(Exists(seen))).order_by("-id")
