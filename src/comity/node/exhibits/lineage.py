"""What an exhibit was made from: the result of an examination shares the fate of what was examined.

Privileged material, and what nobody opens alone, stays so in whatever was made from it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from comity.node.exhibits.models import Exhibit


def ancestry(exhibits: Collection[UUID]) -> Mapping[UUID, list[UUID]]:
    """Of each exhibit: itself and, the nearest first, all that it was made from."""
    found = {each: [each] for each in exhibits}
    while parents := _parents({line[-1] for line in found.values()}):
        for line in found.values():
            if line[-1] in parents:
                line.append(parents[line[-1]])
    return found


def _parents(exhibits: Collection[UUID]) -> dict[UUID, UUID]:
    made = Exhibit.objects.filter(pk__in=exhibits, made_from__isnull=False)
    return dict(made.values_list("pk", "made_from__exhibit_id"))
