"""Moments, days and clocks in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone, translation

from comity.node.pages import times

AT = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)


def reading(due_in=None, *, state="running", whole=timedelta(days=60)):
    due = None if due_in is None else AT + due_in
    start = AT - timedelta(days=2) if due is None else due - whole
    return times.read_clock(state=state, starts_at=start, due_at=due, ended_at=AT, now=AT)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "22 Nov 2026, 08:12 UTC+5"),
        ("ru", "22 нояб. 2026\u202fг., 08:12 UTC+5"),
        ("kk", "2026 ж. 22 қар., 08:12 UTC+5"),
    ],
)
def test_a_moment_names_date_time_and_zone_in_the_reader_s_language(language, expected):
    with translation.override(language), timezone.override("Asia/Almaty"):
        assert " ".join(times.moment(AT).split()) == " ".join(expected.split())


def test_a_moment_in_another_zone_can_fall_on_another_day():
    with translation.override("en"):
        assert times.moment(AT, "America/Lima") == "21 Nov 2026, 22:12 UTC−5"
        assert times.moment(AT, "Asia/Kolkata") == "22 Nov 2026, 08:42 UTC+5:30"


@pytest.mark.parametrize(
    ("due_in", "words", "tone"),
    [
        (timedelta(days=58), "on time: 58 days left", "good"),
        (timedelta(days=5), "due soon: 5 days left", "soon"),
        (timedelta(hours=5), "due soon: 5 hours left", "soon"),
        (timedelta(seconds=30), "due soon: 1 minute left", "soon"),
        (timedelta(hours=-3), "overdue by 3 hours", "late"),
        (None, "running for 2 days", "good"),
    ],
)
def test_a_clock_says_in_words_how_long_is_left(due_in, words, tone):
    with translation.override("en"):
        assert reading(due_in) == times.ClockReading(words, tone)


def test_what_is_owed_forthwith_is_marked_once_its_reminder_came():
    since = AT - timedelta(days=2)
    given = {"state": "running", "starts_at": since, "due_at": None, "ended_at": None, "now": AT}
    assert times.read_clock(**given, remind_at=AT).tone == "soon"
    assert times.read_clock(**given, remind_at=AT + timedelta(hours=1)).tone == "good"


def test_the_last_day_is_always_due_soon_however_short_the_clock():
    assert reading(timedelta(hours=23), whole=timedelta(hours=48)).tone == "soon"
    assert reading(timedelta(hours=25), whole=timedelta(hours=48)).tone == "good"


@pytest.mark.parametrize(("state", "tone"), [("met", "ended"), ("replaced", "ended"), ("ran_out", "late")])
def test_an_ended_clock_says_how_it_ended(state, tone):
    assert reading(timedelta(days=1), state=state).tone == tone


@pytest.mark.parametrize(
    ("iso", "words"),
    [("P60D", "60 days"), ("PT72H", "72 hours"), ("P1Y", "1 year"), ("P6M", "6 months"), ("x", "x")],
)
def test_a_duration_of_the_law_is_read_out(iso, words):
    with translation.override("en"):
        assert times.duration(iso) == words
