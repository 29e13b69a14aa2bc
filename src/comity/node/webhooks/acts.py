"""The administrator's acts about endpoints. Each leaves a line in the administration log and the ledger."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from comity.node.accounts.authority import NothingThereError, authorise, may
from comity.node.accounts.models import Official
from comity.node.administration import acts as administration
from comity.node.webhooks import reaching, signing
from comity.node.webhooks.models import Endpoint, EndpointChange, Happening
from comity.terms import ComityError, gettext_noop


class EventsUnknownError(ComityError):
    """An endpoint must be told of something, and of something that there is."""

    code = "events_unknown"
    message = gettext_noop("Choose at least one of the events that there are.")
    next_step = gettext_noop("They are: {known}.")


class SpeakerSeesNothingError(ComityError):
    """Notices go out in the name of somebody who sees no case."""

    code = "speaker_sees_nothing"
    message = gettext_noop("{name} sees no case, so nothing would ever be sent.")
    next_step = gettext_noop("Choose the official whose cases the program works on.")


def register(
    by: Official, url: str, *, events: Iterable[str], speaker: Official, now: datetime
) -> tuple[Endpoint, str]:
    """Register an endpoint; return it with its secret, which is shown this once.

    The address is judged now and again at every notice (its name may lead elsewhere by then).
    """
    authorise(by, "manage_webhooks")
    chosen = [event.value for event in Happening if event.value in set(events)]
    if not chosen or set(events) - set(chosen):
        raise EventsUnknownError(known=", ".join(Happening.values))
    if not may(speaker, "view_case"):
        raise SpeakerSeesNothingError(name=str(speaker))
    reaching.judge(url)
    secret = signing.new_secret()
    with transaction.atomic():
        made = Endpoint.objects.create(
            url=url,
            events=chosen,
            official=speaker,
            secret=signing.sealed(secret),
            made_by=by,
            made_at=now,
        )
        _remember(EndpointChange.ADDED, by, made, {}, {"url": url, "events": chosen}, now)
    return made, secret


@transaction.atomic
def change_secret(by: Official, endpoint: uuid.UUID, *, now: datetime) -> str:
    """A new secret, shown this once; the old one signs beside it for a day."""
    found = _find(by, endpoint)
    secret = signing.new_secret()
    found.old_secret, found.old_until = found.secret, now + signing.BOTH
    found.secret = signing.sealed(secret)
    found.save(update_fields=["secret", "old_secret", "old_until"])
    _remember(EndpointChange.SECRET_CHANGED, by, found, {}, {}, now)
    return secret


@transaction.atomic
def switch(by: Official, endpoint: uuid.UUID, *, on: bool, now: datetime) -> Endpoint:
    """Switch an endpoint on (its failures forgotten) or off. What happens while it is off is never sent."""
    found = _find(by, endpoint)
    if found.is_active != on:
        found.is_active, found.failures = on, 0
        found.save(update_fields=["is_active", "failures"])
        _remember(EndpointChange.CHANGED, by, found, {"is_active": not on}, {"is_active": on}, now)
    return found


@transaction.atomic
def remove(by: Official, endpoint: uuid.UUID, *, now: datetime) -> None:
    """Take an endpoint out of use for good; its log stays, its secrets do not."""
    found = _find(by, endpoint)
    found.is_active, found.removed_at, found.secret, found.old_secret = False, now, "", ""
    found.save(update_fields=["is_active", "removed_at", "secret", "old_secret"])
    _remember(EndpointChange.REMOVED, by, found, {}, {"url": found.url}, now)


def find(by: Official, endpoint: uuid.UUID) -> Endpoint:
    """An endpoint that is not removed; raise NothingThereError."""
    authorise(by, "manage_webhooks")
    found = (
        Endpoint.objects.select_related("official", "made_by").filter(pk=endpoint, removed_at=None).first()
    )
    if found is None:
        raise NothingThereError(name=str(endpoint))
    return found


def _find(by: Official, endpoint: uuid.UUID) -> Endpoint:
    found = find(by, endpoint)
    return Endpoint.objects.select_for_update().get(pk=found.pk)


def _remember(
    kind: EndpointChange,
    by: Official,
    endpoint: Endpoint,
    before: dict[str, object],
    after: dict[str, object],
    now: datetime,
) -> None:
    administration.remember(kind, by, endpoint.official, before, after, now)  # type: ignore[arg-type]  # a kind of this room
