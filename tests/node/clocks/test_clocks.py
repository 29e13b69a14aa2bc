from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from comity.node.clocks import running
from comity.node.clocks.durations import DurationUnreadableError, after
from comity.node.clocks.models import Clock, ClockState

CITE = "uncc:art_42__para_8"


@pytest.fixture
def sixty_days(db, clock):
    return running.start(
        "XB-2027-000001", "preservation_minimum", CITE, "requested", starts_at=clock.now, duration="P60D"
    )


@pytest.mark.parametrize(
    ("duration", "end"),
    [
        ("P60D", "2027-03-31T03:00:00+00:00"),
        ("PT72H", "2027-02-02T03:00:00+00:00"),
        ("P1M", "2027-02-28T03:00:00+00:00"),
        ("P13M", "2028-02-29T03:00:00+00:00"),
        ("P6M", "2027-07-31T03:00:00+00:00"),
        ("P1Y", "2028-01-30T03:00:00+00:00"),
    ],
)
def test_durations_end_when_the_calendar_says(duration, end):
    start = (
        datetime(2027, 1, 30, 3, tzinfo=UTC)
        if duration[-1] in "DHY"
        else datetime(2027, 1, 31, 3, tzinfo=UTC)
    )
    assert after(start, duration).isoformat() == end


@pytest.mark.parametrize("text", ["", "P", "PT", "60D", "P1W", "P-1D", "P1.5D", "P1DT", "p60d", "P60D "])
def test_other_texts_are_no_durations(text):
    with pytest.raises(DurationUnreadableError):
        after(datetime(2027, 1, 1, tzinfo=UTC), text)


def test_starting_the_same_clock_again_gives_the_first_one(sixty_days, clock):
    again = running.start(
        "XB-2027-000001", "preservation_minimum", CITE, "requested", starts_at=clock.now, duration="P60D"
    )
    assert again == sixty_days
    assert Clock.objects.count() == 1


def test_a_clock_runs_out_once_and_its_handlers_are_told_once(sixty_days, clock):
    told = []
    running.handler("preservation_minimum", lambda clock, now: told.append(("kind", clock.id, now)))
    running.handler("*", every := lambda clock, now: told.append(("every", clock.id, now)))
    clock.advance(days=60, seconds=-1)
    assert running.run_out(clock.now) == 0
    clock.advance(seconds=1)
    assert running.run_out(clock.now) == 1
    assert running.run_out(clock.now) == 0
    assert told == [("every", sixty_days.id, clock.now), ("kind", sixty_days.id, clock.now)]
    sixty_days.refresh_from_db()
    assert (sixty_days.state, sixty_days.ended_at) == (ClockState.RAN_OUT, clock.now)
    running._handlers.clear()
    assert every


def test_what_fails_in_a_handler_leaves_the_clock_running(sixty_days, clock):
    running.handler("preservation_minimum", lambda clock, now: 1 / 0)
    clock.advance(days=61)
    with pytest.raises(ZeroDivisionError):
        running.run_out(clock.now)
    running._handlers.clear()
    sixty_days.refresh_from_db()
    assert sixty_days.state == ClockState.RUNNING


def test_sixty_days_become_until_the_decision(sixty_days, clock):
    now = clock.advance(days=10)
    new = running.replace(
        sixty_days,
        kind="preservation_until_decision",
        cite="uncc:art_42__para_8",
        starts_at=now,
        until="decision",
    )
    sixty_days.refresh_from_db()
    assert (sixty_days.state, sixty_days.replaced_by) == (ClockState.REPLACED, new)
    assert (new.due_at, new.until) == (None, "decision")
    clock.advance(days=400)
    assert running.run_out(clock.now) == 0, "a clock that waits for an event does not run out"


def test_a_met_clock_does_not_run_out(sixty_days, clock):
    assert running.meet("XB-2027-000001", "preservation_minimum", clock.now) == 1
    clock.advance(days=61)
    assert running.run_out(clock.now) == 0


def test_due_lists_the_most_urgent_first(sixty_days, clock):
    soon = running.start("XB-2", "execution", CITE, "requested", starts_at=clock.now, duration="P1D")
    assert list(running.due(clock.now, timedelta(days=2))) == [soon]
    assert list(running.due(clock.now, timedelta(days=90))) == [soon, sixty_days]
