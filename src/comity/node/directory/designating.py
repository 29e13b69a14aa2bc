"""What authorities are designated for: by every entry in effect together, each day anew.

Keepers of several instruments may each publish what one authority is under theirs: the designations stand
beside each other. What an authority's row calls its roles follows the days of the designations (DIRECTORY-2).
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from comity.node.directory.models import Authority, Designation, Listing, Standing


def of(authority: str) -> QuerySet[Designation]:
    """Every designation of an authority that an entry in effect names, past and coming ones too."""
    published = Designation.objects.filter(listing__standing=Standing.CURRENT, listing__authority=authority)
    return published.order_by("instrument", "valid_from", "id")


def today(now: datetime) -> QuerySet[Designation]:
    """The designations that hold today, of entries in effect."""
    day = now.date()
    holding = Designation.objects.filter(Q(valid_until=None) | Q(valid_until__gte=day), valid_from__lte=day)
    return holding.filter(listing__standing=Standing.CURRENT)


def follow(now: datetime, *, authority: str | None = None) -> int:
    """Let the roles of all authorities, or of one, be those of today; how many changed.

    An authority that no entry in effect names keeps the roles that it has, and this node its own.
    """
    designated = Listing.objects.filter(standing=Standing.CURRENT)
    holding = today(now)
    if authority is not None:
        designated = designated.filter(authority=authority)
        holding = holding.filter(listing__authority=authority)
    roles: dict[str, dict[str, None]] = {name: {} for name in designated.values_list("authority", flat=True)}
    for name, role in holding.order_by("id").values_list("listing__authority", "role"):
        roles[name][role] = None
    changed = 0
    for row in Authority.objects.filter(id__in=roles, own=False):
        if row.roles != list(roles[row.id]):
            changed += Authority.objects.filter(pk=row.pk).update(roles=list(roles[row.id]))
    return changed


def differ(listing: Listing) -> list[Designation]:
    """What other keepers' entries in effect say otherwise of an instrument that this one names too."""
    said = _by_instrument(listing.designations.all())
    others = Listing.objects.filter(authority=listing.authority, standing=Standing.CURRENT)
    found: list[Designation] = []
    for other in others.exclude(keeper=listing.keeper):
        for instrument, theirs in _by_instrument(other.designations.all()).items():
            if instrument in said and _content(theirs) != _content(said[instrument]):
                found += theirs
    return found


def _by_instrument(designations: QuerySet[Designation]) -> dict[str, list[Designation]]:
    found: dict[str, list[Designation]] = {}
    for each in designations:
        found.setdefault(each.instrument, []).append(each)
    return found


def _content(designations: list[Designation]) -> set[tuple[object, ...]]:
    return {(each.role, each.valid_from, each.valid_until) for each in designations}
