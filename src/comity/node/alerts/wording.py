"""The sentences of alerts. Those that leave the node name neither case nor person."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext

from comity.node.alerts.models import Alert, Kind, Urgency

_ARRIVED = {
    Urgency.EMERGENCY: lambda: gettext("An emergency request has arrived."),
    Urgency.URGENT: lambda: gettext("An urgent request has arrived."),
    Urgency.ORDINARY: lambda: gettext("A request has arrived."),
}


def sentence(alert: Alert) -> str:
    """What happened, in one sentence that anybody may read."""
    if alert.kind == Kind.REQUEST_ARRIVED:
        return _ARRIVED[Urgency(alert.urgency)]()
    said = f"{Kind(alert.kind).label}."
    return f"{gettext('Emergency')}: {said}" if alert.urgency == Urgency.EMERGENCY else said


def outgoing(alerts: Sequence[Alert], address: str) -> tuple[str, str]:
    """Subject and text of a message about these alerts, in the language that is active."""
    count = sum(alert.count for alert in alerts)
    grave = [alert for alert in alerts if alert.urgency == Urgency.EMERGENCY]
    if count == 1:
        said = sentence(alerts[0])
    else:
        said = gettext("Waiting for you: %(count)s. Emergencies among them: %(grave)s.") % {
            "count": count,
            "grave": sum(alert.count for alert in grave),
        }
    subject = gettext("Emergency") if grave else gettext("Something waits for you")
    return subject, f"{said} {_sign_in(address)}"


def code(digits: str) -> str:
    """The text that carries a code."""
    return gettext("Code for alerts: %(code)s. If you did not ask for it, ignore it.") % {"code": digits}


def test(address: str) -> str:
    """The text of a test message."""
    return f"{gettext('This is a test: messages reach you.')} {_sign_in(address)}"


def _sign_in(address: str) -> str:
    return gettext("Sign in: %(address)s") % {"address": address}
