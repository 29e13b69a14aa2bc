"""Days are counted by the calendar of the State that owes, hours in absolute time."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from comity import treaties
from comity.node.clocks import running
from comity.node.clocks.durations import after
from comity.treaties.working_days import UNKNOWN, WEEKENDS


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "duration", "zone", "end"),
    [
        # in Berlin the night to 28 March 2027 has 23 hours, that to 31 October 2027 has 25
        ("2027-03-26T09:00", "P3D", "Europe/Berlin", "2027-03-29T08:00"),
        ("2027-03-26T09:00", "PT72H", "Europe/Berlin", "2027-03-29T09:00"),
        ("2027-10-29T08:00", "P3D", "Europe/Berlin", "2027-11-01T09:00"),
        ("2027-10-29T08:00", "PT72H", "Europe/Berlin", "2027-11-01T08:00"),
        ("2027-03-26T09:00", "P3D", "Asia/Ashgabat", "2027-03-29T09:00"),
        # 02:30 does not exist on 28 March in Berlin: as the offset before it would have it
        ("2027-03-27T01:30", "P1D", "Europe/Berlin", "2027-03-28T01:30"),
        # 31 January in Almaty is still 30 January in UTC
        ("2027-01-30T20:00", "P1M", "Asia/Almaty", "2027-02-27T20:00"),
    ],
)
def test_days_are_those_of_the_zone_and_hours_are_absolute(start, duration, zone, end):
    assert after(at(start), duration, zone=zone) == at(end)


def test_working_days_leave_out_the_weekend_and_the_holidays_of_the_state():
    kz = treaties.load().calendar("KZ")
    # Friday 19 March 2027; 21 to 23 March is Nauryz, of which the 21st is a Sunday
    start = at("2027-03-19T05:00")
    assert after(start, "P3D", zone="Asia/Almaty", working=kz) == at("2027-03-26T05:00")
    assert after(start, "P3D", zone="Asia/Almaty", working=UNKNOWN) == at("2027-03-24T05:00")
    assert after(start, "P3D", zone="Asia/Almaty") == at("2027-03-22T05:00")


def test_days_that_move_in_a_year_are_left_out_and_every_holiday_has_a_source():
    kz = treaties.load().calendar("KZ")
    assert not kz.is_working(date(2026, 3, 25))  # Wednesday, for the 22nd, a Sunday
    assert kz.is_working(date(2026, 3, 26))
    assert {"S1", "S2"} <= kz.sources.keys()


def test_a_holiday_that_was_moved_to_another_day_is_kept_from_its_year_on():
    kz = treaties.load().calendar("KZ")
    constitution_days = [date(2024, 8, 30), date(2025, 8, 30), date(2027, 3, 15), date(2028, 3, 15)]
    assert not any(kz.is_working(day) for day in constitution_days)
    assert kz.is_working(date(2026, 8, 31))  # 30 August 2026, a Sunday, was a holiday no more
    assert kz.is_working(date(2024, 3, 15))
    assert kz.is_working(date(2027, 8, 30))


def test_a_sunday_that_was_worked_and_the_friday_given_for_it():
    kz = treaties.load().calendar("KZ")
    assert kz.is_working(date(2025, 1, 5))
    assert not kz.is_working(date(2025, 1, 3))


def test_the_years_whose_moved_days_are_not_on_record_are_unknown():
    kz = treaties.load().calendar("KZ")
    assert kz.unknown_years(date(2025, 1, 1), date(2026, 12, 31)) == ()
    assert kz.unknown_years(date(2026, 12, 30), date(2028, 1, 1)) == (2027, 2028)
    assert UNKNOWN.unknown_years(date(2026, 1, 1), date(2026, 1, 2)) == (2026,)


def test_the_working_day_is_that_of_the_zone():
    # 20:00 UTC on Thursday is Friday in Almaty: the next working day is Monday
    assert after(at("2027-06-10T20:00"), "P1D", zone="Asia/Almaty", working=UNKNOWN) == at("2027-06-13T20:00")


def test_a_state_whose_calendar_is_not_on_record_has_weekends_alone_and_says_so():
    found = treaties.load().calendar("XA")
    assert found.state == WEEKENDS
    assert not found.is_working(date(2027, 6, 12))
    assert found.is_working(date(2027, 3, 22))
    assert found.last_before(date(2027, 6, 13)) == date(2027, 6, 11)


def test_a_clock_keeps_by_which_calendar_it_was_counted(db, clock):
    one = running.start(
        "XA-1",
        "execution",
        "c",
        "requested",
        starts_at=clock.now,
        duration="P2D",
        zone="Asia/Almaty",
        working=treaties.load().calendar("KZ"),
    )
    assert (one.zone, one.working_days) == ("Asia/Almaty", "KZ")
    assert one.due_at == at("2027-06-15T03:12")  # from Saturday the 12th over Sunday to Tuesday
