"""What may change the keys and people of an authority: one source at a time, and no number but its own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.node.conftest import START, peer_card
from tests.node.directory.following import NEXT, follow, offered, take, with_card
from tests.unit.directory.registers import Keeper as Register
from tests.unit.directory.registers import entry

from comity import canonical
from comity.directory import keeping, signing
from comity.node.accounts.models import Role
from comity.node.directory import cards, choosing, entering, known
from comity.node.directory.models import Authority, Keeper, Listing
from comity.node.exchange import announcing
from comity.proofs.transport_keys import KeyNotice, sign_notice
from comity.sealing import encryption
from comity.sealing.keys import load

HIGH = 10**6
OTHER = encryption.new_identity()[1]


def changed(card: bytes, **changes: Any) -> bytes:
    return canonical.write({**canonical.read(card), **changes})


def compared(card: bytes, now: Any = START) -> Authority:
    return cards.import_card(card, confirmed_by="test", fingerprint=cards.fingerprint(card), now=now)


def second_keeper(folder: Path, entries: list[bytes]) -> tuple[Register, Keeper]:
    second = Register(folder / "second", START)
    second.state(entries, START)
    second.publish("first", START)
    return second, follow(second, "secretariat")


def told(keys: Any, recipient: str, number: int, now: Any = NEXT) -> Authority:
    """The peer tells its key itself, as its node does after a rotation."""
    notice = KeyNotice(
        authority="xb-247",
        number=number,
        recipient=recipient,
        valid_from=canonical.instant_text(now),
        valid_until=canonical.instant_text(now + timedelta(days=90)),
    )
    return announcing.learn(sign_notice(notice, load(keys.peer).log), known.find("xb-247"), now)


def test_nothing_of_a_card_that_was_compared_comes_from_an_entry(keys: Any, register: Register) -> None:
    """Not the transport key under a high number, not whom to call, not the name."""
    card, before = peer_card(keys.peer), known.find("xb-247")
    of_entry = changed(card, recipient=OTHER, recipient_number=HIGH, contact="+00 666", hours="never")
    take(follow(register), offered(register, [with_card(of_entry, names={"en": "Renamed"})]), NEXT)
    after = known.find("xb-247")
    assert after.listing.keeper_id == "depositary"
    for field in (
        "recipient",
        "recipient_number",
        "contact",
        "hours",
        "names",
        "confirmed_by",
        "compared_at",
    ):
        assert getattr(after, field) == getattr(before, field), field
    assert after.contacts[0]["telephone"] == "+00 000 0001"  # of which a card says nothing


def test_a_sole_keeper_renews_what_it_said(keys: Any, register: Register) -> None:
    """The other side: without a card, the one keeper is the source of the transport key and the hours too."""
    card = peer_card(keys.peer)
    Authority.objects.filter(id="xb-247").delete()
    keeper = follow(register)
    take(keeper, offered(register, [with_card(card)]))
    later = changed(card, recipient=OTHER, recipient_number=2, hours="08-20")
    take(keeper, offered(register, [with_card(later, names={"en": "Renamed"})], NEXT, "later"), NEXT)
    row = known.find("xb-247")
    assert (row.recipient, row.recipient_number, row.hours) == (OTHER, 2, "08-20")
    assert row.names == {"en": "Renamed"}


def test_of_two_keepers_neither_changes_alone_what_both_say(
    keys: Any, register: Register, tmp_path: Path
) -> None:
    card = peer_card(keys.peer)
    Authority.objects.filter(id="xb-247").delete()
    first = follow(register)
    take(first, offered(register, [with_card(card)]))
    before = known.find("xb-247")
    of_other = changed(card, recipient=OTHER, recipient_number=7, contact="+00 666", hours="never")
    second, other = second_keeper(tmp_path, [with_card(of_other, names={"en": "Renamed"})])
    take(other, second.folder / "first")
    for name in ("offered", "again"):  # nor by the next entry, when it was the last that took effect
        after = known.find("xb-247")
        for field in ("recipient", "recipient_number", "contact", "hours", "names"):
            assert getattr(after, field) == getattr(before, field), (name, field)
        second.state([with_card(of_other, names={"en": "Renamed again"})], NEXT)
        take(other, second.publish(name, NEXT), NEXT)
    assert not entering.conflicts().exists()


def test_who_was_said_to_have_no_node_is_given_none_by_another_keeper(
    keys: Any, register: Register, tmp_path: Path
) -> None:
    card = peer_card(keys.peer)
    Authority.objects.filter(id="xb-247").delete()
    take(follow(register), offered(register, [entry("xb-247")]))
    second, other = second_keeper(tmp_path, [with_card(card)])
    take(other, second.folder / "first")
    [waiting] = entering.conflicts().filter(authority="xb-247")
    assert "peer_url" in entering.differences(waiting.entry(), known.find("xb-247"))
    assert not known.peers().exists()


def test_a_key_that_was_withdrawn_stays_so_when_it_is_published_again(keys: Any, register: Register) -> None:
    card = peer_card(keys.peer)
    Authority.objects.filter(id="xb-247").delete()
    keeper = follow(register)
    take(keeper, offered(register, [with_card(card)]))
    announcing.withdraw(known.find("xb-247"), NEXT)
    again = with_card(card, confirmed_at="2026-11-20T00:00:00Z")
    take(keeper, offered(register, [again], NEXT, "again"), NEXT)
    assert known.find("xb-247").listing.confirmed_at.day == 20  # it took effect
    with pytest.raises(announcing.RecipientWithdrawnError):
        announcing.usable_recipient(known.find("xb-247"), NEXT)
    later = with_card(changed(card, recipient=OTHER, recipient_number=2))
    take(keeper, offered(register, [later], NEXT, "later"), NEXT)
    assert announcing.usable_recipient(known.find("xb-247"), NEXT) == OTHER


def high(keys: Any, register: Register) -> bytes:
    """The sole keeper names a key of another's under a number that no authority reaches; the true card."""
    card = peer_card(keys.peer)
    Authority.objects.filter(id="xb-247").delete()
    take(
        follow(register),
        offered(register, [with_card(changed(card, recipient=OTHER, recipient_number=HIGH))]),
    )
    assert known.find("xb-247").recipient == OTHER
    return card


def test_a_card_by_voice_replaces_a_key_that_a_directory_numbered_high(keys: Any, register: Register) -> None:
    card = high(keys, register)
    compared(card, NEXT)
    row = known.find("xb-247")
    assert (row.recipient, row.recipient_number) == (canonical.read(card)["recipient"], 1)
    own = encryption.new_identity()[1]
    assert told(keys, own, 2).recipient == own  # and its next notice is heard again


def test_a_notice_replaces_a_key_that_a_directory_numbered_high(keys: Any, register: Register) -> None:
    high(keys, register)
    announcing.withdraw(known.find("xb-247"), NEXT)
    own = encryption.new_identity()[1]
    told(keys, own, 2)
    assert announcing.usable_recipient(known.find("xb-247"), NEXT) == own
    with pytest.raises(announcing.KeyNoticeOutdatedError):
        told(keys, encryption.new_identity()[1], 1)  # what it told itself still counts


def test_a_notice_of_the_key_that_was_withdrawn_does_not_end_the_withdrawal(
    keys: Any, register: Register
) -> None:
    high(keys, register)
    announcing.withdraw(known.find("xb-247"), NEXT)
    told(keys, OTHER, HIGH)
    assert known.find("xb-247").recipient_withdrawn_at == NEXT


def test_an_official_s_choice_takes_the_key_of_the_entry(
    keys: Any, register: Register, official: Any
) -> None:
    other = changed(peer_card(keys.peer, peer_url="https://new.example"), recipient=OTHER, recipient_number=2)
    take(follow(register), offered(register, [with_card(other)]))
    [waiting] = entering.conflicts()
    choosing.choose(official(Role.SIGNATORY), waiting, reasons="They moved.", now=START)
    assert (known.find("xb-247").recipient, known.find("xb-247").recipient_number) == (OTHER, 2)


def of_another_state(register: Register, entries: list[bytes], name: str = "taken") -> Path:
    """State XZ has keys of its own at the keeper, and signs what it likes."""
    path = register.folder / "xz.pem"
    if not path.exists():
        key = signing.new_key(path)
        keeping.add_state(register.register, "XZ", [key], 1, NEXT)
        keeping.sign(register.register, register.register.signers())
    signing.sign_list(register.folder / "xz", "XZ", entries, [signing.read_signer(path)], NEXT)
    keeping.take(register.register, register.folder / "xz", "XZ")
    return register.publish(name, NEXT)


@pytest.mark.parametrize("by_card", [False, True])
def test_no_state_takes_over_an_authority_of_another(
    keys: Any, register: Register, official: Any, by_card: bool
) -> None:
    card = peer_card(keys.peer)
    if not by_card:
        Authority.objects.filter(id="xb-247").delete()
    keeper = follow(register)
    take(keeper, offered(register, [with_card(card)]))
    theirs = changed(card, state="XZ", peer_url="https://other.example", recipient=OTHER)
    out = of_another_state(register, [entry("xb-247", "XZ", card=canonical.read(theirs))])
    for _ in range(3):
        assert take(keeper, out, NEXT).problem is None
    row = known.find("xb-247")
    assert (row.state, row.peer_url) == ("XB", "https://127.0.0.1:9")
    assert (row.listing.state, row.listing.standing) == ("XB", "current")
    [waiting] = entering.conflicts()
    assert waiting.state == "XZ"
    assert "state" in entering.differences(waiting.entry(), row)
    assert Listing.objects.filter(authority="xb-247").count() == 2  # reading again asks nothing anew
    take(keeper, of_another_state(register, [entry("xz-mla", "XZ")], "dropped"), NEXT)
    row = known.find("xb-247")
    assert (row.withdrawn_at, row.listing.state) == (None, "XB")
    assert not entering.conflicts().exists()


def test_a_state_that_was_chosen_is_not_asked_about_again(
    keys: Any, register: Register, official: Any
) -> None:
    keeper = follow(register)
    take(keeper, offered(register, [entry("xb-asset")]))
    out = of_another_state(register, [entry("xb-asset", "XZ")])
    take(keeper, out, NEXT)
    [waiting] = entering.conflicts()
    choosing.choose(official(Role.SIGNATORY), waiting, reasons="It moved to XZ.", now=NEXT)
    assert known.find("xb-asset").state == "XZ"
    take(keeper, register.publish("again", NEXT), NEXT)
    assert not entering.conflicts().exists()
    assert known.find("xb-asset").state == "XZ"


def test_a_provider_of_this_state_is_not_made_an_authority_by_a_directory(
    keys: Any, register: Register, official: Any, client: Any
) -> None:
    Authority.objects.create(id="xb-telco", state="XB", names={"en": "Telco"}, roles=["provider"])
    take(follow(register), offered(register, [entry("xb-telco")]))
    row = known.find("xb-telco")
    assert (row.roles, row.names, row.listing) == (["provider"], {"en": "Telco"}, None)
    [waiting] = entering.conflicts()
    client.force_login(official(Role.SIGNATORY))
    page = client.get(f"/directory/conflicts/{waiting.pk}/").content.decode()
    assert "service provider" in page
    assert "central authority" in page


def test_a_choice_of_whom_to_call_leaves_the_card_in_use(
    keys: Any, register: Register, tmp_path: Path, official: Any
) -> None:
    card, before = peer_card(keys.peer), known.find("xb-247")
    take(follow(register), offered(register, [entry("xb-247")]))
    people = [{**canonical.read(entry())["contacts"][0], "telephone": "+00 000 0009"}]
    second, other = second_keeper(tmp_path, [with_card(card, contacts=people, names={"en": "Renamed"})])
    take(other, second.folder / "first")
    [waiting] = entering.conflicts().filter(authority="xb-247")
    assert entering.differences(waiting.entry(), known.find("xb-247")) == ["contacts"]
    choosing.choose(official(Role.SIGNATORY), waiting, reasons="Called both.", now=START)
    row = known.find("xb-247")
    assert row.contacts[0]["telephone"] == "+00 000 0009"
    assert (row.compared_at, row.confirmed_by, row.names) == (before.compared_at, "test", before.names)
    moved = changed(card, peer_url="https://other.example")
    second.state([with_card(moved, contacts=people)], NEXT)
    take(other, second.publish("moved", NEXT), NEXT)
    assert known.find("xb-247").peer_url == "https://127.0.0.1:9"
    [waiting] = entering.conflicts().filter(authority="xb-247")
    choosing.choose(official(Role.SIGNATORY), waiting, reasons="They moved.", now=NEXT)
    row = known.find("xb-247")
    assert (row.compared_at, row.peer_url) == (None, "https://other.example")
