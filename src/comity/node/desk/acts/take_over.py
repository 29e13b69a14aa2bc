"""Take over the desk: the note of the officer before is accepted, their shift closes, one's own begins."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from comity import canonical
from comity.node.accounts.models import Official
from comity.node.desk import roster, shift_log, staff
from comity.node.desk.models import HandOver, Shift
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop


class AlreadyOnDutyError(ComityError):
    """The official has the desk already."""

    code = "already_on_duty"
    message = gettext_noop("You have the desk already.")
    next_step = gettext_noop("Write the hand-over note, and let the next officer take over.")


class StillOnDutyError(ComityError):
    """Somebody has the desk, has not handed over, and their time is not over."""

    code = "still_on_duty"
    message = gettext_noop("{name} is on duty and has not handed over.")
    next_step = gettext_noop("Ask for the hand-over note, or say why you take over without it.")


class TakenMeanwhileError(ComityError):
    """Two took over at the same moment; the other was first."""

    code = "taken_meanwhile"
    message = gettext_noop("Somebody else took the desk over at the same moment.")
    next_step = gettext_noop("Look at the desk again: it says who is on duty.")


def take_over(official: Official, *, reason: str = "", now: datetime) -> Shift:
    """Begin one's shift: the planned one, early or late, or else one of one's own until the roster's next.

    Of an officer whose time is not over and who has not handed over, the desk is taken with a reason only.
    Raises AlreadyOnDutyError, StillOnDutyError, TakenMeanwhileError.
    """
    staff.demand(official, staff.KEEPS)
    try:
        with transaction.atomic():
            return _take_over(official, reason, now)
    except IntegrityError as error:  # the database lets one shift run
        raise TakenMeanwhileError from error


def _take_over(official: Official, reason: str, now: datetime) -> Shift:
    before = Shift.objects.select_for_update(of=("self",)).select_related("official")
    left = before.filter(running=True).first()
    if left is not None:
        if left.official_id == official.pk:
            raise AlreadyOnDutyError
        handed = HandOver.objects.filter(shift=left).first()
        if handed is None and left.ends_at > now and not reason:
            raise StillOnDutyError(name=str(left.official))
        if handed is not None:
            handed.accepted_by, handed.accepted_at = official, now
            handed.save(update_fields=["accepted_by", "accepted_at"])
        _close(left, official, now)
    taken = _own(official, left, now)
    taken.taken_at, taken.running, taken.reason = now, True, reason
    taken.save()
    content = {"what": "shift_taken_over", "shift": taken.pk, "by": official.pk, "reason": reason}
    entries.append("shift_taken_over", f"shift:{taken.pk}", content, now=now)
    return taken


def _own(official: Official, left: Shift | None, now: datetime) -> Shift:
    """The official's planned shift that runs or begins soon; else a new one, until the other one's end."""
    waiting = Shift.objects.filter(official=official, withdrawn_at=None, taken_at=None, ends_at__gt=now)
    own = waiting.filter(starts_at__lte=now + roster.NEAR).order_by("starts_at", "id").first()
    if own is not None:
        return own
    due = roster.planned(now) or left
    until = due.ends_at if due is not None and due.ends_at > now else now + roster.NEAR
    return Shift(official=official, starts_at=now, ends_at=until, planned_by=official, planned_at=now)


def _close(shift: Shift, successor: Official, now: datetime) -> None:
    """Close a shift with its log, whose digest goes into the ledger."""
    shift.log = shift_log.lines(shift, now)
    taken_at = shift.taken_at or shift.starts_at
    content = {
        "what": "shift_closed",
        "shift": shift.pk,
        "official": shift.official_id,
        "from": canonical.instant_text(taken_at),
        "until": canonical.instant_text(now),
        "successor": successor.pk,
        "lines": len(shift.log),
        "log_sha256": shift_log.digest(shift.log),
    }
    shift.entry = entries.append("shift_closed", f"shift:{shift.pk}", content, now=now)
    shift.closed_at, shift.running = now, None
    shift.save()
