"""This node's transport keys: the one that peers encrypt to, and the older ones that still open letters.

A key is replaced by a new one after ``ROTATE_AFTER`` and expires ``LIFE`` after it was made; it opens letters
until the last letter that may have been encrypted to it has expired, and is destroyed then. The rows say
which keys there are; an identity lies in ``keys/transport-N.identity``, and ``keys/transport.identity`` is
the present one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.db import transaction

from comity import canonical
from comity.delivery.envelope import LIFETIME
from comity.node import config, durable
from comity.node.databases import rows
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.exchange.models import Direction, Letter, Stage, TransportKey
from comity.node.exchange.outgoing import lane
from comity.node.jobs import outbox
from comity.node.ledger import entries
from comity.sealing import encryption, keys
from comity.terms import ComityError, gettext_noop

LIFE, ROTATE_AFTER = timedelta(days=90), timedelta(days=60)
"""No key is encrypted to for longer than 90 days; the last 30 are there for peers that are away."""
ANNOUNCE, KEEP = "exchange.announce_key", "exchange.keep_keys"
_IDENTITY, _RECIPIENT = "transport.identity", "transport.recipient"


class TransportKeyUnknownError(ComityError):
    """The node has no transport key of this number."""

    code = "transport_key_unknown"
    message = gettext_noop("There is no transport key {number}.")
    next_step = gettext_noop("See which there are: comity key list DIR")


class TransportKeyInUseError(ComityError):
    """The key that peers encrypt to cannot be destroyed."""

    code = "transport_key_in_use"
    message = gettext_noop("Transport key {number} is the one that peers encrypt to.")
    next_step = gettext_noop("Make another one first: comity key rotate DIR")


class TransportKeyEndedError(ComityError):
    """The key was revoked or destroyed already."""

    code = "transport_key_ended"
    message = gettext_noop("Transport key {number} was revoked or destroyed already.")
    next_step = gettext_noop("Nothing is left to do; see comity key list DIR")


def current() -> TransportKey | None:
    """The key that peers are told: the latest; None in a node that has not begun to count them."""
    return TransportKey.objects.order_by("-number").first()


def begin(now: datetime) -> TransportKey:
    """Count the key that was made with the authority as the first; later calls change nothing."""
    folder = config.current().keys
    with transaction.atomic():
        own = _locked()
        present = current()
        if present is not None:
            return present
        made = canonical.read_instant(keys.read_description(folder).created_at)
        recipient = keys.read_text(folder / _RECIPIENT).strip()
        first = TransportKey.objects.create(
            number=1, recipient=recipient, valid_from=made, valid_until=made + LIFE
        )
        _tell(own, first)
        _note("transport_key_made", first, now)
    settle()
    return first


def ask_due(now: datetime) -> None:
    """Queue the look at the keys, once a day."""
    outbox.ask(KEEP, f"{KEEP}:{now:%Y-%m-%d}", {}, now=now, priority=50)


def keep(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exchange.keep_keys``: a new key after ``ROTATE_AFTER``; the end of those that no letter needs."""
    present = current()
    if present is None:
        present = begin(now)
        announce(present, now)
    if now >= present.valid_from + ROTATE_AFTER:
        rotate(now)
    for key in TransportKey.objects.filter(destroyed_at=None).exclude(number=present.number):
        if is_idle(key, now):
            _destroy(key, now)


def rotate(now: datetime) -> TransportKey:
    """Make a new key and tell every peer; the one before may be encrypted to until it expires."""
    with transaction.atomic():
        own = _locked()
        before = begin(now)
        identity, recipient = encryption.new_identity()
        number = before.number + 1
        path = _path(number)
        path.unlink(missing_ok=True)  # of a rotation that did not count: no row names it
        with durable.new_file(path) as out:
            out.write(keys.wrapped_like(config.current().keys / _IDENTITY, identity))
        key = TransportKey.objects.create(
            number=number, recipient=recipient, valid_from=now, valid_until=now + LIFE
        )
        _tell(own, key)
        _note("transport_key_made", key, now)
        announce(key, now)
    settle()
    return key


def expire(number: int, now: datetime) -> TransportKey:
    """End the time in which letters may be encrypted to a key; the present one is replaced first."""
    with transaction.atomic():
        key = _replaced(number, now)
        key.valid_until = min(key.valid_until, now)
        key.save(update_fields=["valid_until"])
        _note("transport_key_expired", key, now)
    return key


def revoke(number: int, now: datetime) -> TransportKey:
    """Say that a key is no longer to be trusted with anything; the present one is replaced first.

    Letters encrypted to it from now on are refused; those before it are still opened.
    """
    with transaction.atomic():
        key = _replaced(number, now)
        key.revoked_at, key.valid_until = now, min(key.valid_until, now)
        key.save(update_fields=["revoked_at", "valid_until"])
        _note("transport_key_revoked", key, now)
    return key


def destroy(number: int, now: datetime, *, by: tuple[str, str]) -> TransportKey:
    """Destroy a former key before its time; letters on the way that are encrypted to it are lost.

    ``by`` names the two officials; that they are two and may do it is the caller's part.
    """
    key = _found(number)
    present = current()
    if present is None or key.number == present.number:
        raise TransportKeyInUseError(number=number)
    _destroy(key, now, by=by)
    return key


def is_idle(key: TransportKey, now: datetime) -> bool:
    """Whether no letter that is encrypted to the key can still be alive."""
    if now < key.valid_until + LIFETIME:
        return False
    waiting = Letter.objects.filter(direction=Direction.IN, stage=Stage.ACCEPTED)
    return not waiting.filter(received_at__lte=key.valid_until + LIFETIME).exists()


def state(key: TransportKey, now: datetime) -> str:
    """``current``, ``former`` (may still be encrypted to), ``expired``, ``revoked`` or ``destroyed``."""
    present = current()
    if key.destroyed_at is not None:
        return "destroyed"
    if key.revoked_at is not None:
        return "revoked"
    if now >= key.valid_until:
        return "expired"
    return "current" if present is not None and key.number == present.number else "former"


def openers() -> Iterator[tuple[TransportKey | None, str]]:
    """Every key that opens letters, the latest first, with its identity."""
    counted = rows.those(TransportKey, destroyed_at=None)[::-1]
    present = config.current().keys / _IDENTITY
    for at, key in enumerate(counted):
        path = _path(key.number)
        if path.exists() or at == 0:  # without its file: a former one whose destruction was cut off
            yield key, keys.read_identity(path if path.exists() else present)
    if not counted:
        yield None, keys.read_identity(present)


def settle() -> None:
    """Make the key folder's present identity and recipient those of the rows; repeating changes nothing.

    A node that died between the row and this is put right by its worker's next start.
    """
    key = current()
    if key is None:
        return
    folder = config.current().keys
    own = _path(key.number)
    if not own.exists():  # the first: made with the authority
        _write(own, (folder / _IDENTITY).read_bytes(), 0o600)
    if keys.read_text(folder / _RECIPIENT).strip() != key.recipient:
        _write(folder / _IDENTITY, own.read_bytes(), 0o600)
        _write(folder / _RECIPIENT, f"{key.recipient}\n".encode(), 0o644)


def announce(key: TransportKey, now: datetime) -> None:
    """Ask for the key to be told to every peer, in the caller's transaction."""
    for peer in known.peers():
        announce_to(peer.id, key, "rotation", now)


def announce_to(peer: str, key: TransportKey, occasion: str, now: datetime) -> None:
    """Ask for the key to be told to one peer; once for each occasion."""
    payload = {"peer": peer, "number": key.number}
    which = f"{ANNOUNCE}:{key.number}:{peer}:{occasion}"
    outbox.ask(ANNOUNCE, which, payload, now=now, priority=15, lane=lane(peer))


def fingerprint(recipient: str) -> str:
    """SHA-256 of a recipient's text, lower-case hex: what the ledger calls a key."""
    return sha256(recipient.encode()).hexdigest()


def _replaced(number: int, now: datetime) -> TransportKey:
    """The key, no longer the present one."""
    key = _found(number)
    if key.revoked_at is not None:
        raise TransportKeyEndedError(number=number)
    present = current()
    if present is not None and present.number == number:
        rotate(now)
    return TransportKey.objects.select_for_update().get(number=number)


def _found(number: int) -> TransportKey:
    key = TransportKey.objects.filter(number=number).first()
    if key is None:
        raise TransportKeyUnknownError(number=number)
    if key.destroyed_at is not None:
        raise TransportKeyEndedError(number=number)
    return key


def _destroy(key: TransportKey, now: datetime, by: tuple[str, str] | tuple[()] = ()) -> None:
    """The identity goes first: after a crash in between, a row without its file is destroyed again."""
    path = _path(key.number)
    if path.exists():
        with path.open("r+b") as file:  # where the file system writes in place, nothing readable stays
            file.write(os.urandom(path.stat().st_size))
            file.flush()
            durable.sync(file.fileno())
        path.unlink(missing_ok=True)
        durable.sync_directory(path.parent)
    with transaction.atomic():
        row = TransportKey.objects.select_for_update().get(number=key.number)
        if row.destroyed_at is None:
            row.destroyed_at = now
            row.save(update_fields=["destroyed_at"])
            _note("transport_key_destroyed", row, now, by=list(by))


def _tell(own: Authority, key: TransportKey) -> None:
    """The own card names the key."""
    own.recipient, own.recipient_number, own.recipient_until = key.recipient, key.number, key.valid_until
    own.save(update_fields=["recipient", "recipient_number", "recipient_until"])


def _note(what: str, key: TransportKey, now: datetime, **more: Any) -> None:
    content = {
        "what": what,
        "number": key.number,
        "recipient_sha256": fingerprint(key.recipient),
        "valid_until": canonical.instant_text(key.valid_until),
        "at": canonical.instant_text(now),
    }
    entries.append(what, f"transport-{key.number}", content | more, now=now)


def _locked() -> Authority:
    return Authority.objects.select_for_update().get(id=known.own().id)


def _path(number: int) -> Path:
    return config.current().keys / f"transport-{number}.identity"


def _write(path: Path, data: bytes, mode: int) -> None:
    with durable.replacing(path, mode) as out:
        out.write(data)
