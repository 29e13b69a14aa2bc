"""Whether an instrument itself is in force: what sources say, completed by counting the consents listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from comity.treaties.calendar import reached
from comity.treaties.participation import EntryIntoForce
from comity.treaties.sources import Source, source_of
from comity.treaties.toml import Table


@dataclass(frozen=True, slots=True)
class InForce:
    """What is known of an instrument's own entry into force.

    ``since`` with a day; or ``at_latest``, where consents are listed that suffice but earlier ones may be
    missing from the list; ``not_until``: up to that day it is shown not to be in force. ``until``: the day
    from which it has ended. All None: unknown.
    """

    since: date | None
    not_until: date | None
    source: str | None
    mark: str | None
    at_latest: date | None = None
    until: date | None = None

    def as_of(self, day: date) -> bool | None:
        """Whether the instrument is in force on ``day``; None where no source tells."""
        if self.until is not None and day >= self.until:
            return False
        if self.since is not None:
            return day >= self.since
        if self.at_latest is not None and day >= self.at_latest:
            return True
        return False if self.not_until is not None and day <= self.not_until else None


def counted_in(
    stated: InForce, entry: EntryIntoForce, consents: tuple[date, ...], complete_until: date | None
) -> InForce:
    """What a source states, or else what follows from the days of consents, in their order.

    Where the list of them is complete up to a day, the count is exact: an earlier one cannot be missing,
    and while they are too few the next comes a day later at the earliest, and the delay runs from it.
    """
    if stated.since is not None:
        return stated
    since = entry.general(consents)
    if since is not None:
        exact = complete_until is not None and consents[entry.instruments - 1] <= complete_until
        found = replace(stated, mark="C", source=None)
        return replace(found, since=since) if exact else replace(found, at_latest=since)
    if complete_until is None:
        return stated
    not_yet = reached(complete_until, entry.after)
    return replace(stated, not_until=max(not_yet, stated.not_until or not_yet))


def read_in_force(table: Table, sources: Mapping[str, Source]) -> InForce:
    """``[in_force]`` of ``status.toml``."""
    table.only("since", "not_until", "source", "mark")
    known = [table.take(key, date) for key in ("since", "not_until")]
    return InForce(known[0], known[1], source_of(table, sources).key, table.take("mark", str))
