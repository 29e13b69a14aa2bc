"""What markings forbid: a State secret does not leave, privileged material is closed until cleared."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from comity.node.casework.marked import Marking, MarkingKind, MarkingState
from comity.node.casework.models import Case
from comity.node.casework.opinions import PERSONAL_DATA
from comity.node.exhibits.closing import Closure
from comity.node.pages.wording import Asked, Series, Word
from comity.terms import ComityError, Outcome, gettext_noop

NOT_EXCHANGED = "no_state_secret"


class StateSecretError(ComityError):
    """What is to leave is marked as a State secret, and the treaty forbids to exchange it."""

    code = "state_secret"
    message = gettext_noop("What is marked as a State secret is not sent: {rule}.")
    next_step = gettext_noop("Take it out, or have the marking lifted if it is wrong.")


class StateSecretHereError(StateSecretError):
    """The same where no provision speaks of it: the node's own rule."""

    message = gettext_noop("What is marked as a State secret does not leave this node: that is its own rule.")


def secrecy(case: Case) -> list[Asked]:
    """The provisions of the case's opinion that keep State secrets from being exchanged."""
    return [
        Asked(Word(NOT_EXCHANGED, "limit"), each["cite"])
        for each in (case.opinion or {}).get("limits", [])
        if each["id"] == NOT_EXCHANGED and each.get("outcome") != Outcome.DOES_NOT_APPLY
    ]


def demand_no_secret(case: Case, exhibits: Collection[UUID] = (), *, said: bool = False) -> None:
    """Raise StateSecretError, with the provision where there is one, if what leaves is so marked.

    What leaves is what is being prepared in the case and these exhibits; ``said`` marks words that are
    written and signed in one step.
    """
    of_these = Q(exhibit=None) | Q(exhibit__in=list(exhibits))
    marked = case.markings.filter(of_these, kind=MarkingKind.CLASSIFIED, state=MarkingState.STANDS)
    if not said and not marked.exists():
        return
    rules = secrecy(case)
    raise StateSecretError(rule=Series(rules)) if rules else StateSecretHereError


def conditions(case: Case, exhibits: Collection[UUID]) -> list[str]:
    """The limits that what leaves carries because it is marked: conditions on personal data."""
    of_these = Q(exhibit=None) | Q(exhibit__in=list(exhibits))
    marked = case.markings.filter(of_these, kind=MarkingKind.PERSONAL_DATA, state=MarkingState.STANDS)
    return [PERSONAL_DATA] if marked.exists() else []


def closures(exhibits: Collection[UUID]) -> dict[UUID, Closure]:
    """Those of these exhibits that are marked as privileged and not cleared; wiring registers this.

    Whoever works on the case is no filter of it.
    """
    found = Marking.objects.filter(
        kind=MarkingKind.PRIVILEGED,
        state__in=(MarkingState.STANDS, MarkingState.WITHHELD),
        exhibit__in=list(exhibits),
    ).select_related("case")
    closed: dict[UUID, Closure] = {}
    for each in found:
        assert each.exhibit is not None  # the filter has said so
        before = closed.get(each.exhibit)
        waiting = each.state == MarkingState.STANDS or (before is not None and before.waiting)
        closed[each.exhibit] = Closure(waiting=waiting, working=working(each.case))
    return closed


def by_two(exhibits: Collection[UUID]) -> frozenset[UUID]:
    """Those of these exhibits that nobody opens alone; wiring registers this."""
    found = Marking.objects.filter(
        kind=MarkingKind.ABUSE, state=MarkingState.STANDS, exhibit__in=list(exhibits)
    )
    return frozenset(each for each in found.values_list("exhibit", flat=True) if each is not None)


def working(case: Case) -> frozenset[int]:
    """The officials who draft or execute the case."""
    return frozenset(each for each in (case.drafter_id, case.executing_officer_id) if each is not None)
