"""An official chooses between two sources of an authority's keys or people; the reasons are recorded.

Clause DIRECTORY-16.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from comity import canonical
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.directory import entering
from comity.node.directory.models import Authority, Listing, Standing
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop


class ConflictSettledError(ComityError):
    """The entry does not wait for a choice, or no longer."""

    code = "conflict_settled"
    message = gettext_noop("This entry does not wait for a choice any more.")
    next_step = gettext_noop("See the authority's page for what holds now.")


class OwnEntryError(ComityError):
    """A keeper publishes other keys of this node's own authority than it has."""

    code = "own_entry"
    message = gettext_noop("What this node is does not come from a directory.")
    next_step = gettext_noop("Decline the entry, and call the keeper: others are told wrong keys.")


class DirectoryStaleError(ComityError):
    """A key would be accepted from a directory that has expired."""

    code = "directory_stale"
    message = gettext_noop(
        "The directory of {keeper}, or the State's list in it, does not hold now: it gives no new key."
    )
    next_step = gettext_noop("Update the directory first, or compare the authority's card by voice.")


def choose(by: Official, listing: Listing, *, reasons: str, now: datetime) -> Authority:
    """Let the entry hold from now on instead of what was in use."""
    with transaction.atomic():
        waiting = _waiting(by, listing)
        if Authority.objects.filter(id=waiting.authority, own=True).exists():
            raise OwnEntryError
        if not entering.may_take_effect(waiting, now):
            raise DirectoryStaleError(keeper=waiting.keeper.name)
        others = Listing.objects.filter(authority=waiting.authority, standing=Standing.CURRENT)
        others.exclude(keeper=waiting.keeper, state=waiting.state).update(
            standing=Standing.DECLINED, settled_at=now, decided_by=by, reasons=reasons
        )
        authority = entering.take_effect(waiting, now, chosen=True)
        _record("listing_chosen", by, waiting, reasons, now)
    return authority


def decline(by: Official, listing: Listing, *, reasons: str, now: datetime) -> None:
    """Let what was in use stay; the same entry is not asked about again."""
    with transaction.atomic():
        waiting = _waiting(by, listing)
        waiting.standing, waiting.settled_at = Standing.DECLINED, now
        waiting.save(update_fields=["standing", "settled_at"])
        _record("listing_declined", by, waiting, reasons, now)


def _waiting(by: Official, listing: Listing) -> Listing:
    authorise(by, "settle_conflict")
    found = Listing.objects.select_for_update(of=("self",)).select_related("keeper").get(pk=listing.pk)
    if found.standing != Standing.CONFLICT:
        raise ConflictSettledError
    return found


def _record(what: str, by: Official, listing: Listing, reasons: str, now: datetime) -> None:
    content = {
        "what": what,
        "authority": listing.authority,
        "keeper": listing.keeper_id,
        "entry_sha256": listing.sha256,
        "by": by.pk,
        "reasons": reasons,
        "at": canonical.instant_text(now),
    }
    listing.ledger = entries.append(what, listing.authority, content, now=now)
    listing.decided_by, listing.reasons = by, reasons
    listing.save(update_fields=["ledger", "decided_by", "reasons"])
