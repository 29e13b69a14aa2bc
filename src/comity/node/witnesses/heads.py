"""Compare every signed head of a peer with those seen before, and keep a proof where they contradict."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import F, Max, QuerySet, Window

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.databases import rows
from comity.node.directory import anchors, known
from comity.node.directory.models import Authority
from comity.node.ledger import entries
from comity.node.witnesses.models import ForkProof, Head
from comity.proofs import forks
from comity.proofs.checkpoints import Checkpoint, open_checkpoint, origin
from comity.terms import ComityError, gettext_noop


class HeadUnseenError(ComityError):
    """No head of an authority's ledger has reached this node."""

    code = "head_unseen"
    message = gettext_noop("No checkpoint of the ledger of {authority} was seen here.")
    next_step = gettext_noop("Tell the authority so: it compares with what others hold.")


def see(note: str, peer: Authority, now: datetime) -> Checkpoint:
    """Remember a head that a peer signed; one that contradicts an earlier one becomes a proof of fork.

    Raises the error of a note that is not the peer's; then nobody is accused.
    """
    head = open_checkpoint(note.encode(), anchors.verifier(peer), origin(peer.id))
    see_opened(head, note, peer, now)
    return head


def see_opened(head: Checkpoint, note: str, peer: Authority, now: datetime) -> None:
    """The same of a head that was opened with the peer's key; also inside the caller's transaction."""
    with transaction.atomic(savepoint=False):
        known.hold(peer)
        remember(head, note, peer, now)


def remember(head: Checkpoint, note: str, peer: Authority, now: datetime) -> Head | None:
    """The same under the lock of the peer's row; None when it contradicts another."""
    beside = _beside(head, peer)
    for other in beside:
        if other.size != head.size or bytes(other.root) != head.root:
            accuse((head, note), other, peer, now)
            return None
    if beside:
        return beside[0]  # one head proves many receipts
    kept = Head(authority=peer, size=head.size, after=head.after, root=head.root, note=note, seen_at=now)
    rows.insert(kept)
    return kept


def open_heads(peer: Authority) -> QuerySet[Head]:
    """The heads that bind the peer."""
    return Head.objects.filter(authority=peer, closed_at=None)


def seen_heads(peer: Authority) -> QuerySet[Head]:
    """All heads of the peer that were seen, those of before a break that was accepted too."""
    return Head.objects.filter(authority=peer)


def largest(peer: Authority) -> Head | None:
    """The largest head of the peer that this node has seen (WITNESS-4)."""
    return open_heads(peer).order_by("-size").first()


def handed_out(peer: Authority) -> str:
    """What the peer compares with what it restored: signed notes, one after the other.

    Mostly it is one, of the largest head. Where the peer declared a break that is not accepted here, that one
    is of the branch that ended: so the largest of those seen later, and so on, and the two that contradicted
    each other last, of which only the earlier stands among the heads. Where a break was accepted and nothing
    seen since, what was seen before is all there is: it binds the peer no more, and may be what it lost after
    the break. HeadUnseenError where none was ever seen.
    """
    later = Window(Max("size"), order_by=F("id").desc())
    kept = open_heads(peer) if open_heads(peer).exists() else seen_heads(peer)
    found = kept.annotate(later=later).filter(size=F("later")).order_by("id")
    notes = [each.note for each in found]
    if not notes:
        raise HeadUnseenError(authority=peer.id)
    proof = accused(peer).first()
    if proof is not None:
        fork = forks.read(proof.document.encode())
        notes += [note for note in (fork.smaller, fork.larger) if note not in notes]
    return "".join(notes)


def cosigned(peer: Authority) -> Head | None:
    """The latest head of the peer that this node has cosigned."""
    return open_heads(peer).exclude(cosigned_at=None).order_by("-size").first()


def accuse(one: tuple[Checkpoint, str], other: Head, peer: Authority, now: datetime) -> ForkProof:
    """Keep the two heads; the ledger remembers them. The same accusation is kept once."""
    fork = forks.between(peer.id, one, (_checkpoint(other), other.note))
    smaller, larger = sorted((one[0], _checkpoint(other)), key=lambda each: each.size)
    kind = forks.contradiction(smaller, larger)
    document = fork.as_bytes()
    known = ForkProof.objects.filter(authority=peer, document=document.decode(), closed_at=None).first()
    if known is not None:
        return known
    content = {
        "what": "fork_found",
        "authority": peer.id,
        "kind": kind.value if kind else "unproved",
        "smaller": smaller.size,
        "larger": larger.size,
        "sha256": sha256(document).hexdigest(),
    }
    entries.append("fork_found", peer.id, content, now=now)
    return ForkProof.objects.create(
        authority=peer,
        kind=kind.value if kind else "",
        smaller=smaller.size,
        larger=larger.size,
        document=document.decode(),
        found_at=now,
    )


def accused(peer: Authority) -> QuerySet[ForkProof]:
    """What stands against the peer's ledger, the latest first."""
    return ForkProof.objects.filter(authority=peer, closed_at=None).order_by("-id")


def proved(head: Checkpoint, peer: Authority, now: datetime) -> None:
    """The proof that was missing for this head has come."""
    accused(peer).filter(kind="", larger=head.size).update(closed_at=now)


def accept_break(by: Official, peer: Authority, reason: str, now: datetime) -> None:
    """Take a peer's ledger as begun anew, as its officer declared; proofs and old heads stay as evidence."""
    authorise(by, "accept_break")
    with transaction.atomic():
        known.hold(peer)
        open_heads(peer).update(closed_at=now)
        accused(peer).update(closed_at=now, reason=reason)
        content = {"what": "ledger_break_accepted", "authority": peer.id, "reason": reason, "by": by.pk}
        entries.append("ledger_break_accepted", peer.id, content, now=now)


_BESIDE = """
WHERE "authority_id" = %(peer)s AND "closed_at" IS NULL AND (
    "size" = %(size)s OR "after" < %(size)s AND "size" > %(size)s OR "size" < %(size)s AND "size" > %(after)s
) ORDER BY "size" DESC
"""
"""The head of a size, those that hide it, and those that it hides."""


def _beside(head: Checkpoint, peer: Authority) -> list[Head]:
    """The head of this size, and heads that cannot be true together with it (``comity.proofs.forks``)."""
    after = head.size if head.after is None else head.after
    return rows.chosen(Head, _BESIDE, {"peer": peer.id, "size": head.size, "after": after})


def _checkpoint(row: Head) -> Checkpoint:
    return Checkpoint(origin(row.authority_id), row.size, bytes(row.root), row.after)
