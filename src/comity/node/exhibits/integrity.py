"""The integrity sweep: every exhibit's segments are re-hashed on a schedule, and damage is told.

A segment is named by the hash of its ciphertext, so no key is needed and nothing is decrypted. The result is
an entry of the ledger; damage stands on the desk until a later check finds the exhibit whole.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from comity import canonical
from comity.node import store
from comity.node.exchange.workspace import digest
from comity.node.exhibits.content import segment_key
from comity.node.exhibits.models import Exhibit, Segment
from comity.node.jobs import Later, outbox
from comity.node.ledger import entries

JOB = "exhibits.check"
EVERY = timedelta(days=7)
PORTION = 16
"""Segments re-hashed in one run (at most 1 GiB): letters are not kept waiting behind a large exhibit."""
_AFTER_OTHERS = 500
_CHANGED = "object_changed"


def ask_due(now: datetime) -> None:
    """Queue the check of the exhibit that has waited the longest, if one has waited for ``EVERY``."""
    before = now - EVERY
    waited = Q(checked_at__lte=before) | Q(checked_at=None, taken_in_at__lte=before)
    due = (
        Exhibit.objects.filter(waited, wrapped_key__isnull=False)
        .order_by("checked_at", "taken_in_at")
        .first()
    )
    if due is not None:
        ask(due.pk, due.checked_at or due.taken_in_at, now=now)


def ask(exhibit: UUID, last: datetime, *, now: datetime) -> None:
    """Queue the check that follows the one of ``last``; asking twice queues it once."""
    key = f"{JOB}:{exhibit}:{last.timestamp()}"
    payload = {"exhibit": str(exhibit), "since": canonical.instant_text(now)}
    outbox.ask(JOB, key, payload, now=now, priority=_AFTER_OTHERS)


def check(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exhibits.check``: re-hash a portion; after the last one, write down how the exhibit stands."""
    exhibit = Exhibit.objects.get(pk=payload["exhibit"])
    if not exhibit.is_there:
        return
    since = canonical.read_instant(payload["since"])
    waiting = exhibit.segments.filter(Q(checked_at=None) | Q(checked_at__lt=since))
    damage = ""
    for segment in waiting[:PORTION]:
        if damage := _damage(segment):
            break
        Segment.objects.filter(pk=segment.pk).update(checked_at=now)
    if not damage and waiting.exists():
        raise Later(0)
    _note(exhibit, damage, now)


def _damage(segment: Segment) -> str:
    """What is wrong with a segment, as a code; empty when nothing is."""
    try:
        with store.open(segment_key(segment.ciphertext_sha256)) as stored:
            return "" if digest(stored)[0] == segment.ciphertext_sha256 else _CHANGED
    except store.ObjectMissingError as error:
        return error.code


def _note(exhibit: Exhibit, damage: str, now: datetime) -> None:
    content = {
        "what": "integrity_checked",
        "exhibit": str(exhibit.id),
        "segments": exhibit.segments.count(),
        "damage": damage or None,
        "at": canonical.instant_text(now),
    }
    with transaction.atomic():
        entries.append("integrity_checked", str(exhibit.id), content, now=now)
        Exhibit.objects.filter(pk=exhibit.pk).update(checked_at=now, damage=damage)
