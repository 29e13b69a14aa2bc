"""Another desk asks this one: the node says at once that it is reached, the duty officer answers."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from comity import canonical
from comity.delivery.incoming import CLOCK_SKEW
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.directory import anchors, known
from comity.node.directory.models import Authority
from comity.node.drills import arranging
from comity.node.drills.asking import DrillUnknownError, sha256
from comity.node.drills.models import Drill, State
from comity.node.jobs import outbox
from comity.node.ledger import entries, keys
from comity.proofs import drills
from comity.proofs.drills import Answer, Record
from comity.terms import ComityError, gettext_noop

ANSWER = "exchange.answer_drill"


class DrillNotAcceptedError(ComityError):
    """This desk takes no drills of that peer."""

    code = "drill_not_accepted"
    message = gettext_noop("This desk takes no drills of the authority that sent it.")
    next_step = gettext_noop("Agree on drills with this desk first.")


class DrillTooSoonError(ComityError):
    """The peer asked more often than this desk consented to."""

    code = "drill_too_soon"
    temporary = True
    message = gettext_noop("This desk takes no more drills of the authority that sent it for now.")
    next_step = gettext_noop("Come again in {retry_after} seconds.")


class DrillForeignError(ComityError):
    """A drill that another wrote, that goes to another, or whose time is not now."""

    code = "drill_foreign"
    message = gettext_noop("The drill is not taken: {detail}.")
    next_step = gettext_noop("Nothing was taken in.")


class DrillConflictError(ComityError):
    """Another drill bears the same number."""

    code = "drill_conflict"
    message = gettext_noop("Another drill with this number is kept.")
    next_step = gettext_noop("Send a new drill with a new number.")


class DrillAnsweredError(ComityError):
    """The drill was answered already."""

    code = "drill_answered"
    message = gettext_noop("This drill was answered already.")
    next_step = gettext_noop("Nothing is left to do.")


def waiting() -> list[Drill]:
    """Drills of others that wait for a person here, the most pressing first."""
    found = Drill.objects.filter(ours=False, state=State.REACHED).select_related("peer")
    return list(found.order_by("answer_by", "id")[:50])


@transaction.atomic
def receive(note: bytes, peer: Authority, now: datetime) -> bytes:
    """Take a peer's drill and return this node's signed word that it arrived (DRILL-1, DRILL-2).

    The same drill again gets the same word. Raises the error of what does not hold; nothing is kept then.
    """
    asked = drills.read(note, anchors.verifier(peer), drills.Drill)
    if (asked.source, asked.target) != (peer.id, known.own().id):
        raise DrillForeignError(detail="another authority wrote it, or it goes to another")
    known.hold(peer)  # one drill of a peer after the other
    kept = Drill.objects.filter(pk=asked.drill).first()
    if kept is not None:
        if kept.peer_id != peer.id or kept.ours or kept.note.encode() != note:
            raise DrillConflictError
        return kept.reached.encode()
    sent_at, answer_by = canonical.read_instant(asked.sent_at), canonical.read_instant(asked.answer_by)
    if sent_at > now + CLOCK_SKEW or answer_by - now < (answer_by - sent_at) / 2:  # nobody is given a minute
        raise DrillForeignError(detail="it was sent later than now, or more than half of its time is over")
    _demand_consent(peer, now)
    reached = _word(asked.drill, note, "reached", now)
    Drill.objects.create(
        id=asked.drill,
        peer=peer,
        ours=False,
        state=State.REACHED,
        sent_at=sent_at,
        answer_by=answer_by,
        arrived_at=now,
        note=note.decode(),
        reached=reached.decode(),
    )
    content = {"what": "drill_received", "drill": asked.drill, "peer": peer.id}
    content |= {"note_sha256": sha256(note), "reached_sha256": sha256(reached)}
    entries.append("drill_received", asked.drill, content, now=now)
    return reached


@transaction.atomic
def answer_drill(official: Official, drill: Drill, *, now: datetime) -> Drill:
    """The duty officer answers with one press; late is better than never."""
    authorise(official, "answer_drill")
    row = Drill.objects.select_for_update().filter(pk=drill.pk, ours=False).first()
    if row is None:
        raise DrillUnknownError(peer=drill.peer_id)
    if row.answer:
        raise DrillAnsweredError
    row.answer = _word(str(row.pk), row.note.encode(), "answered", now).decode()
    row.state, row.answered_at, row.by = State.ANSWERED, now, official
    row.seconds = drills.seconds_between(row.arrived_at or now, now)
    row.save()
    content = {"what": "drill_answered_here", "drill": str(row.pk), "peer": row.peer_id}
    content |= {"note_sha256": sha256(row.answer)}
    told = content | {"seconds": row.seconds, "by": official.pk}
    entries.append("drill_answered_here", str(row.pk), told, now=now)
    lane = f"peer:{row.peer_id}"[:40]
    outbox.ask(ANSWER, f"{ANSWER}:{row.pk}", {"drill": str(row.pk)}, now=now, lane=lane, priority=50)
    return row


@transaction.atomic
def note_record(drill: Drill, note: bytes, now: datetime) -> None:
    """Keep the asking desk's signed word of when the answer came."""
    record = drills.read(note, anchors.verifier(drill.peer), Record)
    said = (record.drill, record.authority, record.answer_sha256)
    if said != (str(drill.pk), drill.peer_id, sha256(drill.answer)):
        raise DrillForeignError(detail="the record is about another answer")
    if Drill.objects.filter(pk=drill.pk, record="").update(record=note.decode()):
        content = {"what": "drill_recorded", "drill": str(drill.pk), "peer": drill.peer_id}
        told = content | {"note_sha256": sha256(note), "seconds": record.seconds}
        entries.append("drill_recorded", str(drill.pk), told, now=now)


def _demand_consent(peer: Authority, now: datetime) -> None:
    """Only what this desk consented to is taken (DRILL-3)."""
    every = arranging.of(peer).takes_every
    if not every:
        raise DrillNotAcceptedError
    last = Drill.objects.filter(peer=peer, ours=False).order_by("-arrived_at").first()
    if last is not None and last.arrived_at is not None:
        again = last.arrived_at + timedelta(days=every) - CLOCK_SKEW  # no schedule keeps to the second
        if now < again:
            raise DrillTooSoonError(retry_after=int((again - now).total_seconds()) + 1)


def _word(drill: str, note: bytes, what: str, now: datetime) -> bytes:
    word = Answer.model_validate(
        {
            "drill": drill,
            "drill_sha256": sha256(note),
            "authority": known.own().id,
            "what": what,
            "at": canonical.instant_text(now),
        }
    )
    return drills.sign(word, keys.signer())
