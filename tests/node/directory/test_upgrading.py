"""A node of the release before: what was compared and which transport key was told is in its ledger."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps
from tests.node.conftest import START, peer_card
from tests.node.directory.following import NEXT, follow, offered, take, with_card
from tests.node.directory.test_sources_of_keys import told
from tests.unit.directory.registers import Keeper as Register

from comity.node.accounts.models import Role
from comity.node.directory import choosing, entering, known
from comity.node.directory.models import Authority
from comity.sealing import encryption


def upgraded() -> Authority:
    """The release before knew neither column."""
    Authority.objects.filter(id="xb-247").update(compared_at=None, recipient_told=0)
    import_module("comity.node.directory.migrations.0008_told").remember(apps, None)
    return known.find("xb-247")


def test_a_card_that_a_directory_confirmed_since_is_still_compared(keys: Any, register: Register) -> None:
    keeper, card = follow(register), peer_card(keys.peer)
    take(keeper, offered(register, [with_card(card)]), NEXT)
    assert upgraded().compared_at == START
    other = with_card(peer_card(keys.peer, peer_url="https://other.example"))
    take(keeper, offered(register, [other], NEXT, "other"), NEXT)
    assert known.find("xb-247").peer_url == "https://127.0.0.1:9"
    assert entering.conflicts().exists()


def test_a_card_whose_keys_were_replaced_since_is_not(keys: Any, register: Register, official: Any) -> None:
    keeper = follow(register)
    other = with_card(peer_card(keys.peer, peer_url="https://other.example"))
    take(keeper, offered(register, [other]), NEXT)
    choosing.choose(official(Role.SIGNATORY), entering.conflicts()[0], reasons="They moved.", now=NEXT)
    assert upgraded().compared_at is None


def test_nor_one_whose_address_a_keeper_that_agreed_first_replaced(keys: Any, register: Register) -> None:
    """The release before let it: no choice, but an entry in effect says otherwise than what is used."""
    take(follow(register), offered(register, [with_card(peer_card(keys.peer))]), NEXT)
    Authority.objects.filter(id="xb-247").update(peer_url="https://other.example")
    assert upgraded().compared_at is None


def test_nor_a_peer_that_only_a_directory_ever_named(keys: Any, register: Register) -> None:
    from comity.node.ledger.models import Entry

    take(follow(register), offered(register, [with_card(peer_card(keys.peer))]), NEXT)
    Entry.objects.filter(kind="card_imported").update(kind="none")
    assert upgraded().compared_at is None
    assert upgraded().recipient_told == 0  # what a directory says of numbers is not remembered


def test_the_number_that_a_peer_told_last_is_remembered(keys: Any) -> None:
    Authority.objects.filter(id="xb-247").update(recipient_told=0)
    assert upgraded().recipient_told == 0  # neither compared nor told
    Authority.objects.filter(id="xb-247").update(compared_at=START)
    import_module("comity.node.directory.migrations.0008_told").remember(apps, None)
    assert known.find("xb-247").recipient_told == 1  # the card's
    told(keys, encryption.new_identity()[1], 5)
    assert upgraded().recipient_told == 5


def test_the_number_of_a_peer_that_began_anew_is_that_of_its_new_keys(keys: Any) -> None:
    told(keys, encryption.new_identity()[1], 5)
    Authority.objects.filter(id="xb-247").update(recipient_number=1)  # a new ledger key
    assert upgraded().recipient_told == 1
    told(keys, encryption.new_identity()[1], 2)
