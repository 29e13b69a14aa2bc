"""What is arranged with each peer: whether its drills are taken, and how often it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from comity import canonical
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.directory import anchors, known
from comity.node.directory.models import Authority
from comity.node.drills import figures
from comity.node.drills.models import Arrangement
from comity.node.ledger import entries, keys
from comity.proofs import drills, notes
from comity.terms import ComityError, gettext_noop


class StandingForeignError(ComityError):
    """What a desk tells of itself is about another desk, or was told to another."""

    code = "drill_standing_foreign"
    message = gettext_noop("What {peer} tells of its drills was not written by it for this desk.")
    next_step = gettext_noop("Ask the other desk which release its node runs.")


_NONE = drills.figure([])


@dataclass(frozen=True, slots=True)
class Desk:
    """A peer's desk: what is arranged with it, what it tells of itself, how it answered this one."""

    peer: Authority
    arranged: Arrangement
    told: drills.DeskStanding | None
    figure: drills.Figure


def desks(now: datetime) -> list[Desk]:
    """Every peer's desk, by State."""
    arranged = {row.pk: row for row in Arrangement.objects.select_related("peer")}
    measured = figures.of_peers(now)
    found = []
    for peer in known.peers().order_by("state", "id"):
        row = arranged.get(peer.id) or Arrangement(peer=peer)
        found.append(Desk(peer, row, told_by(row), measured.get(peer.id, _NONE)))
    return found


def of(peer: Authority) -> Arrangement:
    """What is arranged with a peer: nothing, where nobody arranged anything."""
    return Arrangement.objects.filter(peer=peer).first() or Arrangement(peer=peer)


@transaction.atomic
def arrange(
    official: Official, peer: Authority, *, takes_every: int | None, asks_every: int | None, now: datetime
) -> Arrangement:
    """Take drills of a peer once in so many days at most, and ask it by schedule; None: not at all."""
    authorise(official, "arrange_drills")
    _demand_peer(peer)
    row, _ = Arrangement.objects.select_for_update().get_or_create(peer=peer)
    if row.asks_every != asks_every:
        row.next_at = now if asks_every else None
    row.takes_every, row.asks_every = takes_every, asks_every
    row.save()
    content = {
        "what": "drills_arranged",
        "peer": peer.id,
        "takes_every_days": takes_every,
        "asks_every_days": asks_every,
        "by": official.pk,
    }
    entries.append("drills_arranged", peer.id, content, now=now)
    return row


def schedule_next(row: Arrangement, now: datetime) -> None:
    """The next drill of the schedule, counted from now."""
    row.next_at = now + timedelta(days=row.asks_every) if row.asks_every else None
    row.save(update_fields=["next_at"])


def tell(peer: Authority, now: datetime) -> bytes:
    """What this desk tells a peer of itself, signed (DRILL-6)."""
    row = of(peer)
    told = drills.DeskStanding.model_validate(
        {
            "authority": known.own().id,
            "to": peer.id,
            "at": canonical.instant_text(now),
            "since": canonical.instant_text(now - drills.COUNTED),
            "accepts": drills.Consent(every_days=row.takes_every) if row.takes_every else None,
            "own": figures.own(now),
            "of_you": figures.of_peer(peer, now),
        }
    )
    return drills.sign(told, keys.signer())


def learn(note: bytes, peer: Authority, now: datetime) -> drills.DeskStanding:
    """Keep what a peer's desk tells of itself; raise the error of what does not hold."""
    told = drills.read(note, anchors.verifier(peer), drills.DeskStanding)
    if (told.authority, told.target) != (peer.id, known.own().id):
        raise StandingForeignError(peer=peer.id)
    Arrangement.objects.update_or_create(peer=peer, defaults={"told": note.decode(), "told_at": now})
    return told


def told_by(row: Arrangement) -> drills.DeskStanding | None:
    """What the peer told last, None where it told nothing."""
    if not row.told:
        return None
    try:
        return drills.read(row.told.encode(), anchors.verifier(row.peer), drills.DeskStanding)
    except (notes.NoteUnsignedError, notes.NoteSignatureWrongError):
        return None  # the peer has another key since: what the old one said is not its word any more


def _demand_peer(peer: Authority) -> None:
    if not known.peers().filter(pk=peer.pk).exists():
        raise known.AuthorityUnknownError(authority=peer.pk)
