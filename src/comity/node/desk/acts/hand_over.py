"""What the officer on duty writes down: the note for the next one, and free notes in the shift's log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from comity.node.accounts.models import Official
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.models import Case
from comity.node.desk import staff
from comity.node.desk.models import HandOver, Shift, ShiftNote
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop


class NotOnDutyError(ComityError):
    """Only whoever has the desk hands it over and writes in its log."""

    code = "not_on_duty"
    message = gettext_noop("You do not have the desk now.")
    next_step = gettext_noop("Take the desk over first.")


@transaction.atomic
def hand_over(
    official: Official, *, text: str, cases: Iterable[Case] = (), to: Official | None = None, now: datetime
) -> HandOver:
    """Write, or write anew, what the next officer has to know; the shift runs until somebody takes over.

    Raises NotOnDutyError, UnfitForDutyError, NothingThereError for a case that is not open to the official.
    """
    shift = _own_shift(official)
    staff.demand_fit(to)
    watched = list(cases)
    for case in watched:
        demand_entitled(official, case)
    written = {"text": text, "to": to, "written_at": now}
    note, _new = HandOver.objects.update_or_create(shift=shift, defaults=written)
    note.cases.set(watched)
    content = {"what": "desk_handed_over", "shift": shift.pk, "by": official.pk, "to": to.pk if to else None}
    entries.append("desk_handed_over", f"shift:{shift.pk}", content, now=now)
    return note


@transaction.atomic
def write_note(official: Official, *, text: str, case: Case | None = None, now: datetime) -> ShiftNote:
    """Add a free note to the log of one's shift, on a case or on none; raise NotOnDutyError."""
    shift = _own_shift(official)
    if case is not None:
        demand_entitled(official, case)
    return ShiftNote.objects.create(shift=shift, case=case, text=text, by=official, at=now)


def _own_shift(official: Official) -> Shift:
    staff.demand(official, staff.KEEPS)
    found = Shift.objects.select_for_update().filter(running=True, official=official).first()
    if found is None:
        raise NotOnDutyError
    return found
