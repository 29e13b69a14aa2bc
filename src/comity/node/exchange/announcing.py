"""Tell peers this node's transport key, learn theirs, and encrypt to no key that has ended."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from comity import canonical
from comity.delivery.incoming import CLOCK_SKEW
from comity.node.directory import anchors, known, standing
from comity.node.directory.models import Authority
from comity.node.exchange import peer_client, transport
from comity.node.exchange.models import Direction, Letter, Stage, TransportKey
from comity.node.exchange.outgoing import SEAL
from comity.node.jobs import outbox
from comity.node.ledger import entries, keys
from comity.proofs.transport_keys import KeyNotice, open_notice, sign_notice
from comity.sealing import encryption
from comity.terms import ComityError, gettext_noop


class RecipientExpiredError(ComityError):
    """The peer's transport key may no longer be encrypted to, and no later one is known."""

    code = "recipient_expired"
    temporary = True
    message = gettext_noop("The transport key of {peer} expired on {until}; nothing is encrypted to it.")
    next_step = gettext_noop("The letter waits for the next key. Ask the authority for its card.")


class RecipientWithdrawnError(ComityError):
    """The peer's transport key was withdrawn on this node, and no later one is known."""

    code = "recipient_withdrawn"
    temporary = True
    message = gettext_noop("The transport key of {peer} was withdrawn; nothing is encrypted to it.")
    next_step = gettext_noop("The letter waits for the next key. Ask the authority for its card.")


class SealedToExpiredKeyError(ComityError):
    """A letter was sealed to a transport key of ours after that key had expired."""

    code = "sealed_to_expired_key"
    message = gettext_noop("The letter was encrypted to transport key {number} after its end.")
    next_step = gettext_noop("Ask for this authority's card and send the letter again.")


class SealedToRevokedKeyError(ComityError):
    """A letter was sealed to a transport key of ours after that key had been revoked."""

    code = "sealed_to_revoked_key"
    message = gettext_noop("The letter was encrypted to transport key {number}, which was revoked.")
    next_step = gettext_noop("Ask for this authority's card and send the letter again.")


class KeyNoticeUnacceptableError(ComityError):
    """A signed notice of a transport key that says what cannot be."""

    code = "key_notice_unacceptable"
    message = gettext_noop("The notice of a transport key is not accepted: {detail}.")
    next_step = gettext_noop("Ask the other side for its card: comity node directory card DIR")


class KeyNoticeOutdatedError(ComityError):
    """A notice of a key that a later one replaced, or another key under the same number."""

    code = "key_notice_outdated"
    message = gettext_noop("A later transport key of {peer} is known already.")
    next_step = gettext_noop("Nothing was changed; an older key never returns.")


def usable_recipient(peer: Authority, now: datetime) -> str:
    """The recipient to encrypt a letter to; raise when it was withdrawn or has expired."""
    if peer.recipient_withdrawn_at is not None:
        raise RecipientWithdrawnError(peer=peer.id)
    if peer.recipient_until is not None and now >= peer.recipient_until:
        raise RecipientExpiredError(peer=peer.id, until=canonical.instant_text(peer.recipient_until))
    return peer.recipient


def demand_alive(key: TransportKey | None, sealed_at: datetime) -> None:
    """Refuse what was sealed to a key of ours after that key had ended; ``sealed_at`` is the proven time."""
    if key is None:
        return
    if key.revoked_at is not None and sealed_at > key.revoked_at + CLOCK_SKEW:
        raise SealedToRevokedKeyError(number=key.number)
    if sealed_at > key.valid_until + CLOCK_SKEW:
        raise SealedToExpiredKeyError(number=key.number)


def tell(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exchange.announce_key``: hand a peer the signed notice, unless a later key has come meanwhile."""
    key = transport.current()
    if key is None or key.number != payload["number"]:
        return
    notice = KeyNotice(
        authority=known.own().id,
        number=key.number,
        recipient=key.recipient,
        valid_from=canonical.instant_text(key.valid_from),
        valid_until=canonical.instant_text(key.valid_until),
    )
    peer_client.hand_key(known.find(payload["peer"]), sign_notice(notice, keys.signer()))


def learn(note: bytes, peer: Authority, now: datetime) -> Authority:
    """Take a peer's transport key from its signed notice; letters that waited for it are sealed (WIRE-19).

    Raises the error of what does not hold; nothing is changed then. The same notice again is welcome.
    """
    notice = open_notice(note, anchors.verifier(peer))
    until = _checked(notice, peer, now)
    with transaction.atomic():
        row = Authority.objects.select_for_update().get(id=peer.id)
        same = (notice.number, notice.recipient) == (row.recipient_number, row.recipient)
        if notice.number <= row.recipient_told:
            if not same:
                raise KeyNoticeOutdatedError(peer=peer.id)
            if row.recipient_until is not None:
                return row
        if notice.recipient != row.recipient:
            if notice.number < row.recipient_number and standing.named_before(row, notice.recipient):
                raise KeyNoticeOutdatedError(peer=peer.id)  # a later entry replaced it
            row.recipient_withdrawn_at = None
        row.recipient, row.recipient_until = notice.recipient, until
        row.recipient_number = row.recipient_told = notice.number
        row.save()
        content = {
            "what": "transport_key_learned",
            "authority": peer.id,
            "number": notice.number,
            "recipient_sha256": transport.fingerprint(notice.recipient),
            "valid_until": notice.valid_until,
            "at": canonical.instant_text(now),
        }
        entries.append("transport_key_learned", peer.id, content, now=now)
        waiting = Letter.objects.filter(direction=Direction.OUT, stage=Stage.FROZEN, peer=row)
        for letter in waiting.values_list("id", flat=True):
            outbox.hasten(f"{SEAL}:{letter}", now)
    return row


def withdraw(peer: Authority, now: datetime) -> None:
    """Encrypt nothing more to a peer's present key, as its officer asked by voice."""
    with transaction.atomic():
        row = Authority.objects.select_for_update().filter(id=peer.id, own=False).first()
        if row is None:
            raise known.AuthorityUnknownError(authority=peer.id)
        row.recipient_withdrawn_at = now
        row.save(update_fields=["recipient_withdrawn_at"])
        content = {
            "what": "transport_key_withdrawn",
            "authority": row.id,
            "number": row.recipient_number,
            "recipient_sha256": transport.fingerprint(row.recipient),
            "at": canonical.instant_text(now),
        }
        entries.append("transport_key_withdrawn", row.id, content, now=now)


def _checked(notice: KeyNotice, peer: Authority, now: datetime) -> datetime:
    """When the key expires, if the notice can be."""
    begins, until = canonical.read_instant(notice.valid_from), canonical.read_instant(notice.valid_until)
    if notice.authority != peer.id:
        raise KeyNoticeUnacceptableError(detail="it is about another authority")
    if begins > now + CLOCK_SKEW:
        raise KeyNoticeUnacceptableError(detail="the key begins later than now")
    if not now < until <= begins + transport.LIFE:
        raise KeyNoticeUnacceptableError(detail="the key has expired, or lives longer than 90 days")
    encryption.demand_recipient(notice.recipient)
    return until
