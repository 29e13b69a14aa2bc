"""Entries and transport keys that follow each other: on the day, in any order, and nothing that returns."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.node.conftest import START, peer_card
from tests.node.directory.following import NEXT, follow, offered, take, with_card
from tests.node.directory.test_sources_of_keys import HIGH, OTHER, changed, compared, second_keeper, told
from tests.unit.directory.registers import Keeper as Register
from tests.unit.directory.registers import entry

from comity import canonical
from comity.node.accounts.models import Role
from comity.node.directory import choosing, entering, known, updating
from comity.node.directory.models import Authority, Keeper
from comity.node.exchange import announcing
from comity.sealing import encryption


@pytest.fixture
def keeper(keys: Any, register: Register) -> Keeper:
    """The only source of the authority, which no card brought."""
    Authority.objects.filter(id="xb-247").delete()
    return follow(register)


@pytest.fixture
def says(keeper: Keeper, register: Register, keys: Any) -> Any:
    """Let the keeper publish the authority's card with these changes."""
    numbers = iter(range(100))

    def publish(now: Any = NEXT, **changes: Any) -> Authority:
        card = changed(peer_card(keys.peer), **changes)
        take(keeper, offered(register, [with_card(card)], now, f"out-{next(numbers)}"), now)
        return known.find("xb-247")

    return publish


def test_what_follows_an_entry_on_the_day_of_its_end_takes_its_place(
    keeper: Keeper, register: Register, keys: Any
) -> None:
    day = START + timedelta(days=3)
    at, card = canonical.instant_text(day), peer_card(keys.peer)
    take(keeper, offered(register, [with_card(card, valid_until=at)]))
    moved = with_card(changed(card, peer_url="https://new.example"), valid_from=at)
    take(keeper, offered(register, [moved], NEXT, "moved"), NEXT)
    updating.update({"keeper": keeper.id}, day + timedelta(hours=1))
    row = known.find("xb-247")
    assert (row.withdrawn_at, row.peer_url) == (None, "https://new.example")


def test_a_card_by_voice_brings_back_the_key_that_a_directory_took_away(keys: Any, says: Any) -> None:
    says(START)
    own, another = encryption.new_identity()[1], encryption.new_identity()[1]
    told(keys, own, 2)
    says(recipient=OTHER, recipient_number=3)
    assert says(recipient=another, recipient_number=2).recipient == another
    compared(changed(peer_card(keys.peer), recipient=own, recipient_number=2), NEXT)
    assert known.find("xb-247").recipient == own


def test_two_keepers_that_say_the_same_renew_what_both_say(
    keeper: Keeper, register: Register, keys: Any, tmp_path: Path
) -> None:
    card = peer_card(keys.peer)
    take(keeper, offered(register, [with_card(card)]))
    second, other = second_keeper(tmp_path, [with_card(card)])
    take(other, second.folder / "first")
    renewed = [with_card(changed(card, hours="08-20"), names={"en": "Renamed"})]
    take(keeper, offered(register, renewed, NEXT, "renewed"), NEXT)
    assert known.find("xb-247").hours != "08-20", "one alone"
    second.state(renewed, NEXT)
    take(other, second.publish("renewed", NEXT), NEXT)
    row = known.find("xb-247")
    assert (row.hours, row.names) == ("08-20", {"en": "Renamed"})


@pytest.mark.parametrize("way", ["directory", "notice"])
def test_a_key_that_was_withdrawn_does_not_return_under_another_number(
    keys: Any, says: Any, way: str
) -> None:
    announcing.withdraw(says(START, recipient=OTHER, recipient_number=7), NEXT)
    if way == "notice":
        told(keys, OTHER, 3)
    else:
        says(recipient=OTHER, recipient_number=8)
    with pytest.raises(announcing.RecipientWithdrawnError):
        announcing.usable_recipient(known.find("xb-247"), NEXT)


@pytest.mark.parametrize("withdrawn", [False, True])
def test_an_old_notice_brings_back_no_key_that_an_entry_replaced(
    keys: Any, says: Any, withdrawn: bool
) -> None:
    old = encryption.new_identity()[1]
    says(START, recipient=old, recipient_number=2)
    row = says(recipient=OTHER, recipient_number=3)
    if withdrawn:
        announcing.withdraw(row, NEXT)
    with pytest.raises(announcing.KeyNoticeOutdatedError):
        told(keys, old, 2)
    row.refresh_from_db()
    assert (row.recipient, row.recipient_withdrawn_at) == (OTHER, NEXT if withdrawn else None)


def test_an_entry_that_has_ended_cannot_be_chosen(keys: Any, register: Register, official: Any) -> None:
    card = changed(peer_card(keys.peer), peer_url="https://new.example")
    ending = with_card(card, valid_until=canonical.instant_text(NEXT))
    take(follow(register), offered(register, [ending]))
    (waiting,) = entering.conflicts()
    with pytest.raises(choosing.DirectoryStaleError):
        choosing.choose(official(Role.SIGNATORY), waiting, reasons="They moved.", now=NEXT)


def test_whoever_chooses_between_people_sees_the_key_that_comes_along(
    keeper: Keeper, register: Register, keys: Any, tmp_path: Path, official: Any, client: Any
) -> None:
    card = peer_card(keys.peer)
    take(keeper, offered(register, [with_card(card)]))
    people = [{**canonical.read(entry())["contacts"][0], "telephone": "+00 000 0009"}]
    along = with_card(changed(card, recipient=OTHER, recipient_number=HIGH), contacts=people)
    second, other = second_keeper(tmp_path, [along])
    take(other, second.folder / "first")
    waiting = entering.conflicts().get(authority="xb-247")
    assert entering.differences(waiting.entry(), known.find("xb-247")) == ["contacts"]
    client.force_login(official(Role.SIGNATORY))
    assert OTHER in client.get(f"/directory/conflicts/{waiting.pk}/").content.decode()
