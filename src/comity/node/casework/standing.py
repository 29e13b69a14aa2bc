"""How every act begins: may this person do it, on this side, as the case now stands."""

from __future__ import annotations

from collections.abc import Collection

from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.casework.entitlement import demand_entitled
from comity.node.casework.models import Case, Preparation, Side
from comity.node.pages.wording import Word
from comity.terms import ComityError, gettext_noop


class WrongSideError(ComityError):
    """The act belongs to the other side: the sender asks, the receiver answers."""

    code = "wrong_side"
    message = gettext_noop("Only the {side} side can do this in case {case}.")
    next_step = gettext_noop("Ask the other side by letter.")


class NotNowError(ComityError):
    """The case is not at the point where this act is possible."""

    code = "not_now"
    message = gettext_noop("This is not possible now: case {case} stands at “{standing}”.")
    next_step = gettext_noop("Open the case again and see what it waits for.")

    def __init__(self, *, case: str, standing: str) -> None:
        super().__init__(case=case, standing=Word(standing, "status"))


class NotYetHappenedError(ComityError):
    """What is recorded lies in the future, or before what it follows."""

    code = "not_yet_happened"
    message = gettext_noop("What is recorded cannot have happened at that time.")
    next_step = gettext_noop(
        "Correct the date and time: they lie in the past, in the order of what happened."
    )


def begin(official: Official, act: str, case: Case, side: Side) -> Case:
    """Authorise, then the case's row, locked and fresh; raise WrongSideError on the other side's node.

    A case that is not open to the official raises NothingThereError.
    """
    authorise(official, act)
    locked = Case.objects.select_for_update().get(pk=case.pk)
    demand_entitled(official, locked)
    demand_side(locked, side)
    return locked


def demand_side(case: Case, side: Side) -> None:
    """Raise WrongSideError where this node is on the other side of the case."""
    if case.side != side:
        raise WrongSideError(side=side.value, case=case.reference)


def demand_preparation(case: Case, allowed: Collection[Preparation]) -> None:
    """Raise NotNowError unless the request's preparation is at one of the allowed points."""
    if case.preparation not in allowed:
        raise NotNowError(case=case.reference, standing=case.preparation)
