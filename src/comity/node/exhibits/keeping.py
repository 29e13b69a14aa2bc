"""How long an exhibit is kept: its period, legal holds, and its end, which two officials decide.

Each function is an act: it authorises, checks, writes rows and custody and the ledger in one transaction. The
destruction itself is that of the exhibit's key, in the act; a job removes afterwards what nobody can read.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from comity.node.accounts.authority import NothingThereError, authorise, second_person
from comity.node.accounts.models import Official
from comity.node.exchange.models import Stage
from comity.node.exhibits import access, custody, erasing, working_copies
from comity.node.exhibits.models import Disposal, DisposalKind, DisposalState, Exhibit, Hold
from comity.node.exhibits.reading import ExhibitDestroyedError
from comity.node.jobs import outbox
from comity.node.ledger import entries
from comity.proofs.custody import CustodyAct
from comity.terms import ComityError, gettext_noop

_ON_ITS_WAY = (Stage.FROZEN, Stage.SEALED, Stage.RELAYED, Stage.ACCEPTED)


class HeldError(ComityError):
    """The exhibit is under a legal hold."""

    code = "under_hold"
    message = gettext_noop("Exhibit {number} is under a legal hold: it is neither destroyed nor returned.")
    next_step = gettext_noop("Let a second official lift the hold first, if its reason has ended.")


class PeriodRunsError(ComityError):
    """The retention period has not ended."""

    code = "retention_runs"
    message = gettext_noop("Exhibit {number} is to be kept until {until}.")
    next_step = gettext_noop("Wait for the end of the period, or change the period and say why.")


class DisposalOpenError(ComityError):
    """A disposal was proposed already and waits for its decision."""

    code = "disposal_open"
    message = gettext_noop("A disposal of exhibit {number} waits for its decision.")
    next_step = gettext_noop("Let a second official decide on it first.")


class ExhibitTravelsError(ComityError):
    """A letter that carries the exhibit is on its way."""

    code = "exhibit_travels"
    message = gettext_noop("Exhibit {number} is on its way in a letter.")
    next_step = gettext_noop("Wait until the letter is delivered.")


@transaction.atomic
def place_hold(official: Official, exhibit: Exhibit, *, reason: str, now: datetime) -> Hold:
    """Nothing ends the exhibit while the hold stands."""
    locked = _begin(official, exhibit, "keep_exhibit")
    made = Hold.objects.create(exhibit=locked, reason=reason, placed_by=official, placed_at=now)
    _note("hold_placed", official, locked, now, hold=made.pk, reason=reason)
    return made


@transaction.atomic
def lift_hold(official: Official, exhibit: Exhibit, hold: int, *, reason: str, now: datetime) -> Hold:
    """Lift a hold; FourEyesError for whoever placed it."""
    locked = _begin(official, exhibit, "dispose_exhibit")
    found = locked.holds.filter(pk=hold, lifted_at=None).first()
    if found is None:
        raise NothingThereError(name=str(hold))
    second_person(found.placed_by, official)
    found.lifting, found.lifted_by, found.lifted_at = reason, official, now
    found.save()
    _note("hold_lifted", official, locked, now, hold=found.pk, reason=reason)
    return found


@transaction.atomic
def set_period(
    official: Official, exhibit: Exhibit, *, until: date | None, reason: str, now: datetime
) -> Exhibit:
    """Set the last day on which the exhibit is to be kept; None: no period is set."""
    locked = _begin(official, exhibit, "keep_exhibit")
    locked.keep_until = until
    locked.save(update_fields=["keep_until"])
    _note("period_set", official, locked, now, until=until.isoformat() if until else None, reason=reason)
    return locked


@transaction.atomic
def propose_disposal(
    official: Official, exhibit: Exhibit, *, kind: str, reason: str, to: str = "", now: datetime
) -> Disposal:
    """Propose that the exhibit is destroyed, or returned to somebody and not kept here."""
    locked = _begin(official, exhibit, "keep_exhibit")
    _demand_may_go(locked, now)
    if locked.disposals.filter(state=DisposalState.PROPOSED).exists():
        raise DisposalOpenError(number=locked.number)
    made = Disposal.objects.create(
        exhibit=locked, kind=DisposalKind(kind), reason=reason, to=to, proposed_by=official, proposed_at=now
    )
    _note("disposal_proposed", official, locked, now, disposal=made.pk, kind=kind, reason=reason)
    return made


@transaction.atomic
def decide_disposal(
    official: Official, exhibit: Exhibit, *, agreed: bool, reason: str, now: datetime
) -> Disposal:
    """Agree to a disposal or decline it; FourEyesError for whoever proposed it.

    Agreed: the key is destroyed at once, and custody says what became of the exhibit.
    """
    locked = _begin(official, exhibit, "dispose_exhibit")
    found = locked.disposals.filter(state=DisposalState.PROPOSED).first()
    if found is None:
        raise NothingThereError(name=locked.number)
    second_person(found.proposed_by, official)
    found.state = DisposalState.DONE if agreed else DisposalState.DECLINED
    found.decision, found.decided_by, found.decided_at = reason, official, now
    if agreed:
        _demand_may_go(locked, now)
        _end(official, locked, found, now)
    found.save()
    what = "disposal_done" if agreed else "disposal_declined"
    _note(what, official, locked, now, disposal=found.pk, kind=str(found.kind), reason=reason)
    return found


def _end(official: Official, exhibit: Exhibit, disposal: Disposal, now: datetime) -> None:
    about = f"proposed by {disposal.proposed_by}: {disposal.reason}"
    if disposal.kind == DisposalKind.RETURN:
        custody.record(
            exhibit, CustodyAct.RETURNED, official=official, note=f"to {disposal.to}; {about}", now=now
        )
    working_copies.end_all(official, exhibit, now=now)
    custody.record(exhibit, CustodyAct.DESTROYED, official=official, note=about, now=now)
    exhibit.wrapped_key = None
    exhibit.damage = ""
    exhibit.save(update_fields=["wrapped_key", "damage"])
    outbox.ask(erasing.JOB, f"{erasing.JOB}:{exhibit.id}", {"exhibit": str(exhibit.id)}, now=now)


def _begin(official: Official, exhibit: Exhibit, act: str) -> Exhibit:
    authorise(official, act)
    if not access.visible(official).filter(pk=exhibit.pk).exists():
        raise NothingThereError(name=exhibit.number)
    locked = Exhibit.objects.select_for_update().get(pk=exhibit.pk)
    if not locked.is_there:
        raise ExhibitDestroyedError(number=locked.number)
    return locked


def _demand_may_go(exhibit: Exhibit, now: datetime) -> None:
    if exhibit.holds.filter(lifted_at=None).exists():
        raise HeldError(number=exhibit.number)
    if exhibit.keep_until is not None and now.date() <= exhibit.keep_until:
        raise PeriodRunsError(number=exhibit.number, until=exhibit.keep_until.isoformat())
    if any(letter.stage in _ON_ITS_WAY for letter in erasing.letters_with(exhibit)):
        raise ExhibitTravelsError(number=exhibit.number)


def _note(what: str, official: Official, exhibit: Exhibit, now: datetime, **more: Any) -> None:
    content = {"what": what, "exhibit": str(exhibit.id), "by": official.pk, **more}
    entries.append(what, str(exhibit.id), content, now=now)
