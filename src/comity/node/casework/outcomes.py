"""What may come of an item in a result, and which items a result can be about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from comity.node.casework import ordering
from comity.node.casework.models import Case, Item
from comity.terms import ComityError, gettext_noop

EXECUTED, PART, IMPOSSIBLE = "executed", "partly_executed", "impossible"
OUTCOMES = (EXECUTED, PART, IMPOSSIBLE)
"""Executed whole; in part, so that a further result follows; or found impossible."""
_OPEN = frozenset({"in_execution", PART})
_ASKED = frozenset({"disclosed", "executed"})


class OutcomeUnexplainedError(ComityError):
    """An item was found impossible, or executed in part, and nobody said why."""

    code = "outcome_unexplained"
    message = gettext_noop(
        "The note on item {item} does not say why it is impossible, or what is still to come."
    )
    next_step = gettext_noop("Say it in the note on the item.")


class NothingFoundError(ComityError):
    """An item counts as executed and brought nothing."""

    code = "nothing_found"
    message = gettext_noop("Item {item} counts as executed, and no exhibit of it was taken in.")
    next_step = gettext_noop("Take in what it brought, or say in the result that it is impossible.")


class OutcomeNotOpenError(ComityError):
    """The result speaks of an item that it cannot be about now."""

    code = "outcome_not_open"
    message = gettext_noop("Item {item} of case {case} is not in execution.")
    next_step = gettext_noop("Name only items that are in execution.")


def open_items(items: Iterable[Item]) -> list[Item]:
    """The items that a result can be about: in execution, or executed in part and not withdrawn."""
    return [item for item in items if item.actual in _OPEN and item.desired in _ASKED]


def demand_told(
    case: Case, outcomes: Mapping[int, str], notes: Mapping[int, str], brought: Mapping[int, int]
) -> list[Item]:
    """The items of a result, once each has an outcome that holds; ``brought`` counts exhibits by item.

    Raises OutcomeNotOpenError, OutcomeUnexplainedError, NothingFoundError.
    """
    found = {item.number: item for item in open_items(case.items.all())}
    for number, outcome in outcomes.items():
        if number not in found or outcome not in OUTCOMES:
            raise OutcomeNotOpenError(case=case.reference, item=number)
        if outcome != EXECUTED and not notes.get(number, "").strip():
            raise OutcomeUnexplainedError(item=number)
        before = found[number].actual == PART  # an earlier result brought something
        if outcome != IMPOSSIBLE and not brought.get(number) and not before:
            raise NothingFoundError(item=number)
    return [found[number] for number in sorted(outcomes)]


def awaits_answer(items: Iterable[Item], outcomes: Mapping[int, str]) -> bool:
    """Whether a provider still has to answer for an item that the result would close."""
    return any(outcomes[item.number] != PART and ordering.awaits_answer(item) for item in items)
