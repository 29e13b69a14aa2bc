"""Delegation and absence: whose role somebody else holds for a time, and who is away until when.

A delegation adds a role and takes none away; it ends by itself. The role is the delegator's own: a role that
was itself delegated goes no further.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from comity.node.accounts.access import ACCESS
from comity.node.accounts.authority import NotAuthorisedError, may
from comity.node.accounts.models import Absence, Delegation, Official, Rank, Role
from comity.node.accounts.people import RolesIncompatibleError
from comity.node.administration.acts import remember
from comity.node.administration.models import ChangeKind
from comity.terms import ComityError, gettext_noop


class DelegateUnfitError(ComityError):
    """The role would go to the same person, or to a closed account."""

    code = "delegate_unfit"
    message = gettext_noop("A role is delegated to another person whose account is open.")
    next_step = gettext_noop("Choose another person.")


class DelegateOfAnotherBodyError(ComityError):
    """The role would reach other cases with the delegate than it does with its owner."""

    code = "delegate_of_another_body"
    message = gettext_noop("A role is delegated within one body only: with another it reaches other cases.")
    next_step = gettext_noop("Choose somebody of the same body.")


class RoleNotHeldError(ComityError):
    """Only one's own roles are delegated, and never the administrator's."""

    code = "role_not_held"
    message = gettext_noop(
        "Only a role that the person holds themselves can be delegated, not the administrator’s."
    )
    next_step = gettext_noop("Choose another role.")


class TimesReversedError(ComityError):
    """The end lies before the beginning, or both in the past."""

    code = "times_reversed"
    message = gettext_noop("The end must lie after the beginning and in the future.")
    next_step = gettext_noop("Correct the days.")


def may_delegate(official: Any, of: Official) -> bool:
    """Whether one may delegate this person's roles: an administrator, or a head or deputy their own."""
    if may(official, "manage_accounts"):
        return bool(official.pk != of.pk)
    return bool(official.pk == of.pk and official.rank in (Rank.HEAD, Rank.DEPUTY))


@transaction.atomic
def delegate_role(
    by: Official,
    of: Official,
    to: Official,
    *,
    role: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    now: datetime,
) -> Delegation:
    """Let somebody hold a role of ``of`` for a time; noted in the administration log and the ledger."""
    if not may_delegate(by, of):
        raise NotAuthorisedError(act="delegate_role")
    _demand_order(starts_at, ends_at, now)
    if of.pk == to.pk or not to.is_active:
        raise DelegateUnfitError
    if not to.works_with(of):
        raise DelegateOfAnotherBodyError
    if role not in of.roles or role == Role.ADMINISTRATOR:
        raise RoleNotHeldError
    if Role.ADMINISTRATOR in to.roles and role in ACCESS["view_case"]:
        raise RolesIncompatibleError
    given = Delegation.objects.create(
        role=role,
        of=of,
        to=to,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
        given_by=by,
        given_at=now,
    )
    _note(ChangeKind.ROLE_DELEGATED, by, given, now)
    return given


@transaction.atomic
def end_delegation(by: Official, delegation: Delegation, *, now: datetime) -> Delegation:
    """End a delegation before its time."""
    found = Delegation.objects.select_for_update().get(pk=delegation.pk)
    if not may_delegate(by, found.of):
        raise NotAuthorisedError(act="delegate_role")
    if found.ends_at > now:
        found.ends_at = now
        found.save(update_fields=["ends_at"])
        _note(ChangeKind.DELEGATION_ENDED, by, found, now)
    return found


@transaction.atomic
def record_absence(
    official: Official, *, starts_at: datetime, ends_at: datetime, note: str, now: datetime
) -> Absence:
    """Say from when to when one is away; nothing is taken from one's roles."""
    _demand_order(starts_at, ends_at, now)
    made = Absence.objects.create(official=official, starts_at=starts_at, ends_at=ends_at, note=note)
    after = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()}
    remember(ChangeKind.ABSENCE_RECORDED, official, official, {}, after, now)
    return made


def standing(official: Official, now: datetime) -> dict[str, Any]:
    """What of both concerns this person and has not ended."""
    running = Delegation.objects.filter(ends_at__gt=now).select_related("of", "to", "given_by")
    return {
        "absences": Absence.objects.filter(official=official, ends_at__gt=now),
        "delegations": running.filter(Q(of=official) | Q(to=official)),
    }


def _demand_order(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if not starts_at < ends_at or ends_at <= now:
        raise TimesReversedError


def _note(kind: ChangeKind, by: Official, delegation: Delegation, now: datetime) -> None:
    after = {
        "delegated_role": delegation.role,
        "delegated_to": str(delegation.to),
        "starts_at": delegation.starts_at.isoformat(),
        "ends_at": delegation.ends_at.isoformat(),
    }
    remember(kind, by, delegation.of, {}, after, now)
