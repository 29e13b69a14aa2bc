"""Take note of a reminder: it leaves the desk, and whoever took note stays named."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.authority import NothingThereError, authorise
from comity.node.accounts.models import Official
from comity.node.casework.entitlement import visible
from comity.node.clocks import reminders
from comity.node.clocks.models import Reminder


@transaction.atomic
def see_reminder(official: Official, reminder: int, *, now: datetime) -> None:
    """Mark a reminder as seen; NothingThereError for one of a case that is not open to the official."""
    authorise(official, "see_reminder")
    found = Reminder.objects.select_related("clock").filter(pk=reminder).first()
    if found is None or not visible(official).filter(reference=found.clock.case_reference).exists():
        raise NothingThereError(name=str(reminder))
    reminders.see(found.pk, official, now)
