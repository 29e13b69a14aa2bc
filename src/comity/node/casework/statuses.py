"""Desired and actual status. The requesting side sets the first, the requested side alone the second."""

from __future__ import annotations

from collections.abc import Iterable

from comity.node.casework.models import Case, Item

DESIRED = {"preserve_data": "preserved", "access_stored_data": "disclosed"}
"""What a measure asks for, where it is not simply to be executed."""

FINISHED = frozenset({"executed", "refused", "impossible", "withdrawn", "expired"})
_ORDER = (
    "",
    "registered",
    "deficient",
    "awaiting_approval",
    "postponed",
    "forwarded",
    "in_execution",
    "preserved",
    "partly_executed",
    *sorted(FINISHED),
)


def desired_by(measure: str) -> str:
    """The status that a request for a measure asks for."""
    return DESIRED.get(measure, "executed")


def of_case(items: Iterable[str]) -> str:
    """A case's actual status from those of its items: the common one, or the least advanced."""
    found = set(items)
    if len(found) == 1:
        return found.pop()
    if found <= FINISHED and "executed" in found:
        return "partly_executed"
    return min(found, key=_ORDER.index, default="")


def set_desired(case: Case, items: Iterable[Item], desired: str) -> None:
    """Give items a desired status, and the case where all its items have it; the caller saves the case."""
    for item in items:
        item.desired = desired
        item.save(update_fields=["desired"])
    if set(case.items.values_list("desired", flat=True)) == {desired}:
        case.desired = desired


def set_actual(case: Case, items: Iterable[Item], actual: str) -> None:
    """Give items an actual status and the case what follows from it; the caller saves the case."""
    for item in items:
        item.actual = actual
        item.save(update_fields=["actual", "note", "ground", "reasons"])
    case.actual = of_case(case.items.values_list("actual", flat=True))
