"""Dates and ISO 8601 durations of days, weeks, months, years and hours, as treaties count them."""

from __future__ import annotations

import calendar as months
import re
from datetime import date, timedelta

_DURATION = re.compile(r"P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})W)?(?:(\d{1,9})D)?(?:T(\d{1,9})H)?")


class BeyondTheCalendarError(ValueError):
    """A day after the last that a calendar of four-figure years has."""


def later(day: date, duration: str) -> date:
    """The day that lies ``duration`` (``P90D``, ``P6M``, ``P1Y``, ``PT72H``) after ``day``.

    A month's end that does not exist becomes the last day of that month; hours are the days that they
    fill, a day begun counted whole. Raises ValueError
    for anything that is not a duration of days, months and years, or lies beyond the calendar.
    """
    match = _DURATION.fullmatch(duration)
    if not match or duration == "P":
        message = f"{duration!r} is no duration of days, months and years"
        raise ValueError(message)
    years, months_on, weeks, days, hours = (int(part or 0) for part in match.groups())
    count = day.year * 12 + day.month - 1 + years * 12 + months_on
    year, month = divmod(count, 12)
    if not date.min.year <= year <= date.max.year:
        message = f"{duration!r} after {day} lies beyond the calendar"
        raise BeyondTheCalendarError(message)
    last = months.monthrange(year, month + 1)[1]
    try:
        return date(year, month + 1, min(day.day, last)) + timedelta(weeks=weeks, days=days + -(-hours // 24))
    except OverflowError as error:
        message = f"{duration!r} after {day} lies beyond the calendar"
        raise BeyondTheCalendarError(message) from error


def reached(day: date, duration: str) -> date:
    """``later``, but where it lies beyond the calendar the calendar's last day."""
    try:
        return later(day, duration)
    except BeyondTheCalendarError:
        return date.max
