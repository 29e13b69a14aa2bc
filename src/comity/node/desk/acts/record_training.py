"""Keep the register of trained and equipped staff (UNCC art. 41(5))."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from comity.node.accounts.authority import NothingThereError
from comity.node.accounts.models import Official
from comity.node.desk import staff
from comity.node.desk.models import Training
from comity.node.directory import known
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop


class TrainingDatesError(ComityError):
    """A training that is still to come, or that ended to count before it was completed."""

    code = "training_dates"
    message = gettext_noop("A training is recorded once it is completed, and counts until a later day.")
    next_step = gettext_noop("Correct the days.")


@transaction.atomic
def record_training(
    by: Official,
    official: Official,
    *,
    subject: str,
    given_by: str,
    completed_on: date,
    valid_until: date | None = None,
    languages: Iterable[str] = (),
    equipment: str = "",
    now: datetime,
) -> Training:
    """Record what an official was trained in; raise TrainingDatesError."""
    staff.demand(by, "keep_trainings")
    today = now.astimezone(ZoneInfo(known.own().time_zone)).date()
    if completed_on > today or (valid_until is not None and valid_until < completed_on):
        raise TrainingDatesError
    made = Training.objects.create(
        official=official,
        subject=subject,
        given_by=given_by,
        completed_on=completed_on,
        valid_until=valid_until,
        languages=sorted(set(languages)),
        equipment=equipment,
        recorded_by=by,
        recorded_at=now,
    )
    _remember("training_recorded", by, made, now)
    return made


@transaction.atomic
def withdraw_training(by: Official, training: int, *, now: datetime) -> Training:
    """Withdraw a record that was wrong; it stays, and counts no more."""
    staff.demand(by, "keep_trainings")
    found = Training.objects.select_for_update().filter(pk=training, withdrawn_at=None).first()
    if found is None:
        raise NothingThereError(name=str(training))
    found.withdrawn_at = now
    found.save(update_fields=["withdrawn_at"])
    _remember("training_withdrawn", by, found, now)
    return found


def _remember(kind: str, by: Official, training: Training, now: datetime) -> None:
    content = {"what": kind, "training": training.pk, "official": training.official_id, "by": by.pk}
    entries.append(kind, f"official:{training.official_id}", content, now=now)
