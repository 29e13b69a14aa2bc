"""What an import makes of a file: acts, and the rows that it could not read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from comity.treaties.acts import Act, misfit
from comity.treaties.participation import Participation


class UnreadableRowError(ValueError):
    """A row that cannot be read with certainty; the message says why."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A row that was not read: its line in the file, the reason, what stands there."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The acts of a file in its order, what could not be read, and the day that the file itself gives."""

    acts: tuple[Act, ...]
    unread: tuple[Unread, ...]
    as_at: date | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, by its line in the file."""

    line: int
    cells: tuple[str, ...]


def read_rows(
    rows: Iterable[Row],
    acts_of: Callable[[Row], Iterable[Act]],
    rules: Participation,
    as_at: date | None = None,
    dated: date | None = None,
) -> Reading:
    """Read each row by itself; a row with one unreadable cell gives no act at all.

    A source tells nothing of a day after its own (``dated``).
    """
    acts: list[Act] = []
    unread: list[Unread] = []
    seen: dict[tuple[object, ...], int] = {}
    for row in rows:
        try:
            found = list(acts_of(row))
            for act in found:
                reason = misfit(act, rules)
                if reason:
                    raise UnreadableRowError(f"it {reason}")
                if dated is not None and act.on is not None and act.on > dated:
                    raise UnreadableRowError(f"{act.on} is later than the source's own day, {dated}")
                key = (act.state, act.what, act.on, act.id, act.to, act.of, act.amendment)
                if key in seen:
                    raise UnreadableRowError(f"it says the same as line {seen[key]}")
                seen[key] = row.line
            acts += found
        except UnreadableRowError as error:
            unread.append(Unread(row.line, str(error), " | ".join(row.cells).strip()))
    return Reading(tuple(acts), tuple(unread), as_at)
