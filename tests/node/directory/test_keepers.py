"""A node follows keepers: what enters, what stays when a directory is silent, who decides between two."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.node.conftest import START, peer_card
from tests.node.directory.following import NEXT, follow, offered, take, with_card
from tests.unit.directory.registers import Keeper as Register
from tests.unit.directory.registers import entry

from comity import canonical
from comity.directory import keeping, reading
from comity.directory.entries import EntryUnreadableError, canonical_form, read_entry
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.accounts.models import Role
from comity.node.directory import cards, choosing, entering, known, own_entry, standing, updating
from comity.node.directory.models import Authority, Keeper, Listing
from comity.node.ledger.models import Entry as Noted
from comity.terms import ComityError
from comity.treaties.errors import InstrumentUnknownError


def test_entries_verified_are_entered_once(keys: Any, register: Register) -> None:
    keeper = follow(register)
    assert take(keeper, register.folder / "first").problem is None
    made = known.find("xb-mla")
    assert (made.state, made.roles, made.listing.keeper_id) == ("XB", ["central_authority"], "depositary")
    assert made.contacts[0]["purpose"] == "confirmation"
    assert {each.authority for each in Listing.objects.all()} == {"xb-mla", "xc-mla"}
    take(keeper, register.folder / "first", NEXT)
    assert Listing.objects.count() == 2
    assert Noted.objects.filter(kind="directory_updated").count() == 1


def test_a_root_that_was_not_compared_begins_nothing(keys: Any, register: Register) -> None:
    with pytest.raises(reading.RootDiffersError):
        follow(register, fingerprint="0" * 64)
    assert not Keeper.objects.exists()


def test_only_the_administrator_follows_a_keeper(keys: Any, register: Register, official: Any) -> None:
    with pytest.raises(NotAuthorisedError):
        follow(register, by=official(Role.SIGNATORY))
    keeper = follow(register, by=official(Role.ADMINISTRATOR))
    with pytest.raises(updating.KeeperKnownError):
        follow(register)
    updating.leave(None, keeper, NEXT)
    assert follow(register).ended_at is None


def test_what_is_refused_leaves_the_entries_before_and_says_why(keys: Any, register: Register) -> None:
    keeper = follow(register)
    newer = offered(register, [entry(), entry("xb-fiu")])
    take(keeper, newer)
    take(keeper, register.folder / "first", NEXT)
    assert keeper.problem == "directory_rolled_back"
    assert Authority.objects.filter(id="xb-fiu", withdrawn_at=None).exists()
    take(keeper, newer, NEXT)
    assert keeper.problem == ""


def test_keys_of_a_directory_make_a_peer_and_its_withdrawal_unmakes_it(keys: Any, register: Register) -> None:
    card = peer_card(keys.peer)
    Authority.objects.filter(id="xb-247").delete()
    keeper = follow(register)
    take(keeper, offered(register, [entry(), with_card(card)]))
    assert [peer.id for peer in known.peers()] == ["xb-247"]
    found = known.find("xb-247")
    assert known.by_fingerprint(found.tls_fingerprint, START) == found
    take(keeper, offered(register, [entry()], NEXT, "later"), NEXT)
    assert not known.peers().exists()
    assert known.by_fingerprint(found.tls_fingerprint, START) is None
    assert "xb-247" in _anchored()  # what it signed before still verifies


def _anchored() -> set[str]:
    from comity.node.directory import anchors

    return {authority for authority in ("xa-247", "xb-247") if authority in anchors.trust().authorities}


def test_a_directory_that_says_otherwise_than_the_card_waits_for_an_official(
    keys: Any, register: Register, official: Any
) -> None:
    keeper = follow(register)
    card = peer_card(keys.peer, peer_url="https://other.example")
    take(keeper, offered(register, [entry(), with_card(card)]))
    [waiting] = entering.conflicts()
    assert entering.differences(waiting.entry(), known.find("xb-247")) == ["peer_url"]
    assert known.find("xb-247").peer_url == "https://127.0.0.1:9"  # the old stays
    assert standing.needs_call_back(known.find("xb-247"), START)
    with pytest.raises(NotAuthorisedError):
        choosing.choose(official(Role.ADMINISTRATOR), waiting, reasons="", now=START)
    signatory = official(Role.SIGNATORY)
    choosing.choose(signatory, waiting, reasons="They moved; confirmed by telephone.", now=NEXT)
    assert known.find("xb-247").peer_url == "https://other.example"
    noted = Noted.objects.get(kind="listing_chosen")
    assert noted.content["reasons"] == "They moved; confirmed by telephone."
    with pytest.raises(choosing.ConflictSettledError):
        choosing.decline(signatory, waiting, reasons="again", now=NEXT)


def test_what_an_official_declined_is_not_asked_again(keys: Any, register: Register, official: Any) -> None:
    keeper = follow(register)
    out = offered(register, [entry(), with_card(peer_card(keys.peer, peer_url="https://other.example"))])
    take(keeper, out)
    choosing.decline(official(Role.REGISTRAR), entering.conflicts()[0], reasons="Not ours", now=START)
    take(keeper, register.publish("again", NEXT), NEXT)
    assert not entering.conflicts().exists()
    assert known.find("xb-247").peer_url == "https://127.0.0.1:9"


def test_an_entry_with_the_card_of_another_authority_is_refused(keys: Any) -> None:
    card = canonical.read(peer_card(keys.peer))
    assert read_entry(entry("xb-247", card=card)).card is not None
    with pytest.raises(EntryUnreadableError):
        read_entry(entry("xb-mla", card=card))


def test_two_keepers_that_disagree_wait_for_an_official(
    keys: Any, register: Register, tmp_path: Path, official: Any
) -> None:
    second = Register(tmp_path / "second", START)
    other = [{**canonical.read(entry())["contacts"][0], "telephone": "+00 000 0009"}]
    second.state([entry(contacts=other)], START)
    second.publish("first", START)
    take(follow(register), register.folder / "first")
    take(follow(second, "secretariat"), second.folder / "first")
    [waiting] = entering.conflicts()
    assert (waiting.keeper_id, waiting.authority) == ("secretariat", "xb-mla")
    assert known.find("xb-mla").contacts[0]["telephone"] == "+00 000 0001"
    choosing.choose(official(Role.SIGNATORY), waiting, reasons="Called both.", now=START)
    assert known.find("xb-mla").contacts[0]["telephone"] == "+00 000 0009"
    assert known.find("xc-mla").listing.keeper_id == "depositary" or not entering.conflicts().exists()


def test_nobody_is_told_this_node_s_own_keys_by_a_directory(
    keys: Any, register: Register, official: Any
) -> None:
    own = known.own()
    keeping.enter(register.register, entry("xa-247", "XA", card=_foreign(keys)), START)
    keeping.sign(register.register, register.register.signers())
    take(follow(register), register.publish("own", START))
    [waiting] = entering.conflicts()
    with pytest.raises(choosing.OwnEntryError):
        choosing.choose(official(Role.SIGNATORY), waiting, reasons="x", now=START)
    assert known.own().seal_certificate == own.seal_certificate


def _foreign(keys: Any) -> dict[str, Any]:
    """A card in the name of xa-247 with certificates of another's making."""
    from comity.node.directory import cards

    own, peer = canonical.read(cards.export_card(known.own())), canonical.read(peer_card(keys.peer))
    return {**own, "certificates": peer["certificates"]}


def test_an_expired_directory_silences_nobody_and_gives_no_new_key(
    keys: Any, register: Register, official: Any
) -> None:
    keeper = follow(register)
    later = canonical.instant_text(START + timedelta(days=20))
    moved = with_card(peer_card(keys.peer, peer_url="https://new.example"), valid_from=later)
    take(keeper, offered(register, [entry(), moved]))
    assert known.find("xb-mla").listing.standing == "current"
    expired = START + timedelta(days=21)
    assert [each.code for each in standing.warnings(expired)] == ["directory_expired"]
    assert not standing.warnings(START)
    assert standing.needs_call_back(known.find("xb-mla"), expired)
    assert not standing.needs_call_back(known.find("xb-mla"), START)
    assert known.peers().filter(id="xb-247").exists()  # still written to
    assert entering.settle(keeper, expired) == 0
    take(keeper, register.publish("renewed", expired), expired)
    assert entering.settle(keeper, expired) == 1
    [waiting] = entering.conflicts()
    with pytest.raises(choosing.DirectoryStaleError):
        choosing.choose(official(Role.SIGNATORY), waiting, reasons="x", now=expired + timedelta(days=60))


def test_the_job_asks_a_keeper_and_remembers_that_it_did_not_answer(keys: Any, register: Register) -> None:
    keeper = follow(register, url="http://127.0.0.1:9/directory")
    updating.update({"keeper": keeper.id}, START)
    keeper.refresh_from_db()
    assert keeper.problem == "directory_unreachable"
    assert [each.code for each in standing.warnings(NEXT)] == ["directory_unreachable"]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://keeper.example",
        "http://keeper.example",
        "https://u:p@keeper.example",
        "https://[",
        "https://a?b=c",
    ],
)
def test_only_an_https_address_is_followed(keys: Any, register: Register, url: str) -> None:
    with pytest.raises(ComityError) as refused:
        follow(register, url=url)
    assert refused.value.code == "keeper_address"


def test_an_entry_that_agrees_with_a_card_does_not_open_the_way_for_other_keys(
    keys: Any, register: Register, official: Any
) -> None:
    """A keeper that says first what two people compared by voice cannot replace the keys afterwards."""
    keeper, card = follow(register), peer_card(keys.peer)
    take(keeper, offered(register, [with_card(card)]))
    known_by_both = known.find("xb-247")
    assert (known_by_both.listing.standing, known_by_both.confirmed_by) == ("current", "test")
    other = with_card(peer_card(keys.peer, peer_url="https://other.example"))
    take(keeper, offered(register, [other], NEXT, "other"), NEXT)
    [waiting] = entering.conflicts()
    assert known.find("xb-247").peer_url == "https://127.0.0.1:9"
    choosing.choose(official(Role.SIGNATORY), waiting, reasons="They moved.", now=NEXT)
    assert (known.find("xb-247").compared_at, known.find("xb-247").peer_url) == (
        None,
        "https://other.example",
    )
    moved = with_card(peer_card(keys.peer, peer_url="https://again.example"))
    take(keeper, offered(register, [moved], NEXT, "moved"), NEXT)
    assert known.find("xb-247").peer_url == "https://again.example"  # the chosen keeper is the source now


def test_a_peer_known_by_its_card_stays_when_a_keeper_withdraws_it(keys: Any, register: Register) -> None:
    keeper, card = follow(register), peer_card(keys.peer)
    take(keeper, offered(register, [with_card(card)]))
    assert not standing.needs_call_back(known.find("xb-247"), START)
    take(keeper, offered(register, [entry()], NEXT, "later"), NEXT)
    assert [peer.id for peer in known.peers()] == ["xb-247"]
    assert standing.needs_call_back(known.find("xb-247"), NEXT)
    compared = NEXT + timedelta(hours=1)
    cards.import_card(card, confirmed_by="test", fingerprint=cards.fingerprint(card), now=compared)
    assert not standing.needs_call_back(known.find("xb-247"), compared)


def test_the_source_that_was_not_chosen_is_not_asked_about_again(
    keys: Any, register: Register, tmp_path: Path, official: Any
) -> None:
    second = Register(tmp_path / "second", START)
    other = [{**canonical.read(entry())["contacts"][0], "telephone": "+00 000 0009"}]
    second.state([entry(contacts=other)], START)
    second.publish("first", START)
    first = follow(register)
    take(first, register.folder / "first")
    take(follow(second, "secretariat"), second.folder / "first")
    [waiting] = entering.conflicts().filter(authority="xb-mla")
    choosing.choose(official(Role.SIGNATORY), waiting, reasons="Called both.", now=START)
    take(first, register.publish("renewed", NEXT), NEXT)
    assert not entering.conflicts().exists()
    assert known.find("xb-mla").contacts[0]["telephone"] == "+00 000 0009"
    declined = Listing.objects.get(keeper=first, authority="xb-mla")
    assert (declined.standing, declined.reasons) == ("declined", "Called both.")


@pytest.mark.parametrize("identifier", ["Depositary", "a b", "a/b", "-a", "a--b", "", "a" * 31, "é"])
def test_a_keeper_has_a_name_that_its_pages_can_bear(keys: Any, register: Register, identifier: str) -> None:
    """The command of the machine takes no other name than the form does: its page could not be opened."""
    with pytest.raises(updating.KeeperNameError):
        follow(register, identifier)
    with pytest.raises(updating.KeeperNameError):
        follow(register, name="two\nlines")
    assert not Keeper.objects.exists()


def test_a_keeper_without_an_address_is_not_asked_at_one(keys: Any, register: Register) -> None:
    keeper = follow(register)
    with pytest.raises(updating.KeeperByDiskError):
        updating.ask(keeper, START)
    updating.update({"keeper": keeper.id}, START)  # the job goes on to what takes effect
    assert follow(register, "other", url="http://127.0.0.1:9").url


def test_the_own_entry_is_drafted_for_known_treaties_to_be_edited_and_signed(
    keys: Any, register: Register
) -> None:
    with pytest.raises(InstrumentUnknownError):
        own_entry.draft(["uncc", "nonsense"], START)
    drafted = own_entry.draft(["uncc", "uncc", "kz-tm"], START)
    assert [each["instrument"] for each in drafted["designations"]] == ["uncc", "kz-tm"]
    edited = json.dumps({**drafted, "names": {"en": "Point", "kk": "Байланыс пункті"}}, indent=2).encode()
    assert read_entry(canonical_form(edited)).names["kk"] == "Байланыс пункті"


def test_a_card_is_compared_by_somebody(keys: Any) -> None:
    card = peer_card(keys.peer)
    with pytest.raises(cards.ComparerUnnamedError):
        cards.import_card(card, confirmed_by=" ", fingerprint=cards.fingerprint(card), now=NEXT)


def test_a_keeper_left_and_followed_again_offers_nothing_older(keys: Any, register: Register) -> None:
    keeper = follow(register)
    newer = offered(register, [entry(), entry("xb-fiu")])
    take(keeper, newer)
    updating.leave(None, keeper, NEXT)
    keeper = follow(register)
    assert take(keeper, register.folder / "first", NEXT).problem is not None
    assert keeper.problem == "directory_rolled_back"
    assert take(keeper, newer, NEXT).problem is None
