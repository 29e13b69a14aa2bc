"""The desk over the API: who is on duty, the roster, shifts with their logs, trained staff."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from django.db.models import Prefetch
from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Router, Schema, Status
from pydantic import AwareDatetime, Field

from comity.letters.bodies import LanguageCode
from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.accounts.models import Official
from comity.node.api.entering import find_case, official_of
from comity.node.api.shapes import FAILURES, Failure, Strict
from comity.node.desk import roster, shift_log, staff
from comity.node.desk.acts import hand_over as notes
from comity.node.desk.acts.plan_shift import plan_shift, withdraw_shift
from comity.node.desk.acts.record_training import record_training, withdraw_training
from comity.node.desk.acts.take_over import take_over
from comity.node.desk.models import Shift, Training
from comity.node.ledger import proofs
from comity.shapes import Line, Prose, Remark

router = Router()
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
Moment = Annotated[AwareDatetime, Field(strict=False)]  # JSON has no instants, only their text
Day = Annotated[date, Field(strict=False)]
User = Annotated[str, Field(min_length=1, max_length=150)]
Reference = Annotated[str, Field(min_length=1, max_length=40)]
LISTED = timedelta(days=60)


class NewShift(Strict):
    """Who is on duty from when until when, who stands in (user names), how the officer is reached."""

    official: User
    starts_at: Moment
    ends_at: Moment
    backup: User | None = None
    contact: Remark = Field(default="", max_length=200)


class TakingOver(Strict):
    """Why the desk is taken from somebody who has not handed over; empty otherwise."""

    reason: Remark = Field(default="", max_length=400)


class HandingOver(Strict):
    """What the next officer has to know, the cases to watch, and who comes next (a user name)."""

    text: Prose = Field(max_length=8000)
    cases: list[Reference] = Field(default=[], max_length=200)
    to: User | None = None


class NewNote(Strict):
    """A free note in the log of one's shift, on a case or on none."""

    text: Prose = Field(max_length=4000)
    case: Reference | None = None


class NewTraining(Strict):
    """What an official (user name) was trained in, by whom, until when it counts; with what they work."""

    official: User
    subject: Line = Field(max_length=200)
    given_by: Line = Field(max_length=200)
    completed_on: Day
    valid_until: Day | None = None
    languages: list[LanguageCode] = Field(default=[], max_length=50)
    equipment: Remark = Field(default="", max_length=400)


class ShiftOut(Schema):
    """A shift of the roster; ``running`` for the one that has the desk now."""

    id: int
    official: str
    backup: str | None
    contact: str
    starts_at: datetime
    ends_at: datetime
    taken_at: datetime | None
    closed_at: datetime | None
    running: bool


class OnDutyOut(Schema):
    """Who has the desk, who should have it by the roster, who is told in which order (user names)."""

    running: ShiftOut | None
    following: ShiftOut | None
    told: list[str]


class ShiftLogOut(Schema):
    """What an officer did in a shift; once closed, whether it is what the ledger holds, and the proof."""

    shift: ShiftOut
    log: list[dict[str, Any]]
    verdict: str | None
    entry: dict[str, Any] | None


class TrainingOut(Schema):
    """A training on record."""

    id: int
    official: str
    subject: str
    given_by: str
    completed_on: date
    valid_until: date | None
    languages: list[str]
    equipment: str
    counts: bool


class StaffOut(Schema):
    """A duty officer and whether a training of theirs counts today."""

    official: str
    trained: bool
    trainings: list[TrainingOut]


@router.get("/duty", response={200: OnDutyOut, FAILURES: Failure})
def duty(request: HttpRequest) -> dict[str, Any]:
    """Who is on duty now."""
    authorise(official_of(request), "view_roster")
    now = timezone.now()
    running, following = roster.running(), roster.following(now)
    return {
        "running": _shift(running) if running else None,
        "following": _shift(following) if following else None,
        "told": [one.username for one in roster.on_duty(now)],
    }


@router.get("/shifts", response={200: list[ShiftOut], FAILURES: Failure})
def shifts(request: HttpRequest) -> list[dict[str, Any]]:
    """The shifts of the last and the next sixty days, the earliest first; withdrawn ones are left out."""
    authorise(official_of(request), "view_roster")
    now = timezone.now()
    near = roster.standing().filter(starts_at__lt=now + LISTED, ends_at__gt=now - LISTED)
    return [_shift(each) for each in near]


@router.post("/shifts", response={201: ShiftOut, FAILURES: Failure})
def plan(request: HttpRequest, new: NewShift) -> Status[dict[str, Any]]:
    """Plan a shift."""
    by = official_of(request)
    staff.demand(by, "plan_shifts")
    said = new.model_dump(exclude={"official", "backup"})
    backup = _named(new.backup) if new.backup else None
    made = plan_shift(by, _named(new.official), backup=backup, **said, now=timezone.now())
    return Status(201, _shift(made))


@router.post("/shifts/{shift}/withdraw", response={200: ShiftOut, FAILURES: Failure})
def withdraw(request: HttpRequest, shift: Number) -> dict[str, Any]:
    """Take a planned shift off the roster."""
    return _shift(withdraw_shift(official_of(request), shift, now=timezone.now()))


@router.post("/shifts/take-over", response={200: ShiftOut, FAILURES: Failure})
def take(request: HttpRequest, why: TakingOver) -> dict[str, Any]:
    """Take over the desk; the shift before closes with its log."""
    return _shift(take_over(official_of(request), reason=why.reason, now=timezone.now()))


@router.post("/shifts/hand-over", response={201: ShiftOut, FAILURES: Failure})
def give(request: HttpRequest, said: HandingOver) -> Status[dict[str, Any]]:
    """Write the note for the next officer; the shift runs until somebody takes over."""
    official = official_of(request)
    staff.demand(official, staff.KEEPS)
    cases = [find_case(official, number) for number in said.cases]
    to = _named(said.to) if said.to else None
    written = notes.hand_over(official, text=said.text, cases=cases, to=to, now=timezone.now())
    return Status(201, _shift(written.shift))


@router.post("/shifts/notes", response={201: ShiftOut, FAILURES: Failure})
def note(request: HttpRequest, new: NewNote) -> Status[dict[str, Any]]:
    """Add a free note to the log of one's shift."""
    official = official_of(request)
    staff.demand(official, staff.KEEPS)
    case = find_case(official, new.case) if new.case else None
    return Status(201, _shift(notes.write_note(official, text=new.text, case=case, now=timezone.now()).shift))


@router.get("/shifts/{shift}/log", response={200: ShiftLogOut, FAILURES: Failure})
def log(request: HttpRequest, shift: Number) -> dict[str, Any]:
    """The log of a shift that was taken over, with the proof once it is closed."""
    staff.demand(official_of(request), "view_shift_log")
    taken = roster.standing().exclude(taken_at=None).select_related("entry", "official", "backup")
    found = taken.filter(pk=shift).first()
    if found is None:
        raise NothingThereError(name=str(shift))
    return {
        "shift": _shift(found),
        "log": found.log if found.log is not None else shift_log.lines(found, timezone.now()),
        "verdict": shift_log.verdict(found),
        "entry": proofs.inclusion(found.entry) if found.entry else None,
    }


@router.get("/trainings", response={200: list[StaffOut], FAILURES: Failure})
def trainings(request: HttpRequest) -> list[dict[str, Any]]:
    """Each duty officer with the trainings on record."""
    authorise(official_of(request), "view_roster")
    kept = Training.objects.filter(withdrawn_at=None)
    people = Official.objects.filter(pk__in=[one.pk for one in staff.officers()])
    told = []
    for one in people.prefetch_related(Prefetch("trainings", kept, to_attr="kept")).order_by("username"):
        own = [_training(each) for each in one.kept]
        trained = any(each["counts"] for each in own)
        told.append({"official": one.username, "trained": trained, "trainings": own})
    return told


@router.post("/trainings", response={201: TrainingOut, FAILURES: Failure})
def record(request: HttpRequest, new: NewTraining) -> Status[dict[str, Any]]:
    """Record a training."""
    by = official_of(request)
    staff.demand(by, "keep_trainings")
    said = new.model_dump(exclude={"official"})
    return Status(201, _training(record_training(by, _named(new.official), **said, now=timezone.now())))


@router.post("/trainings/{training}/withdraw", response={200: TrainingOut, FAILURES: Failure})
def withdraw_record(request: HttpRequest, training: Number) -> dict[str, Any]:
    """Withdraw a record that was wrong."""
    return _training(withdraw_training(official_of(request), training, now=timezone.now()))


def _named(username: str) -> Official:
    found = Official.objects.select_related("organisation").filter(username=username).first()
    if found is None:
        raise NothingThereError(name=username)
    return found


def _shift(row: Shift) -> dict[str, Any]:
    kept = ("contact", "starts_at", "ends_at", "taken_at", "closed_at")
    people = {"official": row.official.username, "backup": row.backup.username if row.backup else None}
    return {name: getattr(row, name) for name in kept} | people | {"id": row.pk, "running": bool(row.running)}


def _training(row: Training) -> dict[str, Any]:
    kept = ("subject", "given_by", "completed_on", "valid_until", "languages", "equipment")
    told = {name: getattr(row, name) for name in kept}
    counts = row.counts_on(timezone.localdate())
    return told | {"id": row.pk, "official": row.official.username, "counts": counts}
