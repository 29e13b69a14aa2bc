"""Follow keepers: begin with a root compared by voice, read what they publish, enter what was verified."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from comity import canonical
from comity.directory import reading
from comity.directory.reading import Kept, Outcome
from comity.directory.sources import Source
from comity.node.accounts.authority import authorise
from comity.node.accounts.models import Official
from comity.node.directory import designating, entering
from comity.node.directory.models import Keeper, Standing
from comity.node.directory.reaching import Address, demand_https
from comity.node.jobs import outbox
from comity.node.ledger import entries
from comity.terms import ComityError, gettext_noop

UPDATE = "directory.update"
SHORT_NAME = re.compile(r"(?=.{1,30}\Z)[a-z0-9]+(-[a-z0-9]+)*")
MOST_OF_NAME = 200
HOURS = 6
"""How often a keeper with an address is asked."""


class KeeperKnownError(ComityError):
    """The node follows a keeper of this short name already."""

    code = "keeper_known"
    message = gettext_noop("A keeper “{keeper}” is followed already.")
    next_step = gettext_noop("Stop following it first, or choose another short name.")


class KeeperNameError(ComityError):
    """A keeper's short name or its name is none that pages and addresses can show."""

    code = "keeper_name"
    message = gettext_noop("“{name}” cannot be the name of a keeper.")
    next_step = gettext_noop(
        "A short name has small Latin letters, digits and hyphens, at most 30; the name is one line."
    )


class KeeperByDiskError(ComityError):
    """A keeper that has no address is to be asked at it."""

    code = "keeper_by_disk"
    message = gettext_noop("“{keeper}” has no address: its directory comes by disk.")
    next_step = gettext_noop(
        "Name what it sent: comity node directory update DIR --keeper ID --from FOLDER-OR-ZIP"
    )


class KeeperUnknownError(ComityError):
    """The node follows no such keeper."""

    code = "keeper_unknown"
    message = gettext_noop("The node follows no keeper “{keeper}”.")
    next_step = gettext_noop("See the keepers on the page of the directory.")


def follow(
    by: Official | None,
    identifier: str,
    *,
    name: str,
    url: str,
    root: bytes,
    fingerprint: str,
    now: datetime,
) -> Keeper:
    """Begin to follow a keeper, if ``fingerprint`` is its root's as two people compared it by voice.

    ``by`` is None for whoever works on the machine itself. Raises RootDiffersError or KeeperNameError;
    nothing is changed then.
    """
    if by is not None:
        authorise(by, "manage_directory")
    if not SHORT_NAME.fullmatch(identifier):
        raise KeeperNameError(name=identifier[:80])
    if not name.strip() or len(name) > MOST_OF_NAME or not name.isprintable():
        raise KeeperNameError(name=name[:80])
    kept = reading.read_root(root, fingerprint)
    if url:
        demand_https(url)
    with transaction.atomic():
        if Keeper.objects.filter(id=identifier, ended_at=None).exists():
            raise KeeperKnownError(keeper=identifier)
        who = by.get_username() if by else ""
        values = {
            "name": name,
            "url": url,
            "root": kept.root.decode(),
            "timestamp": "",
            "snapshot": "",
            "version": 0,
            "added_at": now,
            "added_by": who,
            "verified_at": None,
            "expires_at": None,
            "problem": "",
            "state_problems": {},
            "ended_at": None,
        }
        left = Keeper.objects.filter(id=identifier).first()
        if left is not None and left.root == values["root"]:  # older than before stays refused
            values |= {"timestamp": left.timestamp, "snapshot": left.snapshot, "version": left.version}
        keeper, _ = Keeper.objects.update_or_create(id=identifier, defaults=values)
        _note("keeper_followed", keeper, now, by=by.pk if by else None)
    if url:
        _ask(keeper, now, "first")
    return keeper


def leave(by: Official | None, keeper: Keeper, now: datetime) -> None:
    """Stop following a keeper. What it published and is in effect stays until another source replaces it."""
    if by is not None:
        authorise(by, "manage_directory")
    with transaction.atomic():
        found = Keeper.objects.select_for_update().get(pk=keeper.pk)
        if found.ended_at is None:
            found.ended_at = now
            found.save(update_fields=["ended_at"])
            for listing in entering.open_listings(found).exclude(standing=Standing.CURRENT):
                entering.withdraw(listing, now)
            _note("keeper_left", found, now, by=by.pk if by else None)


def find(identifier: str) -> Keeper:
    """The followed keeper with this short name."""
    found = Keeper.objects.filter(id=identifier, ended_at=None).first()
    if found is None:
        raise KeeperUnknownError(keeper=identifier)
    return found


def ask(keeper: Keeper, now: datetime) -> Outcome:
    """Take what lies at the keeper's address; KeeperByDiskError where it has none."""
    if not keeper.url:
        raise KeeperByDiskError(keeper=keeper.id)
    with Address(keeper.url) as source:
        return take(keeper, source, now)


def take(keeper: Keeper, source: Source, now: datetime) -> Outcome:
    """Verify what a source holds against what was verified last; enter it, and remember how it went.

    Roots that were followed are kept even where the rest was refused. Raises nothing that a keeper causes.
    """
    kept = Kept(keeper.root.encode(), keeper.timestamp.encode(), keeper.snapshot.encode())
    outcome = reading.refresh(kept, source, now)
    with transaction.atomic():
        row = Keeper.objects.select_for_update().get(pk=keeper.pk)
        if (row.root, row.timestamp, row.snapshot) != (keeper.root, keeper.timestamp, keeper.snapshot):
            return outcome  # another update came between; its entries are verified too
        if row.ended_at is not None:
            return outcome  # it was left meanwhile
        row.root = outcome.kept.root.decode()
        row.timestamp = outcome.kept.timestamp.decode()
        row.snapshot = outcome.kept.snapshot.decode()
        row.tried_at, row.problem = now, outcome.problem.code if outcome.problem else ""
        if outcome.problem is None:
            _enter(row, outcome, now)
        row.save()
    return outcome


def update(payload: dict[str, Any], now: datetime) -> None:
    """Job ``directory.update``: ask a keeper's address. What goes wrong is shown; the next job asks again."""
    keeper = Keeper.objects.get(id=payload["keeper"])
    if keeper.ended_at is None:
        if keeper.url:
            ask(keeper, now)
            keeper.refresh_from_db()
        entering.settle(keeper, now)
    entering.end(keeper, now)  # after what follows an entry on the day of its end
    designating.follow(now)


def ask_due(now: datetime) -> None:
    """Queue the look at each keeper, every ``HOURS``; what one that was left said ends on its day too."""
    for keeper in Keeper.objects.all():
        _ask(keeper, now, f"{now:%Y-%m-%d}-{now.hour // HOURS}")


def next_due(now: datetime) -> datetime:
    """When keepers are asked again."""
    begun = now.replace(minute=0, second=0, microsecond=0, hour=now.hour - now.hour % HOURS)
    return begun + timedelta(hours=HOURS)


def _ask(keeper: Keeper, now: datetime, occasion: str) -> None:
    key, payload = f"{UPDATE}:{keeper.id}:{occasion}", {"keeper": keeper.id}
    outbox.ask(UPDATE, key, payload, now=now, priority=60, lane=f"directory:{keeper.id}"[:40])


def _enter(row: Keeper, outcome: Outcome, now: datetime) -> None:
    changed = sum(
        entering.enter_state(row, state, listed, now) for state, listed in sorted(outcome.states.items())
    )
    known = set(entering.open_listings(row).values_list("state", flat=True))
    for state in sorted(known - set(outcome.states)):
        changed += entering.enter_state(row, state, reading.StateList(), now)
    fresh = row.version != outcome.version
    row.verified_at, row.expires_at, row.version = now, outcome.expires, outcome.version
    row.state_problems = {
        state: listed.problem.code for state, listed in outcome.states.items() if listed.problem is not None
    }
    if fresh:
        _note("directory_updated", row, now, version=outcome.version, changed=changed)


def _note(what: str, keeper: Keeper, now: datetime, **more: Any) -> None:
    content = {"what": what, "keeper": keeper.id, "at": canonical.instant_text(now)}
    entries.append(what, keeper.id, content | more, now=now)
