"""This desk asks another: the drill is signed, its node's word and a person's answer are kept."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.db import transaction

from comity import canonical
from comity.delivery.incoming import CLOCK_SKEW
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.directory import anchors, known
from comity.node.directory.models import Authority
from comity.node.drills.models import Drill, State
from comity.node.jobs import outbox
from comity.node.jobs.models import Job, JobState
from comity.node.ledger import entries, keys
from comity.proofs import drills
from comity.proofs.drills import Answer, Record
from comity.terms import ComityError, gettext_noop

SEND = "exchange.send_drill"
TO_ANSWER = timedelta(hours=1)
"""What a duty officer is given to answer."""
TO_REACH = timedelta(minutes=15)
"""What a peer's node is given to be reached."""


class DrillUnderWayError(ComityError):
    """A drill to this peer has not ended yet."""

    code = "drill_under_way"
    message = gettext_noop("A drill to {peer} is under way.")
    next_step = gettext_noop("Wait until it was answered or its time is over.")


class DrillUnknownError(ComityError):
    """A note about a drill that this desk did not send to the peer that signed it."""

    code = "drill_unknown"
    message = gettext_noop("This desk sent no such drill to {peer}.")
    next_step = gettext_noop("Nothing was taken in.")


class DrillAnswerUnacceptableError(ComityError):
    """An answer that says what cannot be: of another note, or at a time that cannot be its."""

    code = "drill_answer_unacceptable"
    message = gettext_noop("The answer to the drill is not accepted: {detail}.")
    next_step = gettext_noop("Nothing was taken in. Ask the other desk to look at its clock.")


def sha256(note: str | bytes) -> str:
    """How notes name one another, of stored text or bytes."""
    return drills.digest(note.encode() if isinstance(note, str) else note)


def ask_drill(official: Official, peer: Authority, *, now: datetime) -> Drill:
    """An official asks a peer's desk to answer now."""
    authorise(official, "ask_drill")
    if not known.peers().filter(pk=peer.pk).exists():
        raise known.AuthorityUnknownError(authority=peer.pk)
    return send(peer, official, now=now)


@transaction.atomic
def send(peer: Authority, official: Official | None, *, now: datetime) -> Drill:
    """Sign a drill and queue it; ``official`` is None for the schedule. One to a peer at a time."""
    known.hold(peer)  # two who ask at once make one drill
    if Drill.objects.filter(peer=peer, ours=True, state__in=(State.WAITING, State.REACHED)).exists():
        raise DrillUnderWayError(peer=peer.id)
    note = drills.Drill.model_validate(
        {
            "drill": str(uuid.uuid4()),
            "from": known.own().id,
            "to": peer.id,
            "sent_at": canonical.instant_text(now),
            "answer_by": canonical.instant_text(now + TO_ANSWER),
        }
    )
    signed = drills.sign(note, keys.signer()).decode()
    drill = Drill.objects.create(
        id=note.drill,
        peer=peer,
        ours=True,
        state=State.WAITING,
        sent_at=canonical.read_instant(note.sent_at),
        answer_by=canonical.read_instant(note.answer_by),
        note=signed,
        by=official,
    )
    content = {"what": "drill_sent", "drill": note.drill, "peer": peer.id, "note_sha256": sha256(signed)}
    entries.append("drill_sent", note.drill, content | _by(official), now=now)
    outbox.ask(SEND, f"{SEND}:{note.drill}", {"drill": note.drill}, now=now, lane=f"peer:{peer.id}"[:40])
    return drill


@transaction.atomic
def note_reached(drill: Drill, note: bytes, now: datetime) -> None:
    """Keep the signed word of the peer's node that the drill arrived there."""
    row = Drill.objects.select_for_update().get(pk=drill.pk)
    _checked(row, note, "reached", now)
    if row.state != State.WAITING:
        return
    row.state, row.arrived_at, row.reached = State.REACHED, now, note.decode()
    row.save()
    _enter("drill_reached", row, note, now)


@transaction.atomic
def decline(drill: Drill, code: str, now: datetime) -> None:
    """The peer does not take it: by its own choice, so it counts for nothing."""
    row = Drill.objects.select_for_update().get(pk=drill.pk)
    if row.state == State.WAITING:
        row.state, row.code = State.DECLINED, code[:60]
        row.save()
        content = {"what": "drill_declined", "drill": str(row.pk), "peer": row.peer_id, "code": row.code}
        entries.append("drill_declined", str(row.pk), content, now=now)


@transaction.atomic
def hear_answer(note: bytes, peer: Authority, now: datetime) -> bytes:
    """A person at the peer's desk answered: keep it, and sign when it came (DRILL-4).

    The same answer again gets the same record. An answer after its time counts as late, not as none.
    """
    answer = drills.read(note, anchors.verifier(peer), Answer)
    row = Drill.objects.select_for_update().filter(pk=answer.drill, peer=peer, ours=True).first()
    if row is None:
        raise DrillUnknownError(peer=peer.id)
    if row.answer:
        if row.answer.encode() != note:
            raise DrillAnswerUnacceptableError(detail="another answer stands")
        return row.record.encode()
    if row.state == State.DECLINED:  # else a desk would choose the drills that count
        raise DrillAnswerUnacceptableError(detail="the drill was not taken when it came")
    _checked(row, note, "answered", now)
    row.seconds = drills.seconds_between(row.sent_at, now)
    record = Record(
        drill=answer.drill,
        answer_sha256=sha256(note),
        authority=known.own().id,
        received_at=canonical.instant_text(now),
        seconds=row.seconds,
    )
    row.state, row.answered_at, row.answer = State.ANSWERED, now, note.decode()
    row.arrived_at = row.arrived_at or now
    row.record = drills.sign(record, keys.signer()).decode()
    row.save()
    _enter("drill_answered", row, note, now, record_sha256=sha256(row.record), seconds=row.seconds)
    return row.record.encode()


def settle(now: datetime) -> None:
    """Silence is a fact: drills whose time is over have ended, on either side (DRILL-5)."""
    unreached = Drill.objects.filter(ours=True, state=State.WAITING, sent_at__lte=now - TO_REACH)
    silent = Drill.objects.filter(state=State.REACHED, answer_by__lt=now)
    for found, state in ((unreached, State.UNREACHED), (silent, State.SILENT)):
        for drill in found[:100]:
            if state == State.UNREACHED and _is_untried(drill):
                continue  # this node was down or busy: that says nothing of the peer's
            with transaction.atomic():
                changed = Drill.objects.filter(pk=drill.pk, state=drill.state).update(state=state)
                content = {"what": f"drill_{state}", "drill": str(drill.pk), "peer": drill.peer_id}
                if changed:
                    entries.append(f"drill_{state}", str(drill.pk), content, now=now)


def _is_untried(drill: Drill) -> bool:
    """Whether this node has not called the peer yet, nor waits because other calls of it failed."""
    waiting = Job.objects.filter(key=f"{SEND}:{drill.pk}", state=JobState.WAITING)
    return waiting.filter(attempts=0, last_code="").exists()


def _checked(row: Drill, note: bytes, what: str, now: datetime) -> None:
    """Raise unless the note is the asked desk's word about this drill, at a time that can be."""
    answer = drills.read(note, anchors.verifier(row.peer), Answer)
    at = canonical.read_instant(answer.at)
    if (answer.what, answer.authority, answer.drill) != (what, row.peer_id, str(row.pk)):
        raise DrillAnswerUnacceptableError(detail="it is about something else")
    if answer.drill_sha256 != sha256(row.note):
        raise DrillAnswerUnacceptableError(detail="it names another note")
    if not row.sent_at - CLOCK_SKEW <= at <= now + CLOCK_SKEW:
        raise DrillAnswerUnacceptableError(detail="it gives a time before the drill, or later than now")


def _enter(kind: str, row: Drill, note: bytes, now: datetime, **more: object) -> None:
    content = {"what": kind, "drill": str(row.pk), "peer": row.peer_id, "note_sha256": sha256(note), **more}
    entries.append(kind, str(row.pk), content, now=now)


def _by(official: Official | None) -> dict[str, int | None]:
    return {"by": official.pk if official else None}
