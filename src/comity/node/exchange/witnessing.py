"""Job ``exchange.ask_witness``: have our heads cosigned; and what witnesses know of us after a restore."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from comity.node import config
from comity.node.directory import known
from comity.node.directory.models import Authority
from comity.node.exchange import peer_client
from comity.node.jobs import outbox
from comity.node.jobs.models import Job, JobState
from comity.node.ledger import holding, sequencer
from comity.node.ledger.models import Checkpoint
from comity.node.witnesses import heads, own
from comity.node.witnesses.models import Contact
from comity.proofs import merkle
from comity.proofs.witnessing import Submission
from comity.terms import ComityError

ASK, SETTLE = "exchange.ask_witness", "exchange.settle_ledger"
EVERY = timedelta(seconds=20)
"""A witness is asked for the latest head, and not more often than this."""
SETTLE_EVERY = timedelta(minutes=1)
_log = logging.getLogger(__name__)


def ask_due(now: datetime) -> None:
    """Queue a question to each witness that was not asked about the latest head; settle a held ledger."""
    if holding.held(config.current().folder) is not None:
        if not Job.objects.filter(kind=SETTLE, state=JobState.WAITING).exists():
            moment = int(now.timestamp() // SETTLE_EVERY.total_seconds())
            outbox.ask(SETTLE, f"{SETTLE}:{moment}", {}, now=now, priority=50, lane="settle")
        return
    latest = sequencer.latest()
    if latest is None:
        return
    done = Contact.objects.filter(asked_size__gte=latest.size).values("witness")
    recent = Contact.objects.filter(asked_at__gt=now - EVERY).values("witness")
    for witness in own.witnesses().exclude(id__in=done).exclude(id__in=recent):
        lane = f"witness:{witness.id}"[:40]
        if not Job.objects.filter(kind=ASK, lane=lane, state=JobState.WAITING).exists():
            key = f"{ASK}:{witness.id}:{latest.size}:{int(now.timestamp() // EVERY.total_seconds())}"
            outbox.ask(ASK, key, {"witness": witness.id}, now=now, priority=150, lane=lane)


def ask(payload: dict[str, Any], now: datetime) -> None:
    """Submit the latest head to one witness, and keep its cosignature or what it said instead."""
    witness, latest = known.find(payload["witness"]), sequencer.latest()
    if latest is None or holding.held(config.current().folder) is not None:
        return
    contact, _ = Contact.objects.get_or_create(witness=witness, defaults={"asked_at": now})
    contact.asked_size, contact.asked_at = latest.size, now
    try:
        contact.code = _submit(witness, contact, latest, now)
    except ComityError as error:
        # The next head is another chance, and so is the next round while there is none.
        contact.code, contact.asked_size = error.code, 0
        _log.warning("witness %s: %s", witness.id, error.code)
    contact.save()
    _gossip(witness, now)


def settle(payload: dict[str, Any], now: datetime) -> None:
    """Job ``exchange.settle_ledger``: ask every witness what it knows of our ledger before it signs again."""
    own.settle(what_they_know(), now)


def what_they_know() -> dict[Authority, str]:
    """The note of our largest head that each witness knows (empty: none), of those that can be reached."""
    told = {}
    for witness in own.witnesses():
        try:
            told[witness] = peer_client.known_head(witness, config.current().id)
            if told[witness]:
                own.is_ours(told[witness])
        except ComityError as error:
            told.pop(witness, None)
            _log.warning("witness %s did not say what it knows: %s", witness.id, error.code)
    return told


def _submit(witness: Authority, contact: Contact, latest: Checkpoint, now: datetime) -> str:
    """What went wrong; empty when the witness cosigned."""
    for _ in range(2):
        size = min(contact.known_size, latest.size)  # it may know more than was left after a loss
        path = sequencer.over_stored(partial(merkle.prove_consistency, size, latest.size))
        submission = Submission(size, tuple(path), latest.note.encode())
        answer = peer_client.submit_head(witness, submission.as_bytes())
        if isinstance(answer, bytes):
            own.keep(latest, answer, witness)
            contact.known_size = latest.size
            return ""
        if answer > latest.size or answer == size:
            return _ahead(witness, now)
        contact.known_size = answer
    return "witness_undecided"


def _ahead(witness: Authority, now: datetime) -> str:
    """The witness says that it knows another ledger of ours: only our own signature proves it."""
    note = peer_client.known_head(witness, config.current().id)
    if note and own.is_lost(own.is_ours(note)):
        if not own.is_declared(note):
            holding.hold(config.current().folder, holding.BEHIND, now)
        return "ahead"
    return "witness_disagrees"


def _gossip(witness: Authority, now: datetime) -> None:
    """Compare what the witness has seen of others with what we have: two views of one ledger meet here."""
    for peer in known.peers().exclude(id=witness.id):
        try:
            note = peer_client.known_head(witness, peer.id)
            if note:
                heads.see(note, peer, now)
        except ComityError as error:
            _log.warning("what %s knows of %s: %s", witness.id, peer.id, error.code)
