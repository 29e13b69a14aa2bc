"""An official's own acts: at which addresses they are told, of what, and when not."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import F, Max

from comity.node.accounts.authority import NothingThereError
from comity.node.accounts.models import Official
from comity.node.alerts import codes, gateways, messages
from comity.node.alerts.models import Address, Hearing, Message, Purpose, Told
from comity.terms import ComityError, gettext_noop

_IN_AN_HOUR = 10
"""Codes and tests that one official may let leave in an hour: nobody's telephone is flooded from here."""


class CodeWrongError(ComityError):
    """The code is not the one that was sent last, is too old, or was tried too often."""

    code = "code_wrong"
    message = gettext_noop("This code does not open the address.")
    next_step = gettext_noop("Enter the six digits of the latest message, or let a new code be sent.")


class TooManyMessagesError(ComityError):
    """Messages were asked for too often."""

    code = "too_many_messages"
    message = gettext_noop("Messages were asked for too often; none was sent.")
    next_step = gettext_noop("Wait a while and try again.")


class WayClosedError(ComityError):
    """This node has no gateway of this kind."""

    code = "way_closed"
    message = gettext_noop("This node sends no messages by this way.")
    next_step = gettext_noop("Ask the administrator to set up a gateway in node.toml.")


@transaction.atomic
def enter(official: Official, way: str, address: str, *, least: str, now: datetime) -> Address:
    """Enter an address, or change of what it is told. A new address is sent a code, and nothing else before.

    Raises TooManyMessagesError, and WayClosedError where there is no gateway.
    """
    if not gateways.is_configured(way):
        raise WayClosedError
    found, _ = Address.objects.get_or_create(official=official, way=way)
    found = Address.objects.select_for_update().get(pk=found.pk)
    found.least = least
    if found.address != address:
        found.address, found.verified_at = address, None
        # what happened before it was entered is no news at it
        found.told_upto = Told.objects.aggregate(last=Max("pk"))["last"] or 0
        found.save()
        send_code(official, way, now=now)
        found.refresh_from_db()
    else:
        found.save(update_fields=["least"])
    return found


@transaction.atomic
def send_code(official: Official, way: str, *, now: datetime) -> None:
    """Let a code be sent to an address that is not proved yet; raise TooManyMessagesError."""
    found = _find(official, way)
    _demand_few(official, now)
    codes.renew(found, now)
    found.save(update_fields=["nonce", "code_at", "tries"])
    messages.ask_code(found, now)


def confirm(official: Official, way: str, code: str, *, now: datetime) -> Address:
    """Prove an address by its code; raise CodeWrongError. Every try counts, whatever comes of it."""
    found = _find(official, way)
    right = codes.is_right(found, code, now)
    counted = Address.objects.filter(pk=found.pk, tries=found.tries).update(tries=F("tries") + 1)
    if not right or not counted:  # somebody else tried at the same time
        raise CodeWrongError
    same = Address.objects.filter(pk=found.pk, address=found.address, nonce=found.nonce)
    if not same.update(verified_at=now, nonce=""):  # another address was entered at the same time
        raise CodeWrongError
    found.refresh_from_db()
    return found


@transaction.atomic
def send_test(official: Official, way: str, *, now: datetime) -> Message:
    """Let a test message be sent to one's own proved address; raise TooManyMessagesError."""
    found = _find(official, way)
    if found.verified_at is None:
        raise NothingThereError(name=way)
    _demand_few(official, now)
    return messages.ask_test(found, now)


def remove(official: Official, way: str) -> None:
    """Nothing goes to this address any more."""
    found = _find(official, way)
    found.address, found.verified_at, found.nonce = "", None, ""
    found.save(update_fields=["address", "verified_at", "nonce"])


def hear(
    official: Official, *, sound: bool, desktop: bool, quiet_from: time | None, quiet_until: time | None
) -> Hearing:
    """How one's browser rings, and one's quiet hours."""
    values = {"sound": sound, "desktop": desktop, "quiet_from": quiet_from, "quiet_until": quiet_until}
    return Hearing.objects.update_or_create(official=official, defaults=values)[0]


def _find(official: Official, way: str) -> Address:
    found = Address.objects.filter(official=official, way=way).exclude(address="").first()
    if found is None:
        raise NothingThereError(name=way)
    return found


def _demand_few(official: Official, now: datetime) -> None:
    asked = Message.objects.filter(address__official=official, purpose__in=(Purpose.CODE, Purpose.TEST))
    if asked.filter(at__gt=now - timedelta(hours=1)).count() >= _IN_AN_HOUR:
        raise TooManyMessagesError
