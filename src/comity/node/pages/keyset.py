"""Pages of a list by key: the next page begins after the last row of this one, however long the list is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import Http404

Row = TypeVar("Row", bound=Model)
SIZE = 25
_BETWEEN = "~"


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows and the cursor of those that follow (empty when there are none)."""

    rows: list[Row]
    following: str
    first: bool


def page_of(
    found: QuerySet[Row],
    after: str,
    *,
    cursor: Callable[[Row], tuple[str, ...]],
    older: Callable[..., Q],
    size: int = SIZE,
) -> Page[Row]:
    """One page of an ordered query.

    ``cursor`` gives a row's key as texts, ``older`` the condition for what comes after such a key.
    A cursor that was not made here is answered with Http404.
    """
    if after:
        try:
            found = found.filter(older(*after.split(_BETWEEN)))
        except (TypeError, ValueError) as error:
            raise Http404(after) from error
    rows = list(found[: size + 1])
    following = _BETWEEN.join(cursor(rows[size - 1])) if len(rows) > size else ""
    return Page(rows[:size], following, first=not after)
