"""Notice what happened, freeze the notice with the act that made it happen, and send it from the outbox."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from django.db.models import F

from comity import canonical
from comity.node.casework import entitlement
from comity.node.casework.models import Case, Event
from comity.node.exchange.models import Letter
from comity.node.jobs import outbox
from comity.node.webhooks import signing
from comity.node.webhooks.models import Delivery, DeliveryState, Endpoint, Happening
from comity.node.webhooks.reaching import EndpointRefusedError, EndpointUnreachableError, post
from comity.proofs.receipts import ReceiptName

JOB = "notice"
MOST_ATTEMPTS = 16
"""Attempts at one notice: some two hours with the outbox's back-off."""
MOST_FAILURES = 30
"""Failures in a row, of any notices, after which an endpoint is switched off."""
_OF_EVENT = {
    "clock_ran_out": Happening.CLOCK_RAN_OUT,
    "clock_reminder": Happening.CLOCK_REMINDER,
    "clock_waits": Happening.CLOCK_REMINDER,
}
_OF_RECEIPT = {
    ReceiptName.RELAY_REMMD_ACCEPTANCE: Happening.LETTER_ACCEPTED,
    ReceiptName.SUBMISSION_REJECTION: Happening.LETTER_FAILED,
    ReceiptName.RELAY_REMMD_REJECTION: Happening.LETTER_FAILED,
    ReceiptName.RELAY_REMMD_FAILURE: Happening.LETTER_FAILED,
    ReceiptName.NON_DELIVERY: Happening.LETTER_FAILED,
}
_RECEIVED = "_received"
"""How the kinds of events end that a letter of the other side makes."""


def on_event(event: Event) -> None:
    """A line of the timeline: a notice to those who asked, in the transaction that wrote the line."""
    happening = _OF_EVENT.get(event.kind, Happening.CASE_CHANGED)
    if event.letter is not None and event.kind.endswith(_RECEIVED):
        happening = Happening.LETTER_RECEIVED
    said = {"event": event.kind, "letter": str(event.letter) if event.letter else None}
    tell(event.case, happening, said, event.at)


def on_receipt(case: Case, letter: Letter, receipt: ReceiptName, now: datetime) -> None:
    """A receipt about a letter of ours."""
    happening = _OF_RECEIPT.get(receipt)
    if happening is not None:
        tell(case, happening, {"event": receipt.value, "letter": str(letter.pk)}, now)


def tell(case: Case, happening: Happening, said: dict[str, Any], now: datetime) -> None:
    """Freeze a notice for each endpoint that wants it and whose official may see the case."""
    for endpoint in Endpoint.objects.filter(is_active=True).select_related("official__organisation"):
        if happening not in endpoint.events or not entitlement.is_entitled(endpoint.official, case):
            continue
        content = {
            "type": happening.value,
            "timestamp": canonical.instant_text(now),
            "data": {"case": case.reference, **said},
        }
        notice = Delivery.objects.create(
            endpoint=endpoint,
            event=happening,
            case_reference=case.reference,
            body=json.dumps(content, separators=(",", ":")),
            at=now,
        )
        said_of = {"notice": str(notice.pk)}
        outbox.ask(JOB, f"{JOB}:{notice.pk}", said_of, now=now, priority=200, lane=endpoint.pk.hex)


def send(payload: dict[str, Any], now: datetime) -> None:
    """Send a notice once more; raise EndpointUnreachableError to be asked again later.

    Whether the official may still see the case is asked again: a notice that waited tells nothing new.
    """
    notice = Delivery.objects.select_related("endpoint__official__organisation").get(
        pk=uuid.UUID(payload["notice"])
    )
    endpoint = notice.endpoint
    if notice.state != DeliveryState.WAITING:
        return None
    if not endpoint.is_active:
        return _note(notice, DeliveryState.FAILED, "switched_off", now)
    case = Case.objects.filter(reference=notice.case_reference).first()
    if case is None or not entitlement.is_entitled(endpoint.official, case):
        return _note(notice, DeliveryState.FAILED, "not_entitled", now)
    try:
        post(endpoint.url, notice.body, signing.headers(endpoint, f"msg_{notice.pk.hex}", notice.body, now))
    except (EndpointUnreachableError, EndpointRefusedError) as error:
        return _failed(notice, error, now)
    Endpoint.objects.filter(pk=endpoint.pk).update(failures=0)
    return _note(notice, DeliveryState.DELIVERED, "", now)


def _failed(notice: Delivery, error: EndpointUnreachableError | EndpointRefusedError, now: datetime) -> None:
    """Count the failure; too many in a row switch the endpoint off; until then the outbox tries again."""
    endpoint = Endpoint.objects.filter(pk=notice.endpoint_id)
    endpoint.update(failures=F("failures") + 1)
    endpoint.filter(failures__gte=MOST_FAILURES).update(is_active=False)
    code = str(error.params.get("detail") or error.code)[:40]
    if notice.attempts + 1 >= MOST_ATTEMPTS or not endpoint.get().is_active:
        return _note(notice, DeliveryState.FAILED, code, now)
    _note(notice, DeliveryState.WAITING, code, now)
    raise error


def _note(notice: Delivery, state: DeliveryState, code: str, now: datetime) -> None:
    Delivery.objects.filter(pk=notice.pk).update(
        state=state, last_code=code, last_at=now, attempts=F("attempts") + 1
    )
