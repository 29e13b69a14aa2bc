"""A reminder comes once before a clock ends; what is past is overdue and not reminded of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from comity.node import config
from comity.node.clocks import reminders, running
from comity.node.clocks.models import Reminder


def start(clock, duration="P60D"):
    return running.start("XA-1", "execution", "c", "requested", starts_at=clock.now, duration=duration)


@pytest.mark.parametrize(
    ("duration", "before"),
    [
        ("P60D", timedelta(days=6)),
        ("P90D", timedelta(days=7)),  # never more than a week
        ("P3D", timedelta(hours=7, minutes=12)),
        ("PT4H", timedelta(hours=1)),  # never less than an hour
        ("PT1H", timedelta(minutes=30)),  # of a short one, at its half
    ],
)
def test_it_comes_a_tenth_of_the_time_before_the_end(db, clock, duration, before):
    made = start(clock, duration)
    assert made.due_at - made.remind_at == before


def test_it_is_noted_once_and_told_once(db, clock, monkeypatch):
    told = []
    monkeypatch.setattr(reminders, "_listeners", [lambda reminder, now: told.append(now)])
    start(clock)
    clock.advance(days=53, hours=23)
    assert reminders.note(clock.now) == 0
    clock.advance(hours=2)
    assert reminders.note(clock.now) == 1
    assert reminders.note(clock.now) == 0
    assert told == [clock.now]


def test_what_fails_while_it_is_told_leaves_nothing_noted(db, clock, monkeypatch):
    monkeypatch.setattr(reminders, "_listeners", [lambda reminder, now: 1 / 0])
    start(clock)
    clock.advance(days=55)
    with pytest.raises(ZeroDivisionError):
        reminders.note(clock.now)
    assert not Reminder.objects.exists()


def test_a_node_that_was_off_reminds_of_what_still_runs_and_not_of_what_is_past(db, clock):
    start(clock, "P1D")
    running.start("XA-2", "execution", "c", "requested", starts_at=clock.now, duration="P2D")
    clock.advance(hours=45)  # off while the first ran out and the second's reminder came
    assert running.run_out(clock.now) == 1
    assert reminders.note(clock.now) == 1
    assert Reminder.objects.get().clock.case_reference == "XA-2"


def test_a_clock_that_was_met_is_not_reminded_of(db, clock):
    start(clock)
    running.meet("XA-1", "execution", clock.now)
    clock.advance(days=55)
    assert reminders.note(clock.now) == 0


def test_it_stands_until_somebody_has_seen_it(db, clock, official):
    start(clock)
    clock.advance(days=55)
    reminders.note(clock.now)
    found = reminders.unseen(clock.now).get()
    first, second = official("registrar"), official("auditor")
    reminders.see(found.pk, first, clock.now)
    reminders.see(found.pk, second, clock.now)
    found.refresh_from_db()
    assert (found.seen_by, found.seen_at) == (first, clock.now)
    assert not reminders.unseen(clock.now).exists()


def test_of_a_clock_that_is_past_none_is_noted_even_before_it_is_marked(db, clock):
    start(clock, "P1D")
    clock.advance(days=1)
    assert reminders.note(clock.now) == 0


def forthwith(clock, **changes):
    given = {"starts_at": clock.now, "until": "status", "forthwith": True} | changes
    return running.start("XA-1", "status_answer", "c", "requested", **given)


def test_what_is_owed_forthwith_is_reminded_of_after_the_practice_and_never_runs_out(db, clock):
    forthwith(clock)
    clock.advance(hours=23)
    assert reminders.note(clock.now) == 0
    clock.advance(hours=1)
    assert reminders.note(clock.now) == 1
    clock.advance(days=400)
    assert running.run_out(clock.now) == 0
    assert reminders.unseen(clock.now).get().clock.kind == "status_answer"


def test_a_clock_until_an_event_that_nobody_owes_is_not_reminded_of(db, clock):
    assert forthwith(clock, forthwith=False).remind_at is None
    clock.advance(days=400)
    assert reminders.note(clock.now) == 0


def test_what_is_owed_forthwith_stands_before_what_has_a_day(db, clock):
    start(clock, "P2D")
    forthwith(clock)
    clock.advance(hours=47)
    assert reminders.note(clock.now) == 2
    kinds = [each.clock.kind for each in reminders.unseen(clock.now)]
    assert kinds == ["status_answer", "execution"]


def test_the_hours_are_the_nodes_own(db, clock, monkeypatch):
    node = replace(config.current(), forthwith_hours=2)
    monkeypatch.setattr(config, "current", lambda: node)
    assert forthwith(clock).remind_at == clock.now + timedelta(hours=2)
