"""Show a peer what this ledger holds about a letter exchanged with it, and ask it for the same (WITNESS-6).

Nothing of another peer's letters is shown, and no letter before the peer has it: whoever asks for those is
told what is told of a letter that does not exist.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from comity.node.directory import anchors, known
from comity.node.directory.models import Authority
from comity.node.exchange import peer_client
from comity.node.exchange.models import Direction, Letter
from comity.node.ledger import proofs, sequencer
from comity.node.ledger.models import Entry
from comity.node.witnesses import heads, own
from comity.proofs import letter_entries
from comity.proofs.letter_entries import LetterEntries
from comity.terms import ComityError, gettext_noop

SHOWN = ("letter_frozen", "letter_sealed", "letter_received", "receipt", "receipt_kept", "receipt_conflict")
"""What is shown of a letter: what was done with it between the two, and nothing of what officials did."""


class LetterUnknownError(ComityError):
    """No letter of this id was exchanged with the peer that asks."""

    code = "letter_unknown"
    message = gettext_noop("No letter with this id was exchanged with this authority.")
    next_step = gettext_noop("Ask for a letter that was sent to or received from this authority.")


def shown_to(peer: Authority, letter: str) -> LetterEntries:
    """The entries about a letter exchanged with the peer, under the latest head; LetterUnknownError else."""
    row = Letter.objects.filter(pk=letter, peer=peer).first()
    if row is None or not _was_exchanged(row, peer):
        raise LetterUnknownError
    head = sequencer.latest()
    found = Entry.objects.filter(subject=letter, kind__in=SHOWN, salt__isnull=False)
    of_both = found.filter(~Q(kind="receipt") | Q(content__to=peer.pk))  # no rejection of another's letter
    numbered = of_both.filter(index__lt=head.size).order_by("index") if head else found.none()
    kept = list(numbered[: letter_entries.MOST])
    if head is None or not kept:
        raise LetterUnknownError
    proved = proofs.entry_proofs(kept, head)
    return letter_entries.of(known.own().id, letter, proved, own.cosigned_note(head))


def ask(letter: Letter, now: datetime) -> bytes:
    """What the other side's ledger holds about the letter, verified with its key; its head is remembered."""
    data = peer_client.entries_of(letter.peer, str(letter.pk))
    verifier = anchors.verifier(letter.peer)
    found, _ = letter_entries.verify(data, verifier, letter.peer_id, str(letter.pk))
    heads.see(found.checkpoint, letter.peer, now)
    return data


def _was_exchanged(row: Letter, peer: Authority) -> bool:
    return row.direction == Direction.IN or row.receipts.filter(issued_by=peer.pk).exists()
