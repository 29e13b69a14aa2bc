"""How far the directory can be relied on now: what pages, ``node check`` and urgent acts ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import Q

from comity.directory.signing import LIST_LIFE
from comity.node.directory.models import Authority, Keeper, Listing, Standing

SOON = timedelta(days=3)
"""Before a directory expires, whoever keeps the node is told."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is wrong with a keeper's directory, or with one State's list in it."""

    keeper: Keeper
    code: str
    state: str = ""


def warnings(now: datetime) -> list[Doubt]:
    """What is wrong with the directories that are followed; the entries verified last stay usable."""
    found = []
    for keeper in Keeper.objects.filter(ended_at=None).order_by("id"):
        if is_expired(keeper, now):
            found.append(Doubt(keeper, "directory_expired"))
        elif keeper.problem:
            found.append(Doubt(keeper, keeper.problem))
        found += [Doubt(keeper, code, state) for state, code in sorted(keeper.state_problems.items())]
    return found


def is_expired(keeper: Keeper, now: datetime) -> bool:
    """Whether what was verified last of a keeper has ended."""
    return keeper.expires_at is not None and keeper.expires_at <= now


def needs_call_back(authority: Authority, now: datetime) -> bool:
    """Whether an emergency of this authority must be confirmed by calling it back on a known number.

    So it is where its entry is of a directory that has expired or was left, has ended itself, was not
    confirmed for a year, waits for a choice between two sources, or was withdrawn after a card was compared.
    Clause DIRECTORY-19.
    """
    if authority.own:
        return False
    if authority.withdrawn_at is not None:
        return True
    if _doubted(authority):
        return True
    listing = authority.listing
    if listing is None:
        return False
    ended = listing.valid_until is not None and listing.valid_until <= now
    old = listing.confirmed_at + LIST_LIFE <= now
    keeper = listing.keeper
    stale = keeper.ended_at is not None or is_expired(keeper, now) or authority.state in keeper.state_problems
    unsaid = listing.list_until is not None and listing.list_until <= now
    return ended or old or stale or unsaid


def named_before(authority: Authority, recipient: str) -> bool:
    """Whether an entry that was gone by named this transport key."""
    gone_by = Listing.objects.filter(authority=authority.id, in_force_at__isnull=False)
    cards = (listing.entry().card for listing in gone_by)
    return any(card is not None and card.recipient == recipient for card in cards)


def _doubted(authority: Authority) -> bool:
    """Two sources disagree; or the card holds on, and the last entry of the authority was withdrawn."""
    disagreeing = Q(standing=Standing.CONFLICT)
    if authority.listing_id is None and authority.compared_at is not None:
        since = authority.compared_at
        disagreeing |= Q(standing=Standing.WITHDRAWN, in_force_at__isnull=False, settled_at__gt=since)
    return Listing.objects.filter(disagreeing, authority=authority.id).exists()


def changed_at(authority: Authority, since: datetime) -> datetime | None:
    """When directories last changed an authority's contacts or keys after ``since``; None where they did not.

    Entries that were never gone by change nothing, nor does the same entry published anew. A card that was
    compared by voice is no such change: comparing it was the call.
    """
    present = authority.listing
    if present is None or present.settled_at <= since:
        return None
    gone_by = Listing.objects.filter(authority=authority.id, in_force_at__isnull=False)
    before = gone_by.filter(in_force_at__lte=since).order_by("in_force_at", "id").last()
    later = list(gone_by.filter(in_force_at__gt=since).order_by("in_force_at", "id"))
    changed = [
        second.in_force_at
        for first, second in pairwise([before, *later] if before else later)
        if _reached_by(first) != _reached_by(second)
    ]
    return changed[-1] if changed else None


def _reached_by(listing: Listing) -> tuple[object, ...]:
    entry = listing.entry()
    keys = (entry.card.certificates, entry.card.log_key, entry.card.peer_url) if entry.card else ()
    return (entry.contacts, *keys)


def confirmation_contacts(authority: Authority) -> list[dict[str, str]]:
    """Whom to call back: those named for it, or else those on duty."""
    for purpose in ("confirmation", "duty"):
        found = [contact for contact in authority.contacts if contact["purpose"] == purpose]
        if found:
            return found
    return []
