"""Moments, days, durations and clocks, in words of the reader's language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def language() -> str:
    """The reader's language; English where none is active."""
    return (get_language() or "en").partition("-")[0]


def zone_label(at: datetime) -> str:
    """``UTC+5``, ``UTC−3:30`` or ``UTC``, from the offset the zone has at that moment."""
    offset = at.utcoffset() or timedelta()
    if not offset:
        return "UTC"
    minutes = abs(int(offset.total_seconds())) // 60
    sign = "+" if offset > timedelta() else "−"
    return f"UTC{sign}{minutes // 60}" + (f":{minutes % 60:02}" if minutes % 60 else "")


def moment(at: datetime, zone: str | None = None) -> str:
    """Date, time and zone: ``22 Nov 2026, 08:12 UTC+5``, in the reader's own zone unless one is named."""
    return wall(at.astimezone(ZoneInfo(zone) if zone else timezone.get_current_timezone()))


def wall(local: datetime) -> str:
    """A moment as the clocks of its own zone show it, in the form of ``moment``."""
    return f"{day(local)}, {format_time(local, 'HH:mm', locale=language())} {zone_label(local)}"


def day(at: date, width: str = "medium") -> str:
    """A date: ``22 Nov 2026``, «22 нояб. 2026 г.», «2026 ж. 22 қар.». A moment gives its own zone's day."""
    if language() == "en":  # the day first, as letters between States write it
        return format_date(at, "d MMM y" if width == "medium" else "d MMMM y", locale="en")
    return format_date(at, width, locale=language())


def short_day(at: datetime) -> str:
    """Day and month alone, for a line that says the year elsewhere: ``14 Aug``."""
    local = at.astimezone(timezone.get_current_timezone())
    if language() == "en":
        return format_date(local, "d MMM", locale="en")
    return str(format_skeleton("MMMd", local, locale=language()))


def span(length: timedelta) -> str:
    """A length of time in its largest sensible unit: ``58 days``, ``7 hours``, ``12 minutes``."""
    if length >= 2 * DAY:
        days = length // DAY
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    if length >= 2 * HOUR:
        hours = length // HOUR
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    minutes = max(1, length // timedelta(minutes=1))
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


_PARTS = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?)?")


def duration(iso: str) -> str:
    """An ISO 8601 duration in words: ``P60D`` is “60 days”; what is not understood stays as it is."""
    parts = _PARTS.fullmatch(iso)
    if parts is None:
        return iso
    years, months, days, hours = (int(part or 0) for part in parts.groups())
    words = [
        ngettext("%(count)d year", "%(count)d years", years) % {"count": years} if years else "",
        ngettext("%(count)d month", "%(count)d months", months) % {"count": months} if months else "",
        ngettext("%(count)d day", "%(count)d days", days) % {"count": days} if days else "",
        ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours} if hours else "",
    ]
    return " ".join(word for word in words if word) or iso


def seconds(count: int) -> str:
    """A time that was measured, to the second: ``1 min 35 s``, from an hour on to the minute."""
    minutes, left = divmod(count, 60)
    if minutes >= 60:
        return gettext("%(hours)d h %(minutes)d min") % {"hours": minutes // 60, "minutes": minutes % 60}
    if minutes:
        return gettext("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": left}
    return gettext("%(seconds)d s") % {"seconds": left}


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What a clock shows: its words and its colour (``good``, ``soon``, ``late``, ``ended``)."""

    words: str
    tone: str


def read_clock(
    *,
    state: str,
    starts_at: datetime,
    due_at: datetime | None,
    ended_at: datetime | None,
    now: datetime,
    remind_at: datetime | None = None,
) -> ClockReading:
    """Say how long is left. Due soon: the last tenth of the time, and never less than a day.

    Without an end, how long it runs; soon once the reminder of what is owed forthwith has come.
    """
    if state == "met":
        return ClockReading(gettext("met on %(day)s") % {"day": _here(ended_at or now)}, "ended")
    if state == "replaced":
        return ClockReading(gettext("replaced on %(day)s") % {"day": _here(ended_at or now)}, "ended")
    if state == "ceased":
        return ClockReading(gettext("fell away on %(day)s") % {"day": _here(ended_at or now)}, "ended")
    if state == "ran_out":
        return ClockReading(gettext("ran out on %(day)s") % {"day": _here(due_at or now)}, "late")
    if due_at is None:
        waits = remind_at is not None and remind_at <= now
        words = gettext("running for %(span)s") % {"span": span(now - starts_at)}
        return ClockReading(words, "soon" if waits else "good")
    left = due_at - now
    if left <= timedelta():
        return ClockReading(gettext("overdue by %(span)s") % {"span": span(-left)}, "late")
    if left <= max(DAY, (due_at - starts_at) / 10):
        return ClockReading(gettext("due soon: %(span)s left") % {"span": span(left)}, "soon")
    return ClockReading(gettext("on time: %(span)s left") % {"span": span(left)}, "good")


def _here(at: datetime) -> str:
    """The day of a moment where the reader is."""
    return day(at.astimezone(timezone.get_current_timezone()))
