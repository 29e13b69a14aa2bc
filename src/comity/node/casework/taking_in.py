"""Evidence that came by an upload: the case's timeline remembers it as it does what comes in one piece."""

from __future__ import annotations

from datetime import datetime

from comity.node.accounts.models import Official
from comity.node.casework import events
from comity.node.casework.models import Case
from comity.node.exhibits.models import Exhibit


def on_upload(official: Official, exhibit: Exhibit, now: datetime) -> None:
    """Note the exhibit that an upload became; wiring registers this with the exhibits' room."""
    case = Case.objects.get(reference=exhibit.case_reference)
    events.note(case, "exhibit_taken_in", now=now, by=official, number=exhibit.number)
