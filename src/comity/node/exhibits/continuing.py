"""How a chain of custody goes on in the State that received an exhibit, as its letters tell it.

After an exhibit was sent, both States go on with it: this one with the original, the other with what it got.
The other State's records follow the one that the letter told; they are kept beside this State's own chain, so
that both ways from the hand-over can be read and checked.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from comity.node.exchange.models import Letter
from comity.node.exhibits.custody import CustodyBrokenError, chain
from comity.node.exhibits.models import Continuation, Exhibit
from comity.proofs import custody
from comity.terms import gettext_noop

_NOT_FROM_HERE = gettext_noop("The chain does not go on from a record that was told with the exhibit.")
_OF_ANOTHER = gettext_noop("A record is of another authority than the one that tells it.")
_TOLD_OTHERWISE = gettext_noop("Records that were told before are missing or differ.")


def own(exhibit: Exhibit) -> list[dict[str, Any]]:
    """This State's records of an exhibit that it received, since it was received."""
    return list(exhibit.custody.filter(foreign=False).values_list("record", flat=True))


def told(exhibit: Exhibit) -> list[tuple[str, list[dict[str, Any]]]]:
    """The chains by which other authorities went on, by authority."""
    return [(each.authority, each.records) for each in exhibit.continuations.order_by("authority")]


def told_in(exhibits: Collection[Exhibit], letters: Collection[Letter]) -> QuerySet[Continuation]:
    """The chains by which others went on with these exhibits, told last in one of these letters."""
    found = Continuation.objects.filter(exhibit__in=exhibits, letter__in=[each.pk for each in letters])
    return found.order_by("exhibit__number", "authority")


def keep(
    case_reference: str, authority: str, records: Sequence[dict[str, Any]], letter: uuid.UUID, now: datetime
) -> str:
    """Keep what an authority tells of exhibits of a case; in a transaction.

    Returns the id of the first exhibit that is none of the case, and then nothing was kept; else an empty
    text. Raises CustodyBrokenError where a chain does not go on from what was told, is not whole, is of
    another authority, or contradicts what the authority told before.
    """
    by_exhibit: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        by_exhibit.setdefault(record["exhibit"], []).append(record)
    there = {str(each.pk): each for each in Exhibit.objects.filter(pk__in=by_exhibit)}
    for key in by_exhibit:
        if key not in there or there[key].case_reference != case_reference:
            return key
    for key, found in by_exhibit.items():
        _keep(there[key], authority, found, letter, now)
    return ""


def _keep(
    exhibit: Exhibit, authority: str, records: list[dict[str, Any]], letter: uuid.UUID, now: datetime
) -> None:
    before = exhibit.continuations.filter(authority=authority).first()
    if any(each["by"]["authority"] != authority for each in records):
        raise CustodyBrokenError(exhibit=exhibit.number, finding=_OF_ANOTHER)
    if before is not None and records[: len(before.records)] != before.records:
        raise CustodyBrokenError(exhibit=exhibit.number, finding=_TOLD_OTHERWISE)
    findings = custody.check_chain(custody.read_records(joined(exhibit, records)))
    if findings:
        raise CustodyBrokenError(exhibit=exhibit.number, finding=findings[0].text)
    Continuation.objects.update_or_create(
        exhibit=exhibit,
        authority=authority,
        defaults={"records": records, "letter": letter, "told_at": now},
    )


def joined(exhibit: Exhibit, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """This State's chain up to the hand-over, then the other's; CustodyBrokenError where there was none."""
    ours = chain(exhibit)
    first = records[0]["previous"]
    for n, record in enumerate(ours, start=1):
        if custody.CustodyRecord.model_validate(record).digest == first:
            return [*ours[:n], *records]
    raise CustodyBrokenError(exhibit=exhibit.number, finding=_NOT_FROM_HERE)
