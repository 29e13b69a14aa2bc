"""How finely time is kept of what a reporter does."""

from __future__ import annotations

from datetime import datetime


def hour_of(now: datetime) -> datetime:
    """The whole hour: no finer time of a reporter's doing is kept."""
    return now.replace(minute=0, second=0, microsecond=0)
