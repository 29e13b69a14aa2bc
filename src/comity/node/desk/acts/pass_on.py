"""Pass a case on within this State, so that the desk and the authorities act together quickly.

UNCC art. 41(4): where the point of contact is no part of the authority for mutual legal assistance or
extradition, it ensures that it can coordinate with it on an expedited basis.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from comity.node import config
from comity.node.accounts.authority import FourEyesError, NothingThereError, authorise
from comity.node.accounts.models import Official, Organisation, OrganisationKind
from comity.node.casework import assignments, events
from comity.node.casework.acts.assign_execution import assign_execution
from comity.node.casework.entitlement import demand_entitled, is_entitled
from comity.node.casework.models import Access, Case
from comity.node.desk import referrals
from comity.node.desk.models import Capacity, Referral
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop


class ReceiverUnfitError(ComityError):
    """A case is passed on to an authority of this State, not to a service provider."""

    code = "receiver_unfit"
    message = gettext_noop("A case is passed on to an authority of this State.")
    next_step = gettext_noop("Choose another body; a provider is reached by an order.")


class AlreadyTakenError(ComityError):
    """Somebody of the receiving body has confirmed already."""

    code = "already_taken"
    message = gettext_noop("{name} has taken this over already.")
    next_step = gettext_noop("Speak with them.")


@transaction.atomic
def pass_on(
    official: Official,
    case: Case,
    to: Organisation | None,
    *,
    capacity: str,
    note: str,
    execute_until: datetime | None = None,
    now: datetime,
) -> Referral:
    """Tell an authority of this State of a case, which opens to it; None is the one that keeps this node.

    With ``execute_until`` the items that can be assigned are given to it for execution too, as
    ``assign_execution`` does and under what that asks. The same said twice is passed
    on once. Raises ReceiverUnfitError, NothingThereError.
    """
    authorise(official, "pass_on")
    demand_entitled(official, case)
    if to is not None and to.kind == OrganisationKind.PROVIDER:
        raise ReceiverUnfitError
    case = Case.objects.select_for_update().get(pk=case.pk)
    said: dict[str, Any] = {"organisation": to, "capacity": Capacity(capacity), "note": note, "by": official}
    if to is not None:
        given = {"given_by": official, "given_at": now}
        Access.objects.get_or_create(case=case, organisation=to, defaults=given)
    again = Referral.objects.filter(case=case, taken_at=None, **said).first()
    if again is not None and execute_until is None:
        return again
    if to is not None and execute_until is not None:
        numbers = [item.number for item in assignments.assignable(case.items.all())]
        assign_execution(official, case, numbers, to, due_at=execute_until, instructions=note, now=now)
    made = Referral.objects.create(case=case, at=now, **said)
    name = str(to) if to else config.current().name
    _remember("case_passed_on", official, made, now, name=name)
    return made


@transaction.atomic
def take_referral(official: Official, referral: int, *, now: datetime) -> Referral:
    """Confirm for the receiving body that it took a case; somebody else than who passed it on.

    Raises NothingThereError, FourEyesError, AlreadyTakenError.
    """
    authorise(official, "take_referral")
    known = Referral.objects.select_for_update(of=("self",)).select_related("case", "taken_by")
    found = known.filter(pk=referral).first()
    if found is None or not is_entitled(official, found.case) or not referrals.is_for(found, official):
        raise NothingThereError(name=str(referral))
    if found.taken_by is not None:
        raise AlreadyTakenError(name=str(found.taken_by))
    if found.by_id == official.pk:
        raise FourEyesError
    found.taken_by, found.taken_at = official, now
    found.save(update_fields=["taken_by", "taken_at"])
    _remember("referral_taken", official, found, now, name=str(official))
    return found


def _remember(kind: str, official: Official, referral: Referral, now: datetime, *, name: str) -> None:
    case = referral.case
    content = {
        "what": kind,
        "case": case.reference,
        "referral": referral.pk,
        "organisation": referral.organisation_id,
        "capacity": str(referral.capacity),
        "by": official.pk,
    }
    entry = entries.append(kind, case.reference, content, now=now)
    events.note(case, kind, now=now, by=official, entry=entry, name=name)
