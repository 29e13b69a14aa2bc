"""Enter what a keeper published and was verified; where two sources disagree, the one before stays.

An authority's keys, address and people come from one source at a time: its card compared by voice, or a
keeper's directory. Another source that says otherwise waits until an official has chosen (``choosing``).
Clause DIRECTORY-15.
"""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from comity import canonical
from comity.directory.cards import Card
from comity.directory.entries import Entry
from comity.directory.reading import Published, StateList
from comity.node.directory import cards, designating, successors
from comity.node.directory.models import Authority, Designation, Keeper, Listing, Standing
from comity.node.ledger import entries

_OPEN = (Standing.CURRENT, Standing.COMING, Standing.CONFLICT)
_OF_CONNECTION = ("tls_certificate", "tls_fingerprint")
_KEYS = ("peer_url", "log_key", *(f"{name}_certificate" for name in cards.CERTIFICATES))


def enter_state(keeper: Keeper, state: str, listed: StateList, now: datetime) -> int:
    """Enter a State's verified list, in the caller's transaction; return how many entries changed.

    A list with a problem changes nothing: the entries before it stay. An entry that has ended by what it says
    itself is as one that is not published.
    """
    if listed.problem is not None:
        return 0
    holding = [published for published in listed.entries if not published.entry.has_ended(now)]
    changed = sum(_enter(keeper, published, now) for published in holding)
    open_listings(keeper).filter(state=state).update(list_until=listed.expires)
    named = [published.entry.id for published in holding]
    for listing in open_listings(keeper).filter(state=state).exclude(authority__in=named):
        withdraw(listing, now)
        changed += 1
    return changed


def end(keeper: Keeper, now: datetime) -> int:
    """Withdraw the entries that have ended by what they say themselves, though nothing newer came; how many.

    Clause DIRECTORY-18.
    """
    ended = list(open_listings(keeper).filter(valid_until__lte=now).order_by("id"))
    for listing in ended:
        with transaction.atomic():
            withdraw(listing, now)
    return len(ended)


def settle(keeper: Keeper, now: datetime) -> int:
    """Let entries take effect whose time has come, unless the directory or the State's list has expired."""
    coming = Listing.objects.filter(keeper=keeper, standing=Standing.COMING, valid_from__lte=now)
    found = coming.select_related("keeper").order_by("valid_from", "id")
    due = [listing for listing in found if may_take_effect(listing, now)]
    for listing in due:
        with transaction.atomic():
            _judge(listing, now)
    return len(due)


def may_take_effect(listing: Listing, now: datetime) -> bool:
    """Whether the directory and the State's list that name an entry hold now, and it has not ended itself: a
    directory that does not hold gives no new key (DIRECTORY-19).
    """
    keeper = listing.keeper
    ends = [keeper.expires_at, listing.list_until, *([listing.valid_until] if listing.valid_until else [])]
    hold = all(end is not None and end > now for end in ends)
    return hold and listing.state not in keeper.state_problems


def take_effect(listing: Listing, now: datetime, *, chosen: bool = False) -> Authority:
    """Make an entry the one that holds, and the entries before it of the same keeper replaced.

    An entry that says what a card compared by voice says does not take the card's place: only an official's
    choice (``chosen``) of other keys does, and one of people leaves the card in use.
    """
    entry = listing.entry()
    row = Authority.objects.select_for_update().filter(id=entry.id).first()
    before = _same(listing).filter(standing__in=_OPEN, id__lt=listing.id)
    before.update(standing=Standing.REPLACED, settled_at=now)
    _stand(listing, Standing.CURRENT, now)
    other_keys = chosen and row is not None and _keys_differ(differences(entry, row))
    card_holds = row is not None and row.compared_at is not None and not other_keys
    sole = chosen or _is_sole(listing, row) or _said_by_all(listing, entry, row)
    values = _columns(entry, row, sole=sole, card_holds=card_holds)
    if row is None or not (row.own or card_holds):
        by = f"{listing.keeper.name} ({listing.keeper_id})"[:200]
        values |= {"confirmed_at": now, "confirmed_by": by, "compared_at": None}
    values = successors.beside(row, values, listing.keeper.name, now)
    authority, _ = Authority.objects.update_or_create(id=entry.id, defaults={**values, "listing": listing})
    designating.follow(now, authority=entry.id)
    _note("listing_in_effect", listing, now)
    authority.refresh_from_db(fields=["roles"])
    return authority


def withdraw(listing: Listing, now: datetime) -> None:
    """End an entry that its State or keeper no longer publishes; another source goes on, or none does.

    Clause DIRECTORY-18.
    """
    _stand(listing, Standing.WITHDRAWN, now)
    _note("listing_withdrawn", listing, now)
    designating.follow(now, authority=listing.authority)
    row = Authority.objects.select_for_update().filter(id=listing.authority, listing=listing).first()
    if row is None:
        return
    others = Listing.objects.filter(authority=row.id, standing=Standing.CURRENT).order_by(
        "-settled_at", "-id"
    )
    row.listing = others.first()
    if row.listing is None and not (row.own or row.compared_at):
        row.withdrawn_at = now
    row.save(update_fields=["listing", "withdrawn_at"])


def differences(entry: Entry, row: Authority) -> list[str]:
    """What an entry says otherwise than what is in use: names of fields of ``Authority``.

    A transport key is of another number most of the time, because peers tell each other theirs; only another
    key under the same number is a difference.
    """
    found = ["state"] * (entry.state != row.state) + ["roles"] * ("provider" in row.roles)
    if entry.card is not None and (row.tls_certificate or row.listing_id):
        values = cards.columns(entry.card)
        found += [name for name in _KEYS if values[name].strip() != getattr(row, name).strip()]
        if "tls_certificate" in found and successors.announced(row, values["tls_certificate"]):
            found.remove("tls_certificate")  # the authority itself says so under its seal
        if values["recipient_number"] == row.recipient_number and values["recipient"] != row.recipient:
            found.append("recipient")
    if (row.contacts or row.listing_id) and _contacts(entry) != row.contacts:
        found.append("contacts")
    return found


def open_listings(keeper: Keeper) -> QuerySet[Listing]:
    """What a keeper publishes: in effect, coming, or waiting for a choice."""
    return Listing.objects.filter(keeper=keeper, standing__in=_OPEN)


def conflicts() -> QuerySet[Listing]:
    """Entries that wait for an official's choice, the oldest first."""
    return Listing.objects.filter(standing=Standing.CONFLICT).select_related("keeper").order_by("id")


def _enter(keeper: Keeper, published: Published, now: datetime) -> int:
    entry, digest = published.entry, sha256(published.data).hexdigest()
    before = Listing.objects.filter(keeper=keeper, authority=entry.id, state=entry.state).first()
    ended = (Standing.REPLACED, Standing.WITHDRAWN)
    if before is not None and before.sha256 == digest and before.standing not in ended:
        return 0
    until = canonical.read_instant(entry.valid_until) if entry.valid_until else None
    listing = Listing.objects.create(
        keeper=keeper,
        authority=entry.id,
        state=entry.state,
        document=published.data.decode(),
        sha256=digest,
        version=published.version,
        standing=Standing.COMING,
        valid_from=canonical.read_instant(entry.valid_from),
        valid_until=until,
        confirmed_at=canonical.read_instant(entry.confirmed_at),
        entered_at=now,
        settled_at=now,
    )
    for each in entry.designations:
        last = date.fromisoformat(each.valid_until) if each.valid_until else None
        first = date.fromisoformat(each.valid_from)
        for role in each.roles:
            Designation.objects.create(
                listing=listing, instrument=each.instrument, role=role, valid_from=first, valid_until=last
            )
    waiting = _same(listing).filter(standing=Standing.COMING)
    waiting.exclude(id=listing.id).update(standing=Standing.REPLACED, settled_at=now)
    if listing.valid_from <= now:
        _judge(listing, now)
    return 1


def _judge(listing: Listing, now: datetime) -> None:
    """In effect at once, or in conflict with what another source says (DIRECTORY-16)."""
    entry = listing.entry()
    row = Authority.objects.filter(id=entry.id).select_related("listing").first()
    others = designating.differ(listing)
    if row is not None and (others or _disagrees(listing, entry, row)):
        earlier = _same(listing).filter(standing=Standing.CONFLICT, id__lt=listing.id)
        earlier.update(standing=Standing.REPLACED, settled_at=now)
        _stand(listing, Standing.CONFLICT, now)
        differs = differences(entry, row) + ["designations"] * bool(others)
        _note("listing_in_conflict", listing, now, differs=differs)
        return
    take_effect(listing, now)


def _disagrees(listing: Listing, entry: Entry, row: Authority) -> bool:
    """Whether another source than this keeper says otherwise: the card or node itself, or another keeper.

    No State speaks for an authority of another, nor any for a provider that this node registered.
    """
    found = differences(entry, row)
    if "state" in found or "roles" in found:
        return True
    if row.withdrawn_at is not None and not row.own:
        return _keys_differ(found)
    if row.compared_at is not None and _keys_differ(found):
        return True
    another = row.own or row.listing is None or not _is_sole(listing, row)
    return another and bool(found)


def _keys_differ(found: list[str]) -> bool:
    """Whether these differences concern more than whom to call."""
    return bool(set(found) - {"contacts"})


def _same(listing: Listing) -> QuerySet[Listing]:
    """Every version of an entry: a keeper's, of one State, of one authority."""
    return Listing.objects.filter(keeper=listing.keeper, state=listing.state, authority=listing.authority)


def _is_sole(listing: Listing, row: Authority | None) -> bool:
    """Whether no other keeper that is followed has an entry of this authority in effect."""
    if row is None:
        return True
    source = row.listing.keeper_id if row.listing else listing.keeper_id
    return source == listing.keeper_id and not _others(listing).exists()


def _said_by_all(listing: Listing, entry: Entry, row: Authority | None) -> bool:
    """Whether the source in use and every other followed keeper say the same, also beside the keys."""
    others = list(_others(listing))
    said = [each.entry() for each in others]
    agree = all((one.card, one.names, one.region) == (entry.card, entry.names, entry.region) for one in said)
    return agree and row is not None and any(each.pk == row.listing_id for each in others)


def _others(listing: Listing) -> QuerySet[Listing]:
    """What other keepers that are followed have in effect of the same authority."""
    found = Listing.objects.filter(authority=listing.authority, standing=Standing.CURRENT)
    return found.filter(keeper__ended_at=None).exclude(keeper=listing.keeper)


def _columns(entry: Entry, row: Authority | None, *, sole: bool, card_holds: bool) -> dict[str, Any]:
    """What the authority's row takes over from its entry; of the own one never a key (DIRECTORY-17).

    Where another source holds, the entry says the same of keys and people. What it says beside that is left,
    but for the certificate that the authority itself announced (DIRECTORY-15).
    """
    values: dict[str, Any] = {"contacts": _contacts(entry), "withdrawn_at": None}
    if sole:
        values["region"] = entry.region.as_json() if entry.region else None
    if row is not None and row.own:
        return values
    of_card = _of_card(entry.card, row) if entry.card else {}
    if card_holds or not sole:
        return values | {name: of_card[name] for name in _OF_CONNECTION if name in of_card}
    return {**of_card, **values, "state": entry.state, "names": entry.names}


def _of_card(card: Card, row: Authority | None) -> dict[str, Any]:
    values = cards.columns(card)
    if row is None or row.log_key != card.log_key:
        return values | {"recipient_told": 0}
    if not cards.supersedes(row, card.recipient_number, card.recipient):
        return cards.without_recipient(values)
    if card.recipient_number <= row.recipient_number or card.recipient == row.recipient:
        del values["recipient_withdrawn_at"]  # only a later key ends a withdrawal
    return values


def _contacts(entry: Entry) -> list[dict[str, Any]]:
    return [contact.as_json() for contact in entry.contacts]


def _stand(listing: Listing, standing: Standing, now: datetime) -> None:
    listing.standing, listing.settled_at = standing, now
    if standing == Standing.CURRENT:
        listing.in_force_at = now
    listing.save(update_fields=["standing", "settled_at", "in_force_at"])


def _note(what: str, listing: Listing, now: datetime, **more: Any) -> None:
    content = {
        "what": what,
        "authority": listing.authority,
        "keeper": listing.keeper_id,
        "entry_sha256": listing.sha256,
        "at": canonical.instant_text(now),
    }
    listing.ledger = entries.append(what, listing.authority, content | more, now=now)
    listing.save(update_fields=["ledger"])
