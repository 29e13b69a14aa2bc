"""The certificate of the connection changes without a gap, and no certificate is admitted by the machine."""

from __future__ import annotations

import io
import math
import shutil
import ssl
import time
import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.node.exchange.conftest import letter
from tests.node.exchange.test_tls import peer_context, shake_hands

from comity import canonical
from comity.directory import updates as rules
from comity.letters.schema import LetterNotUnderstoodError, read_value
from comity.letters.validation import LetterUnsoundError, require_sound
from comity.node import config
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.directory import cards, known, owner, successors
from comity.node.directory.models import Authority, Update
from comity.node.exchange import door, incoming, peer_client, renewing, tls, updates
from comity.node.exchange.models import Letter, Stage
from comity.node.ledger.models import Entry
from comity.sealing import issuing
from comity.sealing import keys as sealing_keys

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wired", "folder_restored")]
WEEK = timedelta(days=7)


@pytest.fixture(scope="module")
def peer_folder(tmp_path_factory, key_folders):
    """The peer's keys with a prepared next certificate; shared by the tests, which only read it."""
    folder = tmp_path_factory.mktemp("renewing") / "xb-247"
    shutil.copytree(key_folders.peer, folder)
    made = sealing_keys.read_certificate(folder / "tls.crt").not_valid_before_utc
    sealing_keys.prepare(folder, "tls", made + timedelta(hours=2), valid_days=1500)
    return folder


def told(folder, now, **changes):
    values = {
        "certificate": (folder / "tls-next.crt").read_text(),
        "replaces": cards.tls_fingerprint((folder / "tls.crt").read_text()),
        "changes_at": canonical.instant_text(now + WEEK),
        "ends_at": canonical.instant_text(now + 2 * WEEK),
    }
    return values | changes


def update(now, certificate=None, reached=None, number=1):
    body = {"items": [], "text": "The present one ends.", "certificate": certificate, "reached": reached}
    head = {"kind": "directory_update", "case": {"requesting": None, "requested": None}, "answers": []}
    return letter("xb-247", "xa-247", now, generation=number, body=body, **head)


def hear(document, now):
    row = SimpleNamespace(peer=known.find("xb-247"), id=uuid.UUID(document["id"]))
    updates.hear(row, read_value(document), now)
    return Update.objects.get(letter=document["id"])


REACHED = {"hours": "24/7", "time_zone": "Asia/Almaty", "languages": ["kk", "en"], "contact": "+999 1"}


def test_what_a_peer_tells_under_its_seal_waits_and_admits_nothing(peer, peer_folder, clock, wire, run_jobs):
    document = update(clock.now, told(peer_folder, clock.now), REACHED)
    container = peer.seal(document, clock.now)
    row = known.find("xb-247")
    incoming.accept(io.BytesIO(container), peer.envelope(document, container), row, clock.now)
    run_jobs()
    assert Letter.objects.get(pk=document["id"]).stage == Stage.DELIVERED
    row.refresh_from_db()
    assert [each.number for each in successors.waiting()] == [1]
    assert (row.tls_next_certificate, row.contact, row.time_zone) == ("", "", "UTC")
    assert len(known.admitted(row, clock.now)) == 1
    assert Entry.objects.filter(kind="update_told").exists()


def test_an_administrator_takes_it_and_its_sender_gets_the_receipt(
    peer, peer_folder, clock, wire, run_jobs, official
):
    document = update(clock.now, told(peer_folder, clock.now), REACHED)
    container = peer.seal(document, clock.now)
    row = known.find("xb-247")
    incoming.accept(io.BytesIO(container), peer.envelope(document, container), row, clock.now)
    run_jobs()
    proposal, administrator = successors.waiting().get(), official("administrator")
    with pytest.raises(NotAuthorisedError):
        updates.take(official("signatory"), proposal, reasons="-", now=clock.now)
    updates.take(administrator, proposal, reasons="Called +999 1.", now=clock.now)
    run_jobs()
    assert "RETRIEVAL" in wire.receipts[-1]
    row.refresh_from_db()
    assert (row.contact, row.time_zone, row.languages) == ("+999 1", "Asia/Almaty", ["kk", "en"])
    assert len(known.admitted(row, clock.now)) == 2
    with pytest.raises(successors.UpdateSettledError):
        updates.decline(administrator, proposal, reasons="-", now=clock.now)
    content = Entry.objects.get(kind="update_taken").content
    assert (content["by"], content["reasons"]) == (administrator.pk, "Called +999 1.")


def test_both_are_admitted_until_the_former_ends_then_the_next_alone(keys, peer_folder, clock, official):
    hear_and_take(peer_folder, clock, official)
    row = known.find("xb-247")
    former, following = row.tls_fingerprint, row.tls_next_fingerprint
    for when, admitted in ((WEEK, {former, following}), (2 * WEEK, {following})):
        now = clock.now + when
        there = {each for each in (former, following) if known.by_fingerprint(each, now) == row}
        assert there == admitted
    assert successors.settle(clock.now + WEEK) == 0
    assert successors.settle(clock.now + 2 * WEEK) == 1
    row.refresh_from_db()
    assert (row.tls_fingerprint, row.tls_next_fingerprint, row.tls_ends_at) == (following, "", None)
    assert known.by_fingerprint(former, clock.now + 2 * WEEK) is None


def hear_and_take(folder, clock, official):
    proposal = hear(update(clock.now, told(folder, clock.now)), clock.now)
    updates.take(official("administrator"), proposal, reasons="By voice.", now=clock.now)


def test_a_declined_one_changes_nothing(keys, peer_folder, clock, official):
    proposal = hear(update(clock.now, told(peer_folder, clock.now), REACHED), clock.now)
    updates.decline(official("administrator"), proposal, reasons="They say no.", now=clock.now)
    row = known.find("xb-247")
    assert (row.tls_next_certificate, row.contact) == ("", "")
    assert not successors.waiting()


@pytest.fixture
def today(key_folders, tmp_path, monkeypatch):
    """Our node and its peer with keys that are valid by the machine's clock, each with its next prepared."""
    began = datetime.now(UTC) - timedelta(days=2)
    folders = {}
    for state in ("XA", "XB"):
        folders[state] = tmp_path / f"{state.lower()}-247"
        name = folders[state].name
        sealing_keys.create_authority(folders[state], id=name, name=state, state=state, now=began)
        sealing_keys.prepare(folders[state], "tls", began + timedelta(hours=2), valid_days=1500)
    monkeypatch.setattr(config.NodeConfig, "keys", property(lambda self: folders["XA"]))
    row = entered(folders["XB"])
    return folders["XB"], row


def entered(folder):
    names = ("ca", "seal", "tsa", "ocsp", "tls")
    values = {f"{name}_certificate": (folder / f"{name}.crt").read_text() for name in names}
    values["tls_fingerprint"] = cards.tls_fingerprint(values["tls_certificate"])
    values |= {"state": "XB", "confirmed_at": datetime.now(UTC)}
    return Authority.objects.update_or_create(id="xb-247", defaults=values)[0]


def presenting(folder, name):
    """A peer that shows one of its certificates, as server and as client."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / f"{name}.crt", folder / "tls.key")
    client = peer_context(None)
    client.load_cert_chain(folder / f"{name}.crt", folder / "tls.key")
    return server, client


def test_both_sides_speak_before_during_and_after_the_change(today, official, monkeypatch):
    """Over TLS as it is: there is no moment in which neither certificate of the peer is admitted."""
    folder, row = today
    now = datetime.now(UTC)

    def met(name):
        row.refresh_from_db()
        server, client = presenting(folder, name)
        to_us = shake_hands(tls.server_context(), client)
        to_them = shake_hands(server, tls.client_context(row))
        there = [not isinstance(each, Exception) for each in (to_us, to_them)]
        assert there[0] == there[1]
        return there[0]

    assert (met("tls"), met("tls-next")) == (True, False)
    document = update(now, told(folder, now))
    proposal = successors.propose(row, read_value(document).body, number=1, letter=uuid.uuid4(), now=now)
    assert (met("tls"), met("tls-next")) == (True, False), "announced is not admitted"
    updates.take(official("administrator"), proposal, reasons="By voice.", now=now)
    assert (met("tls"), met("tls-next")) == (True, True)
    Authority.objects.filter(pk=row.pk).update(tls_ends_at=now)
    assert (met("tls"), met("tls-next")) == (False, True)
    successors.settle(datetime.now(UTC))
    assert (met("tls"), met("tls-next")) == (False, True)


def test_our_own_next_certificate_is_shown_to_ask_and_after_the_change(today):
    _, row = today
    folder = config.current().keys
    shown = {
        name: cards.tls_fingerprint((folder / f"{name}.crt").read_text()) for name in ("tls", "tls-next")
    }
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(today[0] / "tls.crt", today[0] / "tls.key")
    theirs.verify_mode = ssl.CERT_REQUIRED
    theirs.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for name in shown:
        theirs.load_verify_locations(folder / f"{name}.crt")
    seen = [
        tls.fingerprint(shake_hands(theirs, tls.client_context(row, own))) for own in (tls.PRESENT, tls.NEXT)
    ]
    assert seen == [shown["tls"], shown["tls-next"]]
    kept = tls.client_context(row)
    sealing_keys.follow(folder, "tls")
    assert tls.client_context(row) is not kept, "connections kept with the former one are used no more"
    assert tls.fingerprint(shake_hands(theirs, tls.client_context(row))) == shown["tls-next"]


def test_no_kept_connection_outlives_the_certificates_it_was_made_with(today):
    _folder, _row = today
    context = tls.server_context()
    context.sslsocket_class = door.MeteredSocket
    one = door.Connection.__new__(door.Connection)
    one.sock, one.written, one.ends = SimpleNamespace(unwanted=False), door._written(), time.time() + 60
    assert not one.is_over()
    one.ends = time.time()
    assert one.is_over()
    one.ends = math.inf
    one.sock.unwanted = True
    assert one.is_over()
    one.sock.unwanted = False
    sealing_keys.follow(config.current().keys, "tls")
    assert one.is_over()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"replaces": "0" * 64}, rules.CertificateReplacesOtherError),
        ({"certificate": "no certificate"}, rules.CertificateForeignError),
        ({"ends_at": "2027-06-12T03:12:00Z"}, rules.CertificateUntimelyError),
        ({"ends_at": "2027-06-13T03:12:00Z"}, rules.CertificateUntimelyError),
        ({"ends_at": "2031-01-01T00:00:00Z"}, rules.CertificateUntimelyError),
        ({"changes_at": "2029-01-01T00:00:00Z"}, rules.CertificateUntimelyError),
    ],
)
def test_an_announcement_that_cannot_be_is_refused(keys, peer_folder, clock, changes, error):
    with pytest.raises(error):
        hear(update(clock.now, told(peer_folder, clock.now, **changes)), clock.now)
    assert not Update.objects.exists()


def issued(folder, issuer, who, leaf="tls", public=None, days=1500, at=timedelta(0)):
    """A certificate of the CA in ``folder``, as a hostile or careless sender would make one."""
    signer = sealing_keys.signer(issuer, "ca")
    now = sealing_keys.read_certificate(folder / "tls.crt").not_valid_before_utc + at
    made = issuing.Issuer(signer.certificate.subject, signer.key.private, now)
    public = public or ec.generate_private_key(ec.SECP256R1()).public_key()
    return issuing.issue_leaf(made, who, leaf, public, days).decode()


def hostile(kind, folder, other):
    who = sealing_keys.read_description(folder)
    seal = sealing_keys.read_certificate(folder / "seal.crt").public_key()
    return {
        "another CA": lambda: issued(folder, other, who),
        "another authority": lambda: issued(folder, folder, sealing_keys.read_description(other)),
        "the key of the seal": lambda: issued(folder, folder, who, public=seal),
        "no TLS certificate": lambda: issued(folder, folder, who, leaf="seal"),
        "the present one": lambda: (folder / "tls.crt").read_text(),
        "two certificates": lambda: (folder / "tls-next.crt").read_text() + (folder / "ca.crt").read_text(),
    }[kind]()


@pytest.mark.parametrize(
    "kind",
    [
        *("another CA", "another authority", "the key of the seal", "no TLS certificate"),
        *("the present one", "two certificates"),
    ],
)
def test_a_foreign_certificate_is_refused(keys, peer_folder, clock, kind):
    pem = hostile(kind, peer_folder, keys.own)
    with pytest.raises(rules.CertificateForeignError):
        hear(update(clock.now, told(peer_folder, clock.now, certificate=pem)), clock.now)


def test_one_that_has_ended_or_not_begun_is_refused(keys, peer_folder, clock):
    who = sealing_keys.read_description(peer_folder)
    ended = issued(peer_folder, peer_folder, who, days=1)
    coming = issued(peer_folder, peer_folder, who, at=timedelta(days=9))
    for pem in (ended, coming):
        with pytest.raises(rules.CertificateUntimelyError):
            hear(update(clock.now, told(peer_folder, clock.now, certificate=pem)), clock.now)


def test_an_older_number_or_the_same_again_is_refused_and_a_newer_replaces_what_waits(
    keys, peer_folder, clock
):
    first = hear(update(clock.now, told(peer_folder, clock.now), number=3), clock.now)
    for number in (3, 2):
        with pytest.raises(successors.UpdateOutdatedError):
            hear(update(clock.now, None, REACHED, number=number), clock.now)
    second = hear(update(clock.now, None, REACHED, number=4), clock.now)
    assert list(successors.waiting()) == [second]
    first.refresh_from_db()
    assert first.standing == "replaced"


@pytest.mark.parametrize(
    "changes",
    [
        {"certificate": None, "reached": None},
        {"items": [{"number": 1}]},
        {"seal": "another key"},
        {"reached": REACHED | {"time_zone": "Nowhere/City"}},
    ],
)
def test_what_is_no_update_is_not_understood(clock, changes):
    document = update(clock.now, None, REACHED)
    document["body"] |= changes
    with pytest.raises(LetterNotUnderstoodError):
        read_value(document)


def test_it_belongs_to_no_case(clock):
    document = update(clock.now, None, REACHED)
    require_sound(read_value(document))
    document["case"]["requesting"] = "XA-2027-000001"
    with pytest.raises(LetterUnsoundError, match="case_number_unasked"):
        require_sound(read_value(document))


def test_a_card_that_says_the_same_leaves_the_former_in_use_beside_it(keys, peer_folder, clock, tmp_path):
    from tests.node.conftest import peer_card

    hear(update(clock.now, told(peer_folder, clock.now)), clock.now)
    folder = tmp_path / "xb-247"
    shutil.copytree(peer_folder, folder)
    sealing_keys.follow(folder, "tls")
    card = peer_card(folder)
    row = cards.import_card(card, confirmed_by="voice", fingerprint=cards.fingerprint(card), now=clock.now)
    assert len(known.admitted(row, clock.now)) == 2
    assert not successors.waiting()
    pem = issued(folder, folder, sealing_keys.read_description(folder))
    (folder / "tls.crt").write_text(pem)
    card = peer_card(folder)
    row = cards.import_card(card, confirmed_by="voice", fingerprint=cards.fingerprint(card), now=clock.now)
    assert [each.strip() for each in known.admitted(row, clock.now)] == [pem.strip()]


def test_the_node_prepares_tells_asks_and_changes_when_all_admit(
    keys, clock, wire, run_jobs, official, monkeypatch
):
    by, present = official("signatory"), known.own().tls_fingerprint
    with pytest.raises(renewing.CertificateNotPreparedError):
        renewing.announce(by, text="-", changes_at=clock.now + WEEK, now=clock.now)
    clock.advance(hours=2)
    renewing.prepare(clock.now)
    for days in (0, 1200):
        with pytest.raises(renewing.ChangeUntimelyError):
            renewing.announce(by, text="-", changes_at=clock.now + timedelta(days=days), now=clock.now)
    with pytest.raises(NotAuthorisedError):
        renewing.announce(official("administrator"), text="-", changes_at=clock.now + WEEK, now=clock.now)
    plan = renewing.announce(by, text="It ends.", changes_at=clock.now + WEEK, reached=REACHED, now=clock.now)
    with pytest.raises(renewing.CertificateAnnouncedError):
        renewing.prepare(clock.now)
    run_jobs()
    assert known.own().contact == "+999 1"
    assert [each.kind for each in Letter.objects.all()] == ["directory_update"]
    asked = []
    monkeypatch.setattr(peer_client, "admits_next", lambda peer: asked.append(peer.id) or len(asked) > 1)
    for hour in range(3):
        renewing.ask_due(clock.advance(hours=1))
        run_jobs()
        assert known.own().tls_fingerprint == (present if hour == 0 else rules.fingerprint(plan.certificate))
    assert asked == ["xb-247", "xb-247"]
    assert not renewing.prepared()
    kinds = ["certificate_prepared", "update_announced", "certificate_admitted", "certificate_changed"]
    assert [Entry.objects.filter(kind=kind).count() for kind in kinds] == [1, 1, 1, 1]


def test_what_is_told_before_the_change_says_the_certificate_again(keys, clock, wire, run_jobs, official):
    by = official("signatory")
    clock.advance(hours=2)
    renewing.prepare(clock.now)
    plan = renewing.announce(by, text="It ends.", changes_at=clock.now + WEEK, now=clock.now)
    later = renewing.announce(by, text="Another number.", reached=REACHED, now=clock.now)
    body = canonical.read(bytes(Letter.objects.get(generation=later.number).canonical))["body"]
    assert (body["certificate"]["certificate"], body["reached"]) == (plan.certificate, REACHED)
    assert renewing.pending() == plan


def test_a_change_that_is_put_off_moves_the_former_s_end_where_it_was_taken(
    keys, peer_folder, clock, official
):
    hear_and_take(peer_folder, clock, official)
    ends = clock.now + 3 * WEEK
    again = told(peer_folder, clock.now, ends_at=canonical.instant_text(ends))
    proposal = hear(update(clock.now, again, number=2), clock.now)
    updates.take(official("administrator"), proposal, reasons="By voice.", now=clock.now)
    assert known.find("xb-247").tls_ends_at == ends


def test_at_its_time_the_node_changes_though_a_peer_has_not_admitted(
    keys, clock, wire, run_jobs, official, monkeypatch
):
    monkeypatch.setattr(peer_client, "admits_next", lambda peer: False)
    clock.advance(hours=2)
    renewing.prepare(clock.now)
    plan = renewing.announce(official("signatory"), text="-", changes_at=clock.now + WEEK, now=clock.now)
    renewing.ask_due(clock.advance(days=6, hours=23))
    run_jobs()
    assert renewing.pending() == plan
    renewing.ask_due(clock.advance(hours=1))
    run_jobs()
    assert renewing.pending() is None
    assert known.own().tls_fingerprint == rules.fingerprint(plan.certificate)


def test_a_change_cut_off_between_file_and_row_is_finished(keys, clock, run_jobs, official, monkeypatch):
    clock.advance(hours=2)
    renewing.prepare(clock.now)
    plan = renewing.announce(official("signatory"), text="-", changes_at=clock.now + WEEK, now=clock.now)
    with monkeypatch.context() as dying:
        dying.setattr(owner, "refresh", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            renewing.keep({}, clock.now + WEEK)
    assert renewing.pending() == plan
    renewing.keep({}, clock.now + WEEK)
    assert renewing.pending() is None
    assert known.own().tls_fingerprint == rules.fingerprint(plan.certificate)
