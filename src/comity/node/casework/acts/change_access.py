"""Open a case to a person or an organisation, and close it to them again: each with a reason."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from comity.node.accounts.authority import authorise, may
from comity.node.accounts.models import Official, Organisation
from comity.node.casework import events, identities
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.models import Access, Case
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop


class AccessWithoutReasonError(ComityError):
    """Access to a case is given and withdrawn for a stated reason."""

    code = "access_without_reason"
    message = gettext_noop("The reason is missing.")
    next_step = gettext_noop("Say in one line why this person needs the case, or no longer needs it.")


class AccessUselessError(ComityError):
    """The person's roles see no case, so opening one to them would open nothing."""

    code = "access_useless"
    message = gettext_noop("The roles of {name} do not include seeing cases.")
    next_step = gettext_noop("Choose somebody else, or ask the administrator to give the role first.")


class AccessGivenError(ComityError):
    """The case is open to them already."""

    code = "access_given"
    message = gettext_noop("Case {case} is already open to {name}.")
    next_step = gettext_noop("Nothing needs to be done.")


class AccessGoneError(ComityError):
    """This access was withdrawn in the meantime."""

    code = "access_gone"
    message = gettext_noop("This access to case {case} was already withdrawn.")
    next_step = gettext_noop("Reload the page to see whom the case is open to.")


class AccessNeededError(ComityError):
    """The person works on the case, so it cannot be closed to them."""

    code = "access_needed"
    message = gettext_noop("{name} is the drafter or the executing officer of case {case}.")
    next_step = gettext_noop("Let somebody else take over first.")


@transaction.atomic
def give_access(
    official: Official, case: Case, to: Official | Organisation, reason: str, *, now: datetime
) -> Access:
    """Open the case to an official or an organisation, for a reason."""
    case = _begin(official, case, reason)
    if isinstance(to, Official) and not may(to, "view_case"):
        raise AccessUselessError(name=str(to))
    if _rows(case, to).exists():
        raise AccessGivenError(case=case.reference, name=str(to))
    given = Access.objects.create(case=case, given_by=official, given_at=now, reason=reason, **_whom(to))
    _remember("access_given", official, case, to, reason, now)
    return given


@transaction.atomic
def withdraw_access(official: Official, case: Case, given: int, reason: str, *, now: datetime) -> None:
    """Close the case to somebody it was opened to (``given`` is the row), for a reason."""
    case = _begin(official, case, reason)
    row = case.access.select_related("official", "organisation").filter(pk=given).first()
    if row is None:
        raise AccessGoneError(case=case.reference)
    to: Official | Organisation = row.official or row.organisation  # type: ignore[assignment]  # one of them is there
    if isinstance(to, Official) and to.pk in (case.drafter_id, case.executing_officer_id):
        raise AccessNeededError(case=case.reference, name=str(to))
    row.delete()
    _remember("access_withdrawn", official, case, to, reason, now)


def assign(official: Official, case: Case, now: datetime) -> None:
    """Keep a case open to whoever works on it, also after somebody else has taken over; in an act."""
    Access.objects.get_or_create(
        case=case, official=official, defaults={"given_by": official, "given_at": now}
    )


def _begin(official: Official, case: Case, reason: str) -> Case:
    authorise(official, "change_access")
    locked = Case.objects.select_for_update().get(pk=case.pk)
    demand_entitled(official, locked)
    if not reason.strip():
        raise AccessWithoutReasonError
    identities.demand_absent(locked, reason)
    return locked


def _whom(to: Official | Organisation) -> dict[str, Official | Organisation]:
    return {"official" if isinstance(to, Official) else "organisation": to}


def _rows(case: Case, to: Official | Organisation) -> QuerySet[Access]:
    return case.access.filter(**_whom(to))


def _remember(
    what: str, official: Official, case: Case, to: Official | Organisation, reason: str, now: datetime
) -> None:
    kind = "official" if isinstance(to, Official) else "organisation"
    content = {"what": what, "case": case.reference, "by": official.pk, kind: to.pk, "reason": reason}
    entry = entries.append(what, case.reference, content, now=now)
    events.note(case, what, now=now, by=official, entry=entry, name=str(to), reason=reason)
