"""Durations as the law states them: ISO 8601 in one unit of the calendar or of time."""

from __future__ import annotations

import calendar
import re
from datetime import datetime, timedelta

from comity.terms import ComityError, gettext_noop

_DURATION = re.compile(r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?(?:T(?P<hours>\d+)H)?")


class DurationUnreadableError(ComityError):
    """A text is not a duration of the form this software knows."""

    code = "duration_unreadable"
    message = gettext_noop("“{text}” is not a duration such as P60D or PT72H.")
    next_step = gettext_noop("Write years, months, days and hours as ISO 8601 does.")


def after(start: datetime, duration: str) -> datetime:
    """The instant that lies ``duration`` after ``start``.

    Months and years are those of the calendar: a month after 31 January is the last day of February.
    """
    found = _DURATION.fullmatch(duration)
    if found is None or duration in ("P", "PT") or duration.endswith("T"):
        raise DurationUnreadableError(text=duration)
    years, months, days, hours = (int(found[name] or 0) for name in ("years", "months", "days", "hours"))
    month = start.month - 1 + months + 12 * years
    year, month = start.year + month // 12, month % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return start.replace(year=year, month=month, day=day) + timedelta(days=days, hours=hours)
