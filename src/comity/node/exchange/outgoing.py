"""Freeze the bytes of a letter inside the act that makes it; everything else happens in jobs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from comity import canonical
from comity.delivery import envelope
from comity.letters.schema import Letter as Document
from comity.letters.schema import read_value
from comity.letters.validation import require_sound
from comity.node.databases import rows
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.exchange.models import Direction, Letter, Stage
from comity.node.jobs import outbox
from comity.node.jobs.models import Job
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

SEAL = "exchange.seal"
URGENT, ORDINARY = 10, 100
"""The priority of the jobs of a letter: what is urgent comes first (WIRE-24)."""


def lane(peer: str) -> str:
    """The lane of the jobs that call a peer's node: one at a time, and no peer holds up another."""
    return f"peer:{peer}"[:40]


class LetterMisaddressedError(ComityError):
    """A letter's sender or recipient is not the one it is to be sent between."""

    code = "letter_misaddressed"
    message = gettext_noop("The letter is from “{source}” to “{target}”, which is not between these two.")
    next_step = gettext_noop("Write the letter from this authority to the authority of the case.")


def letter_of(payload: dict[str, Any]) -> Letter:
    """The letter that a job is about, with its peer."""
    return letters_of([payload])[0]


def letters_of(payloads: Sequence[dict[str, Any]]) -> list[Letter]:
    """The letters that jobs of one lane are about, with their peer."""
    found = {str(each.pk): each for each in rows.among(Letter, "id", [each["letter"] for each in payloads])}
    letters = [found[str(each["letter"])] for each in payloads]
    peers = {each.id: each for each in rows.among(Authority, "id", list({each.peer_id for each in letters}))}
    for letter in letters:
        letter.peer = peers[letter.peer_id]
    return letters


def waits_for(letter: Letter) -> str:
    """The code of what keeps a frozen letter from being sealed; empty where nothing has."""
    if letter.stage != Stage.FROZEN:
        return ""
    code = Job.objects.filter(key=f"{SEAL}:{letter.pk}", attempts__gt=0).values_list("last_code", flat=True)
    return code.first() or ""


def freeze(
    letter: dict[str, Any] | Document,
    *,
    peer: Authority,
    case_reference: str,
    attachments: Sequence[str] = (),
    urgent: bool = False,
    now: datetime,
) -> Letter:
    """Fix a letter's bytes, note it in the ledger and ask for its sealing, in the caller's transaction.

    ``attachments`` are ids of exhibits, in the order of the letter's attachments. Raises the errors of
    ``comity.letters`` for a letter that is not sound, LetterLivesTooLongError.
    """
    document = letter if isinstance(letter, Document) else read_value(letter)
    require_sound(document)
    envelope.demand_life(document.written_at, document.expires_at)
    if (document.source, document.target) != (known.own().id, peer.id):
        raise LetterMisaddressedError(source=document.source, target=document.target)
    data = document.as_bytes()
    row = Letter.objects.create(
        id=document.id,
        kind=document.kind,
        direction=Direction.OUT,
        peer=peer,
        case_reference=case_reference,
        generation=document.generation,
        stage=Stage.FROZEN,
        canonical=data,
        attachments=[str(exhibit) for exhibit in attachments],
        urgent=urgent,
        frozen_at=now,
        stage_at=now,
        expires_at=canonical.read_instant(document.expires_at),
    )
    content = {
        "what": "letter_frozen",
        "letter": document.id,
        "to": peer.id,
        "sha256": sha256(data).hexdigest(),
    }
    entries.append("letter_frozen", document.id, content, now=now)
    priority = URGENT if urgent else ORDINARY
    outbox.ask(SEAL, f"{SEAL}:{document.id}", {"letter": document.id}, now=now, priority=priority)
    return row
