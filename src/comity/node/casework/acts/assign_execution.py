"""Pass a request on to whoever executes it, with a deadline."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.models import Official, Organisation
from comity.node.casework import assignments, events, oral, running, safe_conducts, statuses
from comity.node.casework.models import Access, Assignment, Case, Item, Side
from comity.node.casework.standing import begin
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop


class CannotExecuteError(ComityError):
    """The person's roles do not include executing requests, or the account is closed."""

    code = "cannot_execute"
    message = gettext_noop("The roles of {name} do not include executing requests.")
    next_step = gettext_noop("Choose somebody else, or ask the administrator to give the role first.")


class DeadlinePastError(ComityError):
    """The deadline of an assignment lies in the past."""

    code = "deadline_past"
    message = gettext_noop("The deadline has already passed.")
    next_step = gettext_noop("Set a deadline that is still to come.")


class ItemNotAssignableError(ComityError):
    """An item is not there, not registered, waiting, withdrawn or decided."""

    code = "item_not_assignable"
    message = gettext_noop("Item {item} of case {case} cannot be assigned now.")
    next_step = gettext_noop("Name only items that are registered or in execution.")


@transaction.atomic
def assign_execution(
    official: Official,
    case: Case,
    items: Collection[int],
    to: Official | Organisation,
    *,
    due_at: datetime,
    instructions: str = "",
    now: datetime,
) -> list[Assignment]:
    """Give items to an executing officer, or to a body that names its officer, until ``due_at``.

    The case opens to them. Items that need no order to a provider are in execution from now on; for the
    others the officer orders. An earlier assignment of the same item ends. Raises CannotExecuteError,
    DeadlinePastError, ItemNotAssignableError.
    """
    case = begin(official, "assign_execution", case, Side.REQUESTED)
    oral.demand_orderable(case)
    if isinstance(to, Official) and not assignments.may_execute(to):
        raise CannotExecuteError(name=str(to))
    if due_at <= now:
        raise DeadlinePastError
    safe_conducts.demand_none_touched(official, case, now)
    given = _items(case, items)
    Assignment.objects.filter(item__in=given, ended_at=None).update(ended_at=now)
    officer = to if isinstance(to, Official) else None
    organisation = to.organisation if isinstance(to, Official) else to
    made = [
        Assignment.objects.create(
            item=item,
            organisation=organisation,
            officer=officer,
            due_at=due_at,
            instructions=instructions,
            by=official,
            at=now,
        )
        for item in given
    ]
    begun = [item for item in given if item.actual == "registered" and assignments.needs_no_order(item)]
    statuses.set_actual(case, begun, "in_execution")
    if officer is not None:
        case.executing_officer = officer
    case.changed_at = now
    case.save()
    whom = {"official": to} if isinstance(to, Official) else {"organisation": to}
    Access.objects.get_or_create(case=case, **whom, defaults={"given_by": official, "given_at": now})
    running.on_assignment(case, now, elsewhere=assignments.is_elsewhere(organisation, official))
    _remember(official, case, made, to, now)
    return made


def _items(case: Case, numbers: Collection[int]) -> list[Item]:
    open_ones = {item.number: item for item in assignments.assignable(case.items.all())}
    for number in numbers or [0]:
        if number not in open_ones:
            raise ItemNotAssignableError(item=number, case=case.reference)
    return [open_ones[number] for number in sorted(set(numbers))]


def _remember(
    official: Official, case: Case, made: list[Assignment], to: Official | Organisation, now: datetime
) -> None:
    numbers, due = [each.item.number for each in made], canonical.instant_text(made[0].due_at)
    kind = "officer" if isinstance(to, Official) else "organisation"
    content = {
        "what": "execution_assigned",
        "case": case.reference,
        "items": numbers,
        kind: to.pk,
        "due_at": due,
        "by": official.pk,
    }
    entry = entries.append("execution_assigned", case.reference, content, now=now)
    told = ", ".join(map(str, numbers))
    events.note(
        case, "execution_assigned", now=now, by=official, entry=entry, items=told, name=str(to), until=due
    )
