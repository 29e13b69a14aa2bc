"""Send a message, and note how it fared.

A message says that something waits, how pressing it is and where to sign in: never a case, a name or a word
of what was written.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext

from comity.node.alerts import codes, gateways, messages, raising, wording
from comity.node.alerts.gateways import GatewayRefusedError, GatewayUnreachableError
from comity.node.alerts.models import Address, Kind, Message, MessageState, Purpose, Told
from comity.node.jobs import Later

MOST_ATTEMPTS = 12
"""Attempts at one message: somewhat over an hour with the outbox's back-off."""
_TROUBLE = 3
"""Failed attempts at one message, or messages refused in a row, after which administrators are alerted."""


def send(payload: dict[str, Any], now: datetime) -> None:
    """Send a message; raise GatewayUnreachableError to be asked again later, Later before its time."""
    message = Message.objects.select_related("address__official").get(pk=uuid.UUID(payload["message"]))
    address = message.address
    if message.state != MessageState.WAITING:
        return None
    if not address.address or not address.official.is_active or not gateways.is_configured(message.way):
        return _note(message, MessageState.NOT_NEEDED, "", now)
    covered: list[Told] = []
    if message.purpose == Purpose.CODE and not codes.is_open(address, now):
        return _note(message, MessageState.NOT_NEEDED, "", now)
    if message.purpose == Purpose.ALERTS:
        covered = messages.open_to(address)
        if not covered or address.verified_at is None:
            return _note(message, MessageState.NOT_NEEDED, "", now)
        due = messages.due_at(address, messages.most_pressing(covered), now)
        if due > now:
            raise Later((due - now).total_seconds())
    try:
        gateways.send(message.way, address.address, *_said(message, address, covered, now))
    except GatewayUnreachableError as error:
        return _failed(message, error, now)
    except GatewayRefusedError as error:
        return _refused(message, error, now)
    return _sent(message, address, covered, now)


def _said(message: Message, address: Address, covered: Sequence[Told], now: datetime) -> tuple[str, str]:
    """Subject and text, in the official's language."""
    with translation.override(address.official.language):
        match message.purpose:
            case Purpose.CODE:
                return gettext("Code"), wording.code(codes.of(address))
            case Purpose.TEST:
                return gettext("Test message"), wording.test(sign_in())
            case _:
                return wording.outgoing([each.alert for each in covered], sign_in())


def sign_in() -> str:
    """Where officials sign in."""
    node = settings.NODE
    return f"{node.public_url or f'http://{node.listen}'}/alerts/"


@transaction.atomic
def _sent(message: Message, address: Address, covered: Sequence[Told], now: datetime) -> None:
    columns: dict[str, Any] = {"last_at": now}
    if covered:
        columns["told_upto"] = covered[-1].pk
    Address.objects.filter(pk=address.pk).update(**columns)
    Message.objects.filter(pk=message.pk).update(count=sum(each.alert.count for each in covered))
    _note(message, MessageState.SENT, "", now)
    for trouble in raising.open_of(Kind.GATEWAY_FAILED, message.way):
        raising.end(trouble, now)
    if covered:  # whoever was told while this message was under way is not forgotten
        address.refresh_from_db()
        left = messages.open_to(address)
        if left:
            messages.ask_alerts(address, messages.most_pressing(left), now)


def _refused(message: Message, error: GatewayRefusedError, now: datetime) -> None:
    """Final for this message; a gateway that refuses one after the other is none that messages leave by."""
    _note(message, MessageState.FAILED, str(error.params["detail"]), now)
    tried = Message.objects.filter(way=message.way, state__in=(MessageState.SENT, MessageState.FAILED))
    latest = list(tried.values_list("state", flat=True)[:_TROUBLE])
    if latest == [MessageState.FAILED] * _TROUBLE:
        raising.raise_alert(Kind.GATEWAY_FAILED, message.way, now=now)


def _failed(message: Message, error: GatewayUnreachableError, now: datetime) -> None:
    """The outbox tries again, until it was tried often enough; administrators are alerted before that.

    Their browser tells them, or the other way.
    """
    detail = str(error.params["detail"])
    if message.attempts + 1 >= _TROUBLE:
        raising.raise_alert(Kind.GATEWAY_FAILED, message.way, now=now)
    if message.attempts + 1 >= MOST_ATTEMPTS:
        return _note(message, MessageState.FAILED, detail, now)
    _note(message, MessageState.WAITING, detail, now)
    raise error


def _note(message: Message, state: MessageState, code: str, now: datetime) -> None:
    attempts = F("attempts") + int(state != MessageState.NOT_NEEDED)
    Message.objects.filter(pk=message.pk).update(
        state=state, last_code=code[:60], last_at=now, attempts=attempts
    )
