"""Record a safe conduct: arrival, the notice that the person is no longer needed, how it went on."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.authority import NothingThereError
from comity.node.accounts.models import Official
from comity.node.casework import events, identities, running, safe_conducts
from comity.node.casework.attending import SafeConduct
from comity.node.casework.models import Case, Side
from comity.node.casework.safe_conducts import Standing
from comity.node.casework.standing import NotNowError, NotYetHappenedError, begin
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

LEFT, RETURNED, COULD_LEAVE, COULD_NOT_LEAVE = "left", "returned", "could_leave", "could_not_leave"
DID_NOT_COME = "did_not_come"
POSSIBLE = {
    DID_NOT_COME: frozenset({Standing.EXPECTED}),
    LEFT: frozenset(set(Standing) - {Standing.LEFT, Standing.EXPECTED, Standing.ABSENT}),
    RETURNED: frozenset({Standing.LEFT}),
    COULD_LEAVE: frozenset({Standing.UNDECIDED, Standing.HINDERED}),
    COULD_NOT_LEAVE: frozenset({Standing.UNDECIDED}),
}
"""How it may go on, and as what a safe conduct must stand for it: the person did not come, left, came back of
their own will, could or could not leave in the time."""


class PeriodNotAgreedError(ComityError):
    """Another period than the law's, and no letter in which the other State agreed to it."""

    code = "period_not_agreed"
    message = gettext_noop("The other State has not agreed to another period in any letter of case {case}.")
    next_step = gettext_noop("Consult it about safe conduct, or take the period of the provision.")


@transaction.atomic
def record_arrival(
    official: Official, case: Case, number: int, *, arrived_at: datetime, note: str = "", now: datetime
) -> SafeConduct:
    """The person of item ``number`` came: safe conduct stands from now on, by the case's provision.

    Raises RuleMissingError where the treaty of the case gives none, NotNowError for an item that asks for
    something else or whose person came already.
    """
    case = begin(official, "record_safe_conduct", case, Side.REQUESTING)
    rule = safe_conducts.provision(case)
    item = case.items.filter(number=number, measure=safe_conducts.MEASURE).first()
    expected = SafeConduct.objects.filter(item=item).first() if item else None
    if item is None or not case.sent_generation or (expected and expected.arrived_at):
        raise NotNowError(case=case.reference, standing=case.actual or case.preparation)
    _demand_past(arrived_at, now)
    identities.demand_absent(case, note)
    conduct = expected or SafeConduct(item=item, cite=rule["cite"], at=now)
    conduct.arrived_at, conduct.left_at = arrived_at, None
    conduct.note, conduct.by = note, official
    conduct.save()
    _remember(official, conduct, "arrived", arrived_at, now)
    return conduct


@transaction.atomic
def record_release(
    official: Official,
    case: Case,
    number: int,
    *,
    released_at: datetime,
    released_by: str,
    days: int | None = None,
    agreement: uuid.UUID | str | None = None,
    now: datetime,
) -> SafeConduct:
    """The person was officially told, by the judicial authority ``released_by``, that they may go.

    The time to leave is the provision's, or ``days`` that the other State agreed to in the letter
    ``agreement`` (PeriodNotAgreedError without one).
    """
    conduct, case = _of(official, case, number)
    rule = safe_conducts.provision(case)
    if conduct.released_at is not None or safe_conducts.standing(conduct, now) != Standing.NEEDED:
        raise NotNowError(case=case.reference, standing=case.actual)
    _demand_past(released_at, now, after=conduct.arrived_at)
    identities.demand_absent(case, released_by)
    if days is not None:
        found = {str(letter.pk) for letter in safe_conducts.agreements(case)}
        if str(agreement) not in found:
            raise PeriodNotAgreedError(case=case.reference)
        conduct.agreement = uuid.UUID(str(agreement))
    conduct.released_at, conduct.released_by = released_at, released_by
    conduct.period = rule["duration"] if days is None else f"P{days}D"
    zone = running.zone_of(case, Side.REQUESTING)
    conduct.ends_at = safe_conducts.end_of(released_at, conduct.period, zone)
    conduct.clock = running.on_release(case, rule, released_at, conduct.ends_at)
    conduct.save()
    _remember(official, conduct, "released", released_at, now)
    return conduct


@transaction.atomic
def record_course(
    official: Official, case: Case, number: int, *, course: str, at: datetime, note: str, now: datetime
) -> SafeConduct:
    """How it went on, with what it rests on; ``could_leave`` is an official's finding, never a default."""
    conduct, case = _of(official, case, number)
    if safe_conducts.standing(conduct, now) not in POSSIBLE[course]:
        raise NotNowError(case=case.reference, standing=case.actual)
    since = {RETURNED: conduct.left_at, COULD_LEAVE: conduct.ends_at, COULD_NOT_LEAVE: conduct.ends_at}
    _demand_past(at, now, after=since.get(course) or conduct.arrived_at)
    identities.demand_absent(case, note)
    match course:
        case "left" | "did_not_come":
            conduct.left_at, conduct.returned_at = at, None
            running.on_departure(conduct.clock, now)
        case "returned":
            conduct.returned_at = at
        case _:
            conduct.could_leave = course == COULD_LEAVE
    conduct.note = note
    conduct.save()
    _remember(official, conduct, course, at, now)
    return conduct


def _of(official: Official, case: Case, number: int) -> tuple[SafeConduct, Case]:
    case = begin(official, "record_safe_conduct", case, Side.REQUESTING)
    found = SafeConduct.objects.select_for_update(of=("self",)).filter(item__case=case, item__number=number)
    conduct = found.select_related("item").first()
    if conduct is None:
        raise NothingThereError(name=str(number))
    return conduct, case


def _demand_past(at: datetime, now: datetime, *, after: datetime | None = None) -> None:
    if at > now or (after is not None and at < after):
        raise NotYetHappenedError


def _remember(official: Official, conduct: SafeConduct, what: str, at: datetime, now: datetime) -> None:
    case, kind = conduct.item.case, f"safe_conduct_{what}"
    content = {
        "what": kind,
        "case": case.reference,
        "item": conduct.item.number,
        "at": canonical.instant_text(at.replace(microsecond=0)),
        "cite": conduct.cite,
        "until": canonical.instant_text(conduct.ends_at) if conduct.ends_at else None,
        "by": official.pk,
    }
    entry = entries.append(kind, case.reference, content, now=now)
    case.changed_at = now
    case.save(update_fields=["changed_at"])
    events.note(case, kind, now=now, by=official, entry=entry, item=conduct.item.number)
