"""This node's certificate of the connection changes without a gap: prepared, announced, admitted, in use.

The next certificate is made beside the present one; an official tells every peer by a sealed letter; the
node asks each peer, by showing it the next one, whether it is admitted there; and it changes once all have
admitted it, or at the time that the letter gave. Until the present one's end peers admit both (decision 34).
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from comity import canonical
from comity.delivery.envelope import LIFETIME
from comity.directory import updates as times
from comity.letters.schema import SCHEMA
from comity.node import config
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.directory import known, owner, successors
from comity.node.directory.models import Authority
from comity.node.exchange import outgoing, peer_client, people, tls
from comity.node.exchange.models import Announcement, Told
from comity.node.exchange.outgoing import lane
from comity.node.exchange.updates import KIND
from comity.node.jobs import outbox
from comity.node.ledger import entries
from comity.sealing import keys
from comity.terms import ComityError, gettext_noop

KEEP, TRY = "exchange.keep_certificate", "exchange.try_certificate"
ACT = "tell_update"
SOONEST = timedelta(days=1)
"""How long before the change peers are told at least: an administrator of each decides on it."""
BOTH = timedelta(days=14)
"""How long after the change the former certificate is still admitted, at most."""


class CertificateNotPreparedError(ComityError):
    """No certificate is there that could follow the present one."""

    code = "certificate_not_prepared"
    message = gettext_noop("No next certificate of the connection has been made.")
    next_step = gettext_noop("On the node's machine: comity key prepare DIR")


class CertificateAnnouncedError(ComityError):
    """A next certificate was announced and is not in use yet."""

    code = "certificate_announced"
    message = gettext_noop("A next certificate was announced already and is not in use yet.")
    next_step = gettext_noop("Wait for the change, or announce the same one again with another time.")


class ChangeUntimelyError(ComityError):
    """The time of the change leaves peers no time, or the present certificate does not last until then."""

    code = "change_untimely"
    message = gettext_noop("The change must lie a day ahead and before {until}, when the present one ends.")
    next_step = gettext_noop("Choose another time; where none is left, exchange the new card by voice.")


class NobodyToTellError(ComityError):
    """The directory knows no other authority."""

    code = "nobody_to_tell"
    message = gettext_noop("No authority of another State is known that could be told.")
    next_step = gettext_noop("Add an authority's card first: comity node directory add DIR CARD")


def prepare(now: datetime) -> datetime:
    """Make the certificate that follows the present one; when it ends. Peers do not know it yet."""
    if pending() is not None:
        raise CertificateAnnouncedError
    end = keys.prepare(config.current().keys, tls.PRESENT, now)
    content = {
        "what": "certificate_prepared",
        "tls_fingerprint": times.fingerprint(_prepared()),
        "at": canonical.instant_text(now),
    }
    with transaction.atomic():
        entries.append("certificate_prepared", known.own().id, content, now=now)
    return end


def prepared() -> str:
    """The prepared certificate (PEM) that is not in use yet; empty where there is none."""
    path = config.current().keys / f"{tls.NEXT}.crt"
    return path.read_text("ascii") if path.exists() else ""


def pending() -> Announcement | None:
    """The announced certificate that is not in use yet."""
    latest = Announcement.objects.exclude(certificate="").first()
    return latest if latest is not None and latest.changed_at is None else None


@transaction.atomic
def announce(
    by: Official,
    *,
    text: str,
    changes_at: datetime | None = None,
    reached: dict[str, Any] | None = None,
    now: datetime,
) -> Announcement:
    """Tell every peer, each by a letter: the prepared certificate that is shown from ``changes_at`` on, how
    the authority is reached from now on, or both.
    """
    authorise(by, ACT)
    told_before = Announcement.objects.aggregate(number=Max("number"))["number"] or 0
    made = Announcement(number=told_before + 1, at=now, by=by)
    if changes_at is not None:
        _plan(made, changes_at.replace(microsecond=0), now)
    made.save()
    if reached is not None:
        Authority.objects.filter(own=True).update(**reached)
    # a later letter replaces one that waits at a peer: what was announced and is not in use is said again
    certificate = _certificate(made if made.certificate else pending() or made)
    body: dict[str, Any] = {"items": [], "text": text, "certificate": certificate, "reached": reached}
    peers = list(known.peers().order_by("id"))
    if not peers:
        raise NobodyToTellError
    for peer in peers:
        letter = _letter(made, peer, by, body, now)
        Told.objects.create(
            announcement=made,
            peer=peer,
            letter=outgoing.freeze(letter, peer=peer, case_reference="", now=now),
        )
    content = {
        "what": "update_announced",
        "number": made.number,
        "to": [peer.id for peer in peers],
        "tls_fingerprint": times.fingerprint(made.certificate) if made.certificate else None,
        "by": by.pk,
        "at": canonical.instant_text(now),
    }
    entries.append("update_announced", known.own().id, content, now=now)
    return made


def ask_due(now: datetime) -> None:
    """Queue the hourly look at the change, and at what peers announced."""
    outbox.ask(KEEP, f"{KEEP}:{now:%Y-%m-%dT%H}", {}, now=now, priority=50)


def keep(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exchange.keep_certificate``: change when it is time, else ask peers that have not admitted."""
    successors.settle(now)
    plan = pending()
    if plan is None or _changed(plan, now):
        return
    for told in plan.told.filter(admitted_at=None):
        key = f"{TRY}:{plan.number}:{told.peer_id}:{now:%Y-%m-%dT%H}"
        outbox.ask(TRY, key, {"told": told.pk}, now=now, priority=50, lane=lane(told.peer_id))


def attempt(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exchange.try_certificate``: show a peer the next certificate; one that answers admits it."""
    told = Told.objects.select_related("peer", "announcement").get(pk=payload["told"])
    plan = pending()
    if told.announcement != plan or told.admitted_at is not None or not peer_client.admits_next(told.peer):
        return
    with transaction.atomic():
        Told.objects.filter(pk=told.pk).update(admitted_at=now)
        content = {
            "what": "certificate_admitted",
            "authority": told.peer_id,
            "tls_fingerprint": times.fingerprint(plan.certificate),
            "at": canonical.instant_text(now),
        }
        entries.append("certificate_admitted", told.peer_id, content, now=now)
    _changed(plan, now)


def _changed(plan: Announcement, now: datetime) -> bool:
    """Put the next certificate into use, once every peer that still counts admits it or its time has come."""
    waited_for = plan.told.filter(admitted_at=None, peer__in=known.peers())
    if waited_for.exists() and (plan.changes_at is None or now < plan.changes_at):
        return False
    keys.follow(config.current().keys, tls.PRESENT)  # first: done twice it changes nothing more
    with transaction.atomic():
        if not Announcement.objects.filter(pk=plan.pk, changed_at=None).update(changed_at=now):
            return True
        own = owner.refresh()
        content = {
            "what": "certificate_changed",
            "tls_fingerprint": own.tls_fingerprint,
            "at": canonical.instant_text(now),
        }
        entries.append("certificate_changed", own.id, content, now=now)
    return True


def _plan(made: Announcement, changes_at: datetime, now: datetime) -> None:
    own, pem = known.own(), _prepared()
    latest = times.ends_at(own.tls_certificate)
    if not now + SOONEST <= changes_at < latest:
        raise ChangeUntimelyError(until=canonical.instant_text(latest))
    made.certificate, made.replaces = pem.strip(), own.tls_fingerprint
    made.changes_at, made.ends_at = changes_at, min(latest, changes_at + BOTH)


def _prepared() -> str:
    pem = prepared()
    if not pem:
        raise CertificateNotPreparedError
    return pem


def _certificate(made: Announcement) -> dict[str, str] | None:
    if made.changes_at is None or made.ends_at is None:
        return None
    return {
        "certificate": made.certificate,
        "replaces": made.replaces,
        "changes_at": canonical.instant_text(made.changes_at),
        "ends_at": canonical.instant_text(made.ends_at),
    }


def _letter(
    made: Announcement, peer: Authority, by: Official, body: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "kind": KIND,
        "id": str(uuid.uuid4()),
        "case": {"requesting": None, "requested": None},
        "generation": made.number,
        "from": known.own().id,
        "to": peer.id,
        "written_at": canonical.instant_text(now),
        "expires_at": canonical.instant_text(now + LIFETIME),
        "answers": [],
        "people": people.signatory(by, ACT, now),
        "limits": [],
        "attachments": [],
        "body": body,
    }
