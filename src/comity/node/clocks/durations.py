"""Durations as the law states them: ISO 8601 in units of the calendar or of time.

Days, months and years are counted by the calendar of a time zone, so that a day is a day there also when its
clocks are put forward or back; hours are absolute time. Days may be working days of a State.
"""

from __future__ import annotations

import calendar
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from comity.terms import ComityError, gettext_noop
from comity.treaties.working_days import WorkingCalendar

_DURATION = re.compile(r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?(?:T(?P<hours>\d+)H)?")


class DurationUnreadableError(ComityError):
    """A text is not a duration of the form this software knows."""

    code = "duration_unreadable"
    message = gettext_noop("“{text}” is not a duration such as P60D or PT72H.")
    next_step = gettext_noop("Write years, months, days and hours as ISO 8601 does.")


def after(
    start: datetime, duration: str, *, zone: str = "UTC", working: WorkingCalendar | None = None
) -> datetime:
    """The instant (UTC) that lies ``duration`` after ``start``, by the calendar of ``zone`` (IANA).

    A month after 31 January is the last day of February. With ``working`` days are that calendar's working
    days: the end lies at the same hour of the last of them. An hour that the zone leaves out in spring is
    taken as the offset before it would have it.
    """
    found = _DURATION.fullmatch(duration)
    if found is None or duration in ("P", "PT") or duration.endswith("T"):
        raise DurationUnreadableError(text=duration)
    years, months, days, hours = (int(found[name] or 0) for name in ("years", "months", "days", "hours"))
    local = _months_later(start.astimezone(ZoneInfo(zone)), months + 12 * years)
    if working is None:
        local += timedelta(days=days)
    elif days:
        last = working.after(local.date(), days)
        local = local.replace(year=last.year, month=last.month, day=last.day)
    return local.astimezone(UTC) + timedelta(hours=hours)


def _months_later(start: datetime, months: int) -> datetime:
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    return start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))
