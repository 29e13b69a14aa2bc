"""Days on the command line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from comity.terms import ComityError, gettext_noop

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class DayUnreadableError(ComityError):
    """A day was not given as YYYY-MM-DD, or is none of the calendar."""

    code = "day_unreadable"
    message = gettext_noop("“{text}” is not a day.")
    next_step = gettext_noop("Write it as YYYY-MM-DD, for example 2027-06-01.")


def day(text: str | None) -> date:
    """The day that was written, or today (UTC) where none was."""
    if text is None:
        return datetime.now(UTC).date()
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise DayUnreadableError(text=text)
