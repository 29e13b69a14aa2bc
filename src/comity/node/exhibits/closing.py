"""Exhibits that are closed because they are marked as legally privileged, until a filter reviewer decides.

The room of the cases knows the markings; this one asks it before any content is opened, used or let go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from comity.node.accounts.authority import FourEyesError, authorise, may
from comity.node.accounts.models import Official
from comity.node.exhibits import viewing
from comity.node.exhibits.lineage import ancestry
from comity.node.exhibits.models import Exhibit
from comity.terms import ComityError, gettext_noop


class ExhibitClosedError(ComityError):
    """The exhibit is marked as legally privileged and was not cleared."""

    code = "exhibit_closed"
    message = gettext_noop("Exhibit {number} is marked as legally privileged and closed.")
    next_step = gettext_noop("Wait until a filter reviewer has cleared it, or go on without it.")


@dataclass(frozen=True, slots=True)
class Closure:
    """Why an exhibit is closed: it waits for the filter reviewer, or was withheld; who works on its case."""

    waiting: bool
    working: frozenset[int]


Known = Callable[[Collection[UUID]], Mapping[UUID, Closure]]
_known: list[Known] = []


def known_by(function: Known) -> None:
    """Register who knows which exhibits are closed."""
    _known[:] = [function]


def closed(exhibits: Iterable[UUID]) -> Mapping[UUID, Closure]:
    """Those of these exhibits that are closed, by themselves or by what they were made from."""
    if not _known:
        return {}
    lines = ancestry(list(exhibits))
    shut = _known[0]([each for line in lines.values() for each in line])
    found = {each: [shut[one] for one in line if one in shut] for each, line in lines.items()}
    return {each: closures[0] for each, closures in found.items() if closures}


def demand_open(exhibits: Iterable[Exhibit]) -> None:
    """Raise ExhibitClosedError for the first of them that is closed."""
    there = list(exhibits)
    shut = closed(each.pk for each in there)
    for each in there:
        if each.pk in shut:
            raise ExhibitClosedError(number=each.number)


def open_of_case(case_reference: str) -> list[Exhibit]:
    """The exhibits of a case that are not closed, not opened by two alone, and whose content is there."""
    shut = {each.pk for each in closed_of_case(case_reference)}
    return [each for each, _ in _of_case(case_reference) if each.pk not in shut]


def closed_of_case(case_reference: str) -> list[Exhibit]:
    """Those that are closed, destroyed or opened by two alone: nothing that holds them is handed out."""
    there = _of_case(case_reference)
    guarded = viewing.by_two([each.pk for each, _ in there])
    return [each for each, closure in there if closure is not None or not each.is_there or each.pk in guarded]


def demand_decided(case_reference: str) -> None:
    """Raise ExhibitClosedError while an exhibit of the case waits for its filter reviewer."""
    for each, closure in _of_case(case_reference):
        if closure is not None and closure.waiting:
            raise ExhibitClosedError(number=each.number)


def _of_case(case_reference: str) -> list[tuple[Exhibit, Closure | None]]:
    there = list(Exhibit.objects.filter(case_reference=case_reference).order_by("number"))
    shut = closed(each.pk for each in there)
    return [(each, shut.get(each.pk)) for each in there]


def demand_may_open(official: Official, exhibit: Exhibit) -> None:
    """Raise NotAuthorisedError unless the official may open it: a closed one only a filter reviewer may.

    FourEyesError for a filter reviewer who works on the case.
    """
    closure = closed([exhibit.pk]).get(exhibit.pk)
    if closure is None:
        authorise(official, "open_exhibit")
        return
    if not may(official, "filter_exhibit"):
        raise ExhibitClosedError(number=exhibit.number)
    if official.pk in closure.working:
        raise FourEyesError


def may_open(official: Official, exhibit: Exhibit) -> bool:
    """Whether the official may open it now."""
    try:
        demand_may_open(official, exhibit)
    except ComityError:
        return False
    return True
