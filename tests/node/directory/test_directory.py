from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.x509 import load_pem_x509_certificate
from tests.node.conftest import START, peer_card

from comity import canonical
from comity.node import config
from comity.node.directory import anchors, cards, known, owner
from comity.node.directory.models import Authority
from comity.node.ledger.models import Entry
from comity.sealing import trust
from comity.terms import ComityError


def import_(card, now, fingerprint=None):
    fingerprint = fingerprint or cards.fingerprint(card)
    return cards.import_card(card, confirmed_by="A. Officer", fingerprint=fingerprint, now=now)


def test_a_card_travels_between_two_nodes_unchanged(keys):
    card = cards.export_card(known.find("xb-247"))
    assert card == peer_card(keys.peer)
    assert cards.read_card(cards.export_card(known.own())).id == "xa-247"


def test_importing_a_card_says_who_compared_it_and_when(keys, clock):
    import_(peer_card(keys.peer, contact="+998 00"), clock.advance(days=1))
    peer = known.find("xb-247")
    assert (peer.contact, peer.confirmed_by, peer.confirmed_at) == ("+998 00", "A. Officer", clock.now)
    assert Entry.objects.filter(kind="card_imported", subject="xb-247").count() == 2


def test_the_fingerprint_may_be_typed_without_its_groups(keys, clock):
    card = peer_card(keys.peer)
    assert import_(card, clock.now, cards.fingerprint(card).lower().replace(" ", "")).id == "xb-247"


def test_a_card_whose_fingerprint_differs_changes_nothing(keys, clock):
    card = peer_card(keys.peer, peer_url="https://attacker.example")
    with pytest.raises(cards.FingerprintDiffersError):
        import_(card, clock.now, cards.fingerprint(peer_card(keys.peer)))
    assert known.find("xb-247").peer_url == "https://127.0.0.1:9"


@pytest.mark.parametrize(
    "changes",
    [
        {"peer_url": "http://127.0.0.1:9"},
        {"peer_url": "https://user@127.0.0.1:9"},
        {"peer_url": "file:///etc/passwd"},
        {"id": "xc-247"},  # its ledger key still names xb-247
        {"recipient": "age1\n"},
        {"extra": 1},
        {"state": "xb"},
    ],
)
def test_a_card_that_is_not_one_is_refused(keys, clock, changes):
    card = peer_card(keys.peer, **changes)
    with pytest.raises(ComityError):
        import_(card, clock.now)
    assert not Authority.objects.filter(id="xc-247").exists()


def test_a_card_with_a_certificate_of_another_ca_is_refused(keys, clock):
    foreign = (keys.own / "tls.crt").read_text().strip()
    certificates = canonical.read(peer_card(keys.peer))["certificates"] | {"tls": foreign}
    with pytest.raises(cards.CardUnreadableError, match="tls certificate is not issued by its CA"):
        import_(peer_card(keys.peer, certificates=certificates), clock.now)


def test_nobody_replaces_the_nodes_own_authority(keys, clock):
    card = cards.export_card(known.own())
    with pytest.raises(cards.CardUnreadableError):
        import_(card, clock.now)


def test_a_peer_is_found_by_its_exact_certificate_only(keys):
    pem = (keys.peer / "tls.crt").read_text()
    assert known.by_fingerprint(cards.tls_fingerprint(pem), START) == known.find("xb-247")
    other = (keys.peer / "seal.crt").read_text()
    assert known.by_fingerprint(cards.tls_fingerprint(other), START) is None
    assert known.by_fingerprint("", START) is None
    Authority.objects.filter(id="xb-247").update(confirmed_at=None)
    assert known.by_fingerprint(cards.tls_fingerprint(pem), START) is None, "an unconfirmed peer is nobody"


def test_the_own_authority_is_no_peer(keys):
    assert [peer.id for peer in known.peers()] == ["xb-247"]


def test_an_unknown_authority_is_named(keys):
    with pytest.raises(known.AuthorityUnknownError, match="zz-1"):
        known.find("zz-1")


def test_the_directory_gives_the_anchors_that_the_folders_give(keys):
    found = anchors.trust().authorities
    assert set(found) == {"xa-247", "xb-247"}
    assert found["xb-247"] == trust.load(keys.peer).authorities["xb-247"]


def test_an_unconfirmed_authority_anchors_nothing(keys):
    Authority.objects.filter(id="xb-247").update(confirmed_at=None)
    assert set(anchors.trust().authorities) == {"xa-247"}


def test_entering_the_own_authority_twice_keeps_one_row(keys):
    owner.enter(config.current(), created_at="2027-06-12T03:12:00Z", roles=["central_authority"])
    assert known.own().roles == ["central_authority"]
    assert Authority.objects.filter(own=True).count() == 1


def test_the_keys_of_the_tests_are_still_valid(keys, clock):
    certificate = load_pem_x509_certificate((keys.own / "tls.crt").read_bytes())
    assert certificate.not_valid_after_utc > clock.now + timedelta(days=365)


def test_the_page_says_until_when_letters_are_encrypted_to_an_authority(keys, clock, client, official):
    client.force_login(official("auditor"))
    row = known.find("xb-247")
    row.recipient_number, row.recipient_until = 3, clock.now + timedelta(days=20)
    row.save()
    page = client.get("/directory/xb-247/").content.decode()
    assert "Number 3" in page
    assert "until" in page
    row.recipient_withdrawn_at = clock.now
    row.save()
    assert "withdrawn" in client.get("/directory/xb-247/").content.decode()
