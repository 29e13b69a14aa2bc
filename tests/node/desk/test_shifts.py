"""Shifts: planned, taken over, handed over, closed with a log whose digest the ledger holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from comity.node.accounts.authority import NotAuthorisedError, NothingThereError
from comity.node.accounts.models import Absence
from comity.node.casework.acts.register_request import register_request
from comity.node.desk import roster, shift_log
from comity.node.desk.acts.acknowledge import AlreadyAcknowledgedError, acknowledge
from comity.node.desk.acts.hand_over import NotOnDutyError, hand_over, write_note
from comity.node.desk.acts.plan_shift import (
    BackupSameError,
    ShiftBegunError,
    ShiftTimesError,
    plan_shift,
    withdraw_shift,
)
from comity.node.desk.acts.record_training import TrainingDatesError, record_training, withdraw_training
from comity.node.desk.acts.take_over import AlreadyOnDutyError, StillOnDutyError, take_over
from comity.node.desk.models import Acknowledgement, Shift
from comity.node.desk.shift_log import Verdict
from comity.node.desk.staff import UnfitForDutyError
from comity.node.directory import known
from comity.node.ledger.models import Entry


def test_only_whose_roles_plan_put_duty_officers_of_the_authority_on_the_roster(
    officer: Any, other: Any, registrar: Any, official: Any, ministry: Any, clock: Any
) -> None:
    times = {"starts_at": clock.now, "ends_at": clock.now + timedelta(hours=8), "now": clock.now}
    with pytest.raises(NotAuthorisedError):
        plan_shift(officer, officer, **times)
    elsewhere = official("registrar", organisation=ministry)
    with pytest.raises(NotAuthorisedError):
        plan_shift(elsewhere, officer, **times)
    with pytest.raises(UnfitForDutyError):
        plan_shift(registrar, registrar, **times)
    with pytest.raises(UnfitForDutyError):
        plan_shift(registrar, officer, backup=official("duty_officer", organisation=ministry), **times)
    with pytest.raises(BackupSameError):
        plan_shift(registrar, officer, backup=officer, **times)
    for hours in (-1, 49):
        with pytest.raises(ShiftTimesError):
            plan_shift(registrar, officer, **(times | {"ends_at": clock.now + timedelta(hours=hours)}))
    made = plan_shift(registrar, officer, backup=other, contact="+7 000", **times)
    assert roster.on_duty(clock.now) == [officer, other]
    assert Entry.objects.get(kind="shift_planned").content["official"] == officer.pk
    withdraw_shift(registrar, made.pk, now=clock.now)
    assert roster.on_duty(clock.now) == []
    with pytest.raises(NothingThereError):
        withdraw_shift(registrar, made.pk, now=clock.now)


def test_whoever_took_over_is_on_duty_whatever_the_roster_says(
    officer: Any, other: Any, registrar: Any, plan: Any, clock: Any
) -> None:
    plan(officer, 0, 8)
    assert roster.on_duty(clock.now) == [officer], "nobody took over, so the roster is asked"
    mine = take_over(other, now=clock.now)
    assert roster.on_duty(clock.now) == [other]
    assert mine.ends_at == clock.now + timedelta(hours=8), "until the planned shift's end"
    with pytest.raises(AlreadyOnDutyError):
        take_over(other, now=clock.now)
    with pytest.raises(ShiftBegunError):
        withdraw_shift(registrar, mine.pk, now=clock.now)


def test_the_next_officer_takes_over_early_once_the_desk_is_handed_over(
    officer: Any, other: Any, plan: Any, case: Any, clock: Any
) -> None:
    plan(officer, 0, 8)
    later = plan(other, 8, 16)
    first = take_over(officer, now=clock.now)
    clock.advance(hours=6)
    with pytest.raises(StillOnDutyError):
        take_over(other, now=clock.now)
    hand_over(officer, text="Watch the first.", cases=[case], to=other, now=clock.now)
    second = take_over(other, now=clock.now)
    first.refresh_from_db()
    assert second.pk == later.pk
    assert first.hand_over.accepted_by == other
    assert (first.closed_at, first.running) == (clock.now, None)
    with pytest.raises(NotOnDutyError):
        hand_over(officer, text="Too late.", now=clock.now)


def test_without_a_note_the_desk_is_taken_with_a_reason_or_after_the_time(
    officer: Any, other: Any, plan: Any, clock: Any
) -> None:
    plan(officer, 0, 8)
    take_over(officer, now=clock.now)
    taken = take_over(other, reason="Taken ill.", now=clock.now)
    assert taken.reason == "Taken ill."
    assert Entry.objects.filter(kind="shift_taken_over").latest("pk").content["reason"] == "Taken ill."
    clock.now = taken.ends_at
    assert take_over(officer, now=clock.now).official == officer


def test_the_database_lets_no_two_shifts_run(officer: Any, other: Any, plan: Any, clock: Any) -> None:
    take_over(officer, now=clock.now)
    late = plan(other, 0, 8)
    with pytest.raises(IntegrityError), transaction.atomic():
        Shift.objects.filter(pk=late.pk).update(running=True)


def test_the_log_holds_what_the_officer_did_and_what_is_altered_shows(
    officer: Any, other: Any, registrar: Any, arrived: Any, case: Any, clock: Any
) -> None:
    register_request(registrar, case, now=clock.now)
    clock.advance(minutes=1)
    shift = take_over(officer, now=clock.now)
    assert shift_log.verdict(shift) is None
    acknowledge(officer, arrived, now=clock.advance(minutes=1))
    write_note(officer, text="The line was bad.", case=case, now=clock.advance(minutes=1))
    hand_over(officer, text="All quiet.", cases=[case], now=clock.advance(minutes=1))
    take_over(other, now=clock.advance(minutes=1))
    shift = Shift.objects.select_related("entry").get(pk=shift.pk)
    assert [line["kind"] for line in shift.log] == ["letter_acknowledged", "note", "handed_over"]
    assert shift.log[2]["watched"] == [case.reference]
    assert shift.entry.content["lines"] == 3
    assert shift_log.verdict(shift) == Verdict.WHOLE
    kept = shift.log[1]["text"]
    shift.log[1]["text"] = "The line was good."
    assert shift_log.verdict(shift) == Verdict.ALTERED
    shift.log[1]["text"] = kept
    shift.entry.content = shift.entry.content | {"successor": officer.pk}
    assert shift_log.verdict(shift) == Verdict.ALTERED, "an entry that was rewritten proves nothing"


def test_a_log_and_its_digest_changed_together_show_as_well(officer: Any, other: Any, clock: Any) -> None:
    take_over(officer, now=clock.now)
    write_note(officer, text="One.", now=clock.now)
    take_over(other, reason="-", now=clock.now)
    shift = Shift.objects.select_related("entry").get(official=officer)
    shift.log[0]["text"] = "Another."
    shift.entry.content = shift.entry.content | {"log_sha256": shift_log.digest(shift.log)}
    assert shift_log.verdict(shift) == Verdict.ALTERED


def test_a_letter_is_acknowledged_once_by_whoever_may_see_it(
    officer: Any, other: Any, official: Any, arrived: Any, ministry: Any, clock: Any
) -> None:
    with pytest.raises(NotAuthorisedError):
        acknowledge(official("drafter"), arrived, now=clock.now)
    with pytest.raises(NothingThereError):
        acknowledge(official("duty_officer", organisation=ministry), arrived, now=clock.now)
    acknowledge(officer, arrived, now=clock.now)
    with pytest.raises(AlreadyAcknowledgedError, match="Officer One"):
        acknowledge(other, arrived, now=clock.now)
    assert Acknowledgement.objects.get().by == officer


def test_notes_are_written_by_whoever_has_the_desk(officer: Any, other: Any, clock: Any) -> None:
    with pytest.raises(NotOnDutyError):
        write_note(officer, text="-", now=clock.now)
    take_over(officer, now=clock.now)
    with pytest.raises(NotOnDutyError):
        write_note(other, text="-", now=clock.now)


def test_the_week_shows_gaps_overlaps_absence_and_missing_training(
    officer: Any, other: Any, registrar: Any, plan: Any, clock: Any
) -> None:
    clock.now = clock.now.replace(hour=0, minute=0)
    day = clock.now.date()
    plan(officer, 0, 10)
    plan(other, 9, 20, backup=officer)
    plan(officer, 20, 30)
    record_training(
        registrar,
        officer,
        subject="First response",
        given_by="The academy",
        completed_on=day - timedelta(days=400),
        valid_until=day,
        now=clock.now,
    )
    Absence.objects.create(
        official=officer, starts_at=clock.now + timedelta(hours=19), ends_at=clock.now + timedelta(hours=40)
    )
    today, tomorrow = roster.week(day)[:2]
    at = lambda hours: clock.now + timedelta(hours=hours)  # noqa: E731
    assert today.gaps == []
    assert today.overlaps == [(at(9), at(10))]
    assert [(row.untrained, row.away, row.backup_away) for row in today.rows] == [
        (False, False, False),
        (True, False, True),
        (False, True, False),
    ]
    assert tomorrow.rows == [], "a shift stands on the day on which it begins"
    assert tomorrow.gaps == [(at(30), at(48))]


def test_a_training_counts_from_its_day_until_its_last_and_a_mistaken_record_never(
    officer: Any, registrar: Any, clock: Any
) -> None:
    day = clock.now.date()
    said = {"subject": "Preservation", "given_by": "The academy", "now": clock.now}
    for days in (
        {"completed_on": day + timedelta(days=1)},
        {"completed_on": day, "valid_until": day - timedelta(days=1)},
    ):
        with pytest.raises(TrainingDatesError):
            record_training(registrar, officer, **said, **days)
    with pytest.raises(NotAuthorisedError):
        record_training(officer, officer, **said, completed_on=day)
    made = record_training(registrar, officer, **said, completed_on=day, languages=["ru", "kk", "ru"])
    assert made.languages == ["kk", "ru"]
    assert [made.counts_on(day + timedelta(days=n)) for n in (-1, 0, 9999)] == [False, True, True]
    assert not withdraw_training(registrar, made.pk, now=clock.now).counts_on(day)


def test_what_was_completed_after_midnight_here_is_recorded_at_once(
    officer: Any, registrar: Any, clock: Any
) -> None:
    own = known.own()
    own.time_zone = "Asia/Almaty"
    own.save()
    late = clock.now.replace(hour=20)  # one o'clock of the next day there
    said = {"subject": "Desk", "given_by": "School", "now": late}
    day = late.date() + timedelta(days=1)
    assert record_training(registrar, officer, completed_on=day, **said).completed_on == day
    with pytest.raises(TrainingDatesError):
        record_training(registrar, officer, completed_on=day + timedelta(days=1), **said)
