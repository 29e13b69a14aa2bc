"""Put somebody on the roster, or take a planned shift off it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from comity import canonical
from comity.node.accounts.authority import NothingThereError
from comity.node.accounts.models import Official
from comity.node.desk import staff
from comity.node.desk.models import Shift
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

LONGEST = timedelta(hours=48)


class ShiftTimesError(ComityError):
    """A shift that ends before it begins, has passed, or lasts longer than anybody stays awake for."""

    code = "shift_times"
    message = gettext_noop("A shift ends after it begins, in the future, and lasts 48 hours at most.")
    next_step = gettext_noop("Correct the times.")


class BackupSameError(ComityError):
    """The officer would stand in for themselves."""

    code = "backup_same"
    message = gettext_noop("The backup is another person than the officer on duty.")
    next_step = gettext_noop("Choose another person, or leave the backup empty.")


class ShiftBegunError(ComityError):
    """A shift that somebody took over stays on the roster."""

    code = "shift_begun"
    message = gettext_noop("This shift has been taken over already, so it stays on record.")
    next_step = gettext_noop("Let the next officer take the desk over instead.")


@transaction.atomic
def plan_shift(
    by: Official,
    official: Official,
    *,
    starts_at: datetime,
    ends_at: datetime,
    backup: Official | None = None,
    contact: str = "",
    now: datetime,
) -> Shift:
    """Plan a shift. Gaps, overlaps and absences are shown on the roster and forbid nothing.

    Raises ShiftTimesError, UnfitForDutyError, BackupSameError.
    """
    staff.demand(by, "plan_shifts")
    if not starts_at < ends_at <= starts_at + LONGEST or ends_at <= now:
        raise ShiftTimesError
    staff.demand_fit(official)
    staff.demand_fit(backup)
    if backup is not None and backup.pk == official.pk:
        raise BackupSameError
    made = Shift.objects.create(
        official=official,
        backup=backup,
        contact=contact,
        starts_at=starts_at,
        ends_at=ends_at,
        planned_by=by,
        planned_at=now,
    )
    _remember("shift_planned", by, made, now)
    return made


@transaction.atomic
def withdraw_shift(by: Official, shift: int, *, now: datetime) -> Shift:
    """Take a planned shift off the roster; raise ShiftBegunError for one that somebody took over."""
    staff.demand(by, "plan_shifts")
    found = Shift.objects.select_for_update(of=("self",)).filter(pk=shift, withdrawn_at=None).first()
    if found is None:
        raise NothingThereError(name=str(shift))
    if found.taken_at is not None:
        raise ShiftBegunError
    found.withdrawn_at = now
    found.save(update_fields=["withdrawn_at"])
    _remember("shift_withdrawn", by, found, now)
    return found


def _remember(kind: str, by: Official, shift: Shift, now: datetime) -> None:
    content = {
        "what": kind,
        "shift": shift.pk,
        "official": shift.official_id,
        "backup": shift.backup_id,
        "starts_at": canonical.instant_text(shift.starts_at),
        "ends_at": canonical.instant_text(shift.ends_at),
        "by": by.pk,
    }
    entries.append(kind, f"shift:{shift.pk}", content, now=now)
