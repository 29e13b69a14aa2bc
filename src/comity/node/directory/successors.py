"""The certificate that follows a peer's: announced under its seal, admitted beside the present one, alone.

What an authority tells of itself by a letter waits as an ``Update`` until an administrator has taken or
declined it, or a card compared by voice or a keeper's entry says the same: no new key is accepted by the
machine alone (decision 34).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet

from comity import canonical
from comity.directory import updates
from comity.letters.bodies import DirectoryUpdateBody, NextCertificate
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.directory.models import Authority, Update, UpdateStanding
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

CARD = ("ca", "seal", "tsa", "ocsp", "tls")
_NONE: dict[str, Any] = {"tls_next_certificate": "", "tls_next_fingerprint": "", "tls_ends_at": None}


class UpdateOutdatedError(ComityError):
    """An update whose number is not newer than the newest of this authority."""

    code = "update_outdated"
    message = gettext_noop("A later update of {authority} is here already.")
    next_step = gettext_noop("The authority numbers what it tells of itself upwards, each number once.")


class UpdateSettledError(ComityError):
    """The update does not wait for a decision, or no longer."""

    code = "update_settled"
    message = gettext_noop("This update does not wait for a decision any more.")
    next_step = gettext_noop("See the authority's page for what holds now.")


def propose(peer: Authority, body: DirectoryUpdateBody, *, number: int, letter: Any, now: datetime) -> Update:
    """Let what an authority tells of itself wait for a decision, in the caller's transaction.

    Raises UpdateOutdatedError or what ``updates.demand_successor`` does; nothing is changed then.
    Clauses: DIRECTORY-25, DIRECTORY-26.
    """
    row = Authority.objects.select_for_update().get(pk=peer.pk)
    newest = Update.objects.filter(authority=row).aggregate(number=Max("number"))["number"]
    if newest is not None and number <= newest:
        raise UpdateOutdatedError(authority=row.id)
    if body.certificate is not None:
        updates.demand_successor(body.certificate, _card(row), now)
    Update.objects.filter(authority=row, standing=UpdateStanding.WAITING).update(
        standing=UpdateStanding.REPLACED, settled_at=now
    )
    document = canonical.write(body.as_json()).decode()
    made = Update.objects.create(
        authority=row, number=number, letter=letter, document=document, entered_at=now
    )
    _note("update_told", made, now)
    return made


def take(by: Official, update: Update, *, reasons: str, now: datetime) -> Authority:
    """Admit the next certificate beside the present one, and take over how the authority is reached."""
    authorise(by, "manage_directory")
    with transaction.atomic():
        found = _waiting(update)
        row, body = Authority.objects.select_for_update().get(pk=found.authority_id), found.body()
        told = body.certificate
        if told is not None and told.certificate.strip() != row.tls_certificate.strip():
            updates.demand_successor(told, _card(row), now)
            _set(row, _following(told))  # the same certificate too: the change may have been put off
        if body.reached is not None:
            _set(row, body.reached.as_json())
        row.save()
        _settle(found, UpdateStanding.TAKEN, by, reasons, now)
    return row


def decline(by: Official, update: Update, *, reasons: str, now: datetime) -> None:
    """Let what is known of the authority stay as it is."""
    authorise(by, "manage_directory")
    with transaction.atomic():
        _settle(_waiting(update), UpdateStanding.DECLINED, by, reasons, now)


def waiting() -> QuerySet[Update]:
    """What authorities told of themselves and nobody has decided on, the oldest first."""
    return Update.objects.filter(standing=UpdateStanding.WAITING).select_related("authority").order_by("id")


def taken_at(row: Authority, since: datetime) -> datetime | None:
    """When something that the authority told of itself was last taken over after ``since``."""
    taken = Update.objects.filter(authority=row, standing=UpdateStanding.TAKEN, settled_at__gt=since)
    last = taken.order_by("-settled_at").first()
    return last.settled_at if last else None


def announced(row: Authority, certificate: str) -> NextCertificate | None:
    """What the authority itself said of this certificate, where it is to follow the one in use here."""
    known = Update.objects.filter(
        authority=row, standing__in=(UpdateStanding.WAITING, UpdateStanding.TAKEN)
    ).first()
    told = known.body().certificate if known else None
    if told is None or told.certificate.strip() != certificate.strip():
        return None
    return told if told.replaces == row.tls_fingerprint else None


def beside(row: Authority | None, values: dict[str, Any], source: str, now: datetime) -> dict[str, Any]:
    """The columns that a card or entry brings; a certificate that the authority announced stands beside the
    present one until that ends, any other replaces it at once.

    Clause DIRECTORY-27.
    """
    said = values.get("tls_certificate")
    if row is None or said is None or said.strip() == row.tls_certificate.strip():
        return values
    told = announced(row, said)
    if told is None or now >= canonical.read_instant(told.ends_at):
        return values | _NONE
    for one in Update.objects.filter(authority=row, standing=UpdateStanding.WAITING):
        if one.body().reached is None:
            _settle(one, UpdateStanding.TAKEN, None, source, now)
    present = {"tls_certificate": row.tls_certificate, "tls_fingerprint": row.tls_fingerprint}
    return values | present | _following(told)


def settle(now: datetime) -> int:
    """Where a present certificate has ended as its authority said, the next one is the present; how many."""
    due = list(Authority.objects.filter(own=False, tls_ends_at__lte=now).exclude(tls_next_certificate=""))
    for row in due:
        with transaction.atomic():
            found = Authority.objects.select_for_update().get(pk=row.pk)
            if found.tls_ends_at is None or found.tls_ends_at > now:
                continue
            found.tls_certificate = found.tls_next_certificate
            found.tls_fingerprint = found.tls_next_fingerprint
            _set(found, _NONE)
            found.save()
            content = {
                "what": "certificate_followed",
                "authority": found.id,
                "tls_fingerprint": found.tls_fingerprint,
                "at": canonical.instant_text(now),
            }
            entries.append("certificate_followed", found.id, content, now=now)
    return len(due)


def _card(row: Authority) -> dict[str, str]:
    return {name: getattr(row, f"{name}_certificate") for name in CARD}


def _following(told: NextCertificate) -> dict[str, Any]:
    return {
        "tls_next_certificate": told.certificate,
        "tls_next_fingerprint": updates.fingerprint(told.certificate),
        "tls_ends_at": canonical.read_instant(told.ends_at),
    }


def _set(row: Authority, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def _waiting(update: Update) -> Update:
    found = Update.objects.select_for_update(of=("self",)).get(pk=update.pk)
    if found.standing != UpdateStanding.WAITING:
        raise UpdateSettledError
    return found


def _settle(
    update: Update, standing: UpdateStanding, by: Official | None, reasons: str, now: datetime
) -> None:
    update.standing, update.settled_at = standing, now
    update.decided_by, update.reasons = by, reasons
    update.save(update_fields=["standing", "settled_at", "decided_by", "reasons"])
    _note(f"update_{standing.value}", update, now, by=by.pk if by else None, reasons=reasons)


def _note(what: str, update: Update, now: datetime, **more: Any) -> None:
    told = update.body().certificate
    content = {
        "what": what,
        "authority": update.authority_id,
        "number": update.number,
        "letter": str(update.letter),
        "tls_fingerprint": updates.fingerprint(told.certificate) if told else None,
        "at": canonical.instant_text(now),
    }
    update.ledger = entries.append(what, update.authority_id, content | more, now=now)
    update.save(update_fields=["ledger"])
