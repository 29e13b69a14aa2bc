"""Mark an exhibit, or what is being prepared; lift a marking; clear or withhold what is privileged."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity.node.accounts.authority import NothingThereError, authorise, second_person
from comity.node.accounts.models import Official
from comity.node.casework import events, identities
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.marked import Marking, MarkingKind, MarkingState
from comity.node.casework.models import Case
from comity.node.casework.standing import NotNowError
from comity.node.exhibits.models import Exhibit
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop


class MarkingMisplacedError(ComityError):
    """Such a marking is of an exhibit: words that are being prepared are read by whoever prepares them."""

    code = "marking_misplaced"
    message = gettext_noop("This is marked on an exhibit, not on a draft.")
    next_step = gettext_noop("Take the material in as an exhibit and mark that.")


@transaction.atomic
def mark(
    official: Official, case: Case, *, kind: str, exhibit: str | None = None, reason: str, now: datetime
) -> Marking:
    """Mark an exhibit of the case (by id), or with None what is being prepared in it, for a reason."""
    case = _begin(official, case, "mark_material")
    if exhibit is None and kind in (MarkingKind.PRIVILEGED, MarkingKind.ABUSE):
        raise MarkingMisplacedError
    identities.demand_absent(case, reason)
    found = Exhibit.objects.filter(case_reference=case.reference, pk=exhibit).first() if exhibit else None
    if exhibit is not None and found is None:
        raise NothingThereError(name=exhibit)
    made = Marking.objects.create(
        case=case, kind=kind, exhibit=found.pk if found else None, reason=reason, by=official, at=now
    )
    _remember("material_marked", official, made, now)
    return made


@transaction.atomic
def lift_marking(official: Official, case: Case, marking: int, *, reason: str, now: datetime) -> Marking:
    """Lift a marking that is wrong or has ended: a second person than the one who set it.

    Privilege is never lifted (MarkingMisplacedError): a filter reviewer clears it.
    """
    case = _begin(official, case, "lift_marking")
    found = _standing(case, marking)
    if found.kind == MarkingKind.PRIVILEGED:
        raise NotNowError(case=case.reference, standing=case.actual or case.preparation)
    second_person(found.by, official)
    return _decide(official, found, MarkingState.LIFTED, reason, now)


@transaction.atomic
def clear_privileged(official: Official, case: Case, marking: int, *, reason: str, now: datetime) -> Marking:
    """Clear privileged material: it may be opened, used and released from now on."""
    return _filter(official, case, marking, MarkingState.CLEARED, reason, now)


@transaction.atomic
def withhold_privileged(
    official: Official, case: Case, marking: int, *, reason: str, now: datetime
) -> Marking:
    """Withhold privileged material: it stays closed and leaves with no result and no bundle."""
    return _filter(official, case, marking, MarkingState.WITHHELD, reason, now)


def _filter(
    official: Official, case: Case, marking: int, state: MarkingState, reason: str, now: datetime
) -> Marking:
    """The filter reviewer's decision; FourEyesError for whoever drafts or executes the case."""
    case = _begin(official, case, "filter_exhibit")
    found = _standing(case, marking)
    if found.kind != MarkingKind.PRIVILEGED:
        raise NotNowError(case=case.reference, standing=case.actual or case.preparation)
    second_person(case.drafter, official)
    second_person(case.executing_officer, official)
    return _decide(official, found, state, reason, now)


def _begin(official: Official, case: Case, act: str) -> Case:
    authorise(official, act)
    locked = Case.objects.select_for_update().get(pk=case.pk)
    demand_entitled(official, locked)
    return locked


def _standing(case: Case, marking: int) -> Marking:
    found = case.markings.filter(pk=marking, state=MarkingState.STANDS).first()
    if found is None:
        raise NotNowError(case=case.reference, standing=case.actual or case.preparation)
    return found


def _decide(official: Official, found: Marking, state: MarkingState, reason: str, now: datetime) -> Marking:
    identities.demand_absent(found.case, reason)
    found.state, found.decision = state, reason
    found.decided_by, found.decided_at = official, now
    found.save()
    _remember(f"marking_{state.value}", official, found, now)
    return found


def _remember(what: str, official: Official, marking: Marking, now: datetime) -> None:
    content = {
        "what": what,
        "case": marking.case.reference,
        "marking": marking.pk,
        "kind": str(marking.kind),
        "exhibit": str(marking.exhibit) if marking.exhibit else None,
        "by": official.pk,
    }
    entry = entries.append(what, marking.case.reference, content, now=now)
    events.note(marking.case, what, now=now, by=official, entry=entry, marking=str(marking.kind))
