"""The clocks of hearings by video: to answer a proposal, the technical test, the hearing, its record.

They follow what stands in the letters of the case, on both nodes alike. The moment of a test or a hearing is
no time limit that somebody misses: when it comes the clock has come to its end, and after a hearing its
record is due on the side that makes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from comity.node.casework import meetings, opinions
from comity.node.casework.dialogue.turns import BY_VIDEO
from comity.node.casework.meetings import Meeting
from comity.node.casework.models import Case, Side
from comity.node.casework.statuses import FINISHED
from comity.node.clocks import running
from comity.node.clocks.models import Clock, ClockState

ANSWER, TEST, HEARING, RECORD = "hearing_answer", "hearing_test", "hearing", "hearing_record"
LETTERS = frozenset({"hearing_proposed", "hearing_agreed"})
_AHEAD = (ANSWER, TEST, HEARING)


def keep(case: Case, now: datetime, by: str = "") -> None:
    """Bring the clocks of the case's hearings up to its letters; ``by`` is whose letter changed them.

    A clock of what stands no longer has ceased; that of a proposal which the side that owed it has answered,
    by agreeing or by another proposal, is met. Without a provision on hearings by video no clock runs.
    """
    cite = opinions.permitting(case.opinion or {}, case.instrument, BY_VIDEO)
    wanted = dict(_wanted(case)) if cite else {}
    for clock in _running(case):
        if (clock.kind, clock.of, clock.due_at) not in wanted:
            clock.state = ClockState.MET if (clock.kind, clock.of) == (ANSWER, by) else ClockState.CEASED
            clock.ended_at = now
            clock.save(update_fields=["state", "ended_at"])
    for (kind, of, at), zone in wanted.items():
        known = Clock.objects.filter(case_reference=case.reference, kind=kind, of=of, due_at=at)
        if at > now and not known.exclude(state=ClockState.CEASED).exists():
            running.start(case.reference, kind, str(cite), of, starts_at=now, due_at=at, zone=zone)


def keep_if_any(case: Case, kind: str, body: dict[str, Any], now: datetime) -> None:
    """The same after a letter of any kind: it may have withdrawn or ended what was to be heard."""
    if kind in LETTERS:
        keep(case, now, body["by"])
    elif _running(case).exists():
        keep(case, now)


def begun(clock: Clock, now: datetime) -> None:
    """A hearing's moment came: its record is due, where this side makes it."""
    for case in Case.objects.filter(reference=clock.case_reference):
        for meeting in meetings.of_case(case):
            if _is_agreed(meeting) and meeting.begins == clock.due_at:
                if meeting.body["record_by"] == case.side:
                    running.start(
                        case.reference,
                        RECORD,
                        clock.cite,
                        case.side,
                        starts_at=meeting.begins,
                        until=RECORD,
                        zone=clock.zone,
                        forthwith=True,
                    )
                return


def recorded(case: Case, meeting: Meeting, now: datetime) -> None:
    """What became of a hearing is on record."""
    due = Clock.objects.filter(case_reference=case.reference, kind=RECORD, starts_at=meeting.begins)
    due.filter(state=ClockState.RUNNING).update(state=ClockState.MET, ended_at=now)


def _running(case: Case) -> Any:
    return Clock.objects.filter(case_reference=case.reference, kind__in=_AHEAD, state=ClockState.RUNNING)


def _wanted(case: Case) -> Iterator[tuple[tuple[str, str, datetime], str]]:
    """Each clock that shall run, as kind, side and moment, with the zone by which that side reads it."""
    gone = set(case.items.filter(actual__in=FINISHED).values_list("number", flat=True))
    gone |= set(case.items.filter(desired="withdrawn").values_list("number", flat=True))
    for meeting in meetings.of_case(case):
        if not meeting.is_hearing or set(meeting.items) <= gone:
            continue
        body = meeting.body
        of = body["conducted_by"] if meeting.agreed else _other(body["by"])
        zone = body[f"zone_{of}"]
        if not meeting.agreed:
            yield (ANSWER, of, meeting.test or meeting.begins), zone
            continue
        if meeting.test:
            yield (TEST, of, meeting.test), zone
        yield (HEARING, of, meeting.begins), zone


def _is_agreed(meeting: Meeting) -> bool:
    return meeting.is_hearing and meeting.agreed


def _other(side: str) -> str:
    return Side.REQUESTED if side == Side.REQUESTING else Side.REQUESTING
