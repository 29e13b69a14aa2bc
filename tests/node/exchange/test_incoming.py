from __future__ import annotations

import io
import threading
from datetime import timedelta

import pytest
from django.db import connections
from tests.node.conftest import START
from tests.node.exchange.conftest import letter

from comity import canonical
from comity.node import config, durable, store
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.databases import DatabaseFullError
from comity.node.directory import anchors, known
from comity.node.exchange import arrivals, incoming, opening, reading
from comity.node.exchange.delivering import SEND_RECEIPT
from comity.node.exchange.models import Letter, Receipt, Rejection, Stage
from comity.node.jobs import Later
from comity.node.jobs.models import Job, JobState
from comity.node.ledger import holding
from comity.node.ledger import keys as ledger_keys
from comity.node.ledger.models import Entry
from comity.proofs.receipts import verify_receipt
from comity.sealing import keys as sealing_keys
from comity.sealing.manifest import Kind
from comity.sealing.verification import examined
from comity.terms import ComityError, gettext_noop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wired")]


@pytest.fixture
def arriving(peer, clock):
    """A letter from the peer: ``(document, container, envelope)``."""
    document = letter("xb-247", "xa-247", clock.now)
    container = peer.seal(document, clock.now)
    return document, container, peer.envelope(document, container)


def peer_row():
    return known.find("xb-247")


def accept(container, envelope, clock):
    return incoming.accept(io.BytesIO(container), envelope, peer_row(), clock.now)


def read(note):
    """What one of our receipts says, after verifying its signature, checkpoint and inclusion."""
    return verify_receipt(note, ledger_keys.signer().verifier)[0]


def waiting():
    folder = config.current().arriving
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def row(document):
    return Letter.objects.get(id=document["id"])


def test_an_accepted_letter_is_on_disk_and_in_the_ledger_before_its_receipt(arriving, clock):
    document, container, envelope = arriving
    receipt = read(accept(container, envelope, clock))
    assert (receipt.receipt, receipt.letter, receipt.reason) == (
        "RELAY_REMMD_ACCEPTANCE",
        document["id"],
        None,
    )
    assert (receipt.container.sha256, receipt.container.bytes) == (envelope.sha256, len(container))
    assert (config.current().arriving / waiting()[0]).read_bytes() == container
    assert row(document).stage == Stage.ACCEPTED


def test_a_duplicate_is_answered_with_the_same_bytes(arriving, clock, run_jobs, wire, acted):
    _, container, envelope = arriving
    first = accept(container, envelope, clock)
    assert accept(container, envelope, clock) == first
    run_jobs()
    clock.advance(days=400)
    assert incoming.answer_offer(envelope, peer_row(), clock.now) == first
    assert Receipt.objects.filter(kind="RELAY_REMMD_ACCEPTANCE").count() == 1


def test_an_offer_is_wanted_once(arriving, clock):
    _, container, envelope = arriving
    assert incoming.answer_offer(envelope, peer_row(), clock.now) == 0
    note = accept(container, envelope, clock)
    assert incoming.answer_offer(envelope, peer_row(), clock.now) == note


def test_a_node_that_died_before_answering_answers_when_asked_again(arriving, clock, monkeypatch):
    def crash(*_, **__):
        raise KeyboardInterrupt

    _, container, envelope = arriving
    with monkeypatch.context() as patch:
        patch.setattr(incoming.receipts, "issue_several", crash)
        with pytest.raises(KeyboardInterrupt):
            accept(container, envelope, clock)
    assert read(accept(container, envelope, clock)).receipt == "RELAY_REMMD_ACCEPTANCE"
    assert Entry.objects.filter(kind="receipt").count() == 1


def test_a_letter_is_kept_while_the_ledger_signs_nothing_and_receipted_afterwards(arriving, clock):
    document, container, envelope = arriving
    folder = config.current().folder
    holding.hold(folder, holding.RESTORED, clock.now)
    try:
        with pytest.raises(holding.LedgerHeldError):
            accept(container, envelope, clock)
    finally:
        holding.release(folder)
    assert (row(document).stage, Job.objects.filter(kind=incoming.OPEN).count()) == (Stage.ACCEPTED, 1)
    assert not Receipt.objects.exists()
    assert read(accept(container, envelope, clock)).receipt == "RELAY_REMMD_ACCEPTANCE"
    assert Entry.objects.filter(kind="receipt").count() == 1


def test_a_database_that_is_full_keeps_nothing_of_a_letter(arriving, clock, monkeypatch):
    def full(*_, **__):
        raise DatabaseFullError

    _, container, envelope = arriving
    with monkeypatch.context() as patch:
        patch.setattr(incoming.receipts, "issue_several", full)
        with pytest.raises(DatabaseFullError):
            accept(container, envelope, clock)
    assert not Letter.objects.exists()
    assert not Entry.objects.filter(kind="receipt").exists()
    assert read(accept(container, envelope, clock)).receipt == "RELAY_REMMD_ACCEPTANCE"


def test_a_node_that_died_before_its_row_was_written_takes_the_letter_again(arriving, clock, monkeypatch):
    def crash(*_):
        raise KeyboardInterrupt

    _, container, envelope = arriving
    with monkeypatch.context() as patch:
        patch.setattr(incoming, "_enter", crash)
        with pytest.raises(KeyboardInterrupt):
            accept(container, envelope, clock)
    assert len(waiting()) == 1
    accept(container, envelope, clock)
    assert len(waiting()) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"from": "xc-247"}, "unknown_sender"),
        ({"to": "xc-247"}, "wrong_recipient"),
        ({"expires_at": "2027-06-12T03:12:00Z"}, "expired"),
        ({"expires_at": "2030-01-01T00:00:00Z"}, "life_too_long"),
        ({"bytes": incoming.MAX_CONTAINER_BYTES + 1}, "size_exceeded"),
    ],
)
def test_what_is_refused_gets_a_signed_rejection_that_stays_the_same(arriving, peer, clock, changes, code):
    document, container, _ = arriving
    envelope = peer.envelope(document, container, **changes)
    note = accept(container, envelope, clock)
    assert (read(note).receipt, read(note).reason.code) == ("RELAY_REMMD_REJECTION", code)
    clock.advance(hours=1)
    assert accept(container, envelope, clock) == note
    assert (Rejection.objects.count(), Entry.objects.filter(kind="receipt").count()) == (1, 1)
    assert not Letter.objects.exists()
    assert waiting() == []


def test_an_id_that_was_used_is_refused_for_another_container(arriving, peer, clock):
    document, container, envelope = arriving
    accept(container, envelope, clock)
    other = peer.seal(document, clock.now)
    note = accept(other, peer.envelope(document, other), clock)
    assert read(note).reason.code == "replayed"
    assert len(waiting()) == 1


def test_a_number_that_another_container_took_meanwhile_is_refused(arriving, peer, clock):
    """Who was second with it gets a rejection, and not the receipt of whoever was first."""
    document, container, envelope = arriving
    other = peer.seal(document, clock.now)
    first = []

    class Overtaken(io.BytesIO):
        def readinto(self, space):
            if not first:
                first.append(read(accept(other, peer.envelope(document, other), clock)))
            return super().readinto(space)

    note = incoming.accept(Overtaken(container), envelope, peer_row(), clock.now)
    assert first[0].receipt == "RELAY_REMMD_ACCEPTANCE"
    assert read(note).receipt == "RELAY_REMMD_REJECTION"
    assert Letter.objects.get().sha256 == first[0].container.sha256


def test_our_own_letter_cannot_be_sent_back_to_us(frozen, arriving, peer, clock, wire, run_jobs):
    run_jobs()
    document, container, _ = arriving
    envelope = peer.envelope(document | {"id": str(frozen.id)}, container)
    assert read(accept(container, envelope, clock)).reason.code == "replayed"


@pytest.mark.parametrize("keep", [0, 1, 1000, -1])
def test_a_cut_off_body_leaves_nothing(arriving, clock, keep):
    _, container, envelope = arriving
    with pytest.raises(incoming.CutOffError):
        accept(container[:keep], envelope, clock)
    assert (waiting(), Letter.objects.count(), Entry.objects.filter(kind="receipt").count()) == ([], 0, 0)
    assert read(accept(container, envelope, clock)).receipt == "RELAY_REMMD_ACCEPTANCE"


def test_other_or_more_bytes_than_the_envelope_names_leave_nothing(arriving, clock):
    _, container, envelope = arriving
    for body in (container[:-1] + b"?", container + b"?"):
        with pytest.raises(incoming.ContainerDiffersError):
            accept(body, envelope, clock)
    assert (waiting(), Letter.objects.count()) == ([], 0)


def test_a_full_disk_leaves_nothing_and_the_letter_comes_later(arriving, clock, monkeypatch):
    _, container, envelope = arriving

    class Full(io.BytesIO):
        def readinto(self, space):
            raise OSError(28, "No space left on device")

    with pytest.raises(durable.DiskFullError):
        incoming.accept(Full(), envelope, peer_row(), clock.now)
    with monkeypatch.context() as patch:
        patch.setattr(durable, "RESERVE", 1 << 62)
        with pytest.raises(durable.DiskFullError):
            accept(container, envelope, clock)
    assert (waiting(), Letter.objects.count()) == ([], 0)
    accept(container, envelope, clock)


@pytest.mark.django_db(transaction=True)
def test_the_same_letter_on_many_connections_is_one_letter(arriving, clock):
    _, container, envelope = arriving
    notes, failures = [], []

    def send():
        try:
            notes.append(accept(container, envelope, clock))
        except Exception as error:  # shown by the assertion below
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert (len(set(notes)), len(notes)) == (1, 6)
    assert (Letter.objects.count(), Job.objects.filter(kind=incoming.OPEN).count()) == (1, 1)


def test_a_verified_letter_acts_once_and_is_kept_under_our_own_key(arriving, clock, run_jobs, wire, acted):
    document, container, envelope = arriving
    accept(container, envelope, clock)
    run_jobs()
    opening.open_arrival({"letter": document["id"]}, clock.now)
    kept = row(document)
    assert kept.refusal_code == ""
    assert (kept.stage, kept.kind, acted) == (Stage.DELIVERED, "registration", [document["id"]])
    assert bytes(kept.canonical) == canonical.write(document)
    assert kept.report["verdict"] == "passed"
    assert [read(note.encode()).receipt for note in wire.receipts] == ["DELIVERY"]
    assert waiting() == []
    assert list(store.keys("letters")) == [kept.container]
    with reading.container(kept) as sealed:
        assert sealed.read(4) == b"PK\x03\x04"


@pytest.mark.parametrize("held", [opening._HELD, 1])
def test_a_letter_is_opened_in_memory_and_a_large_one_in_a_file_without_a_name(
    arriving, clock, acted, monkeypatch, held
):
    document, container, envelope = arriving
    accept(container, envelope, clock)
    seen: list[tuple[bool, list[str]]] = []

    def noted(stream, **given):
        seen.append((stream._rolled, waiting()))
        return examined(stream, **given)

    monkeypatch.setattr(opening, "_HELD", held)
    monkeypatch.setattr(opening, "examined", noted)
    opening.open_arrival({"letter": document["id"]}, clock.now)
    assert (acted, row(document).stage) == ([document["id"]], Stage.DELIVERED)
    assert seen == [(held == 1, [incoming.quarantined(envelope.letter, envelope.sha256).name])]
    assert waiting() == []


def test_a_letter_that_two_workers_open_at_once_acts_once(arriving, clock, acted, monkeypatch):
    document, container, envelope = arriving
    accept(container, envelope, clock)
    found = opening._found

    def meanwhile(*opened):
        monkeypatch.setattr(opening, "_found", found)
        opening.open_arrival({"letter": document["id"]}, clock.now)
        return found(*opened)

    monkeypatch.setattr(opening, "_found", meanwhile)
    opening.open_arrival({"letter": document["id"]}, clock.now)
    assert (acted, row(document).stage) == ([document["id"]], Stage.DELIVERED)
    assert Entry.objects.filter(kind="letter_received").count() == 1
    assert list(store.keys("letters")) == [row(document).container]


def refused(document, container, envelope, clock, run_jobs, wire):
    """The code with which the letter was refused on opening, in row and receipt."""
    accept(container, envelope, clock)
    run_jobs()
    kept = row(document)
    receipt = read(wire.receipts[-1].encode())
    assert (kept.stage, receipt.receipt, receipt.reason.code) == (
        Stage.REFUSED,
        "NON_DELIVERY",
        kept.refusal_code,
    )
    assert waiting() == [kept.travelling], "it stays in the quarantine"
    assert list(store.keys("letters")) == []
    return kept.refusal_code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "xc-247"}, "wrong_recipient"),
        ({"from": "xc-247"}, "letter_not_of_sealer"),
        ({"generation": 2}, "envelope_false"),
        ({"expires_at": "2027-06-20T00:00:00Z"}, "envelope_false"),
        ({"id": "6b1f6a0e-4c53-4c58-8e39-0a4b3c7f2d11"}, "envelope_false"),
        ({"kind": "song"}, "not_understood"),
        ({"extra": 1}, "not_understood"),
    ],
)
def test_what_the_seal_covers_counts(peer, clock, run_jobs, wire, acted, changes, code):
    document = letter("xb-247", "xa-247", clock.now)
    container = peer.seal(document | changes, clock.now)
    envelope = peer.envelope(document, container)
    assert refused(document, container, envelope, clock, run_jobs, wire) == code
    assert acted == []


def test_an_envelope_that_says_a_later_writing_gives_no_letter_a_longer_life(
    peer, clock, run_jobs, wire, acted
):
    later = canonical.instant_text(clock.now + timedelta(days=30, minutes=1))
    document = letter("xb-247", "xa-247", clock.now) | {"expires_at": later}
    container = peer.seal(document, clock.now)
    said = canonical.instant_text(clock.now + timedelta(minutes=1))
    envelope = peer.envelope(document, container, written_at=said)
    assert refused(document, container, envelope, clock, run_jobs, wire) == "life_too_long"
    assert acted == []


def test_a_receipt_that_the_sender_does_not_accept_is_sent_once(peer, clock, run_jobs, wire, acted):
    document = letter("xb-247", "xa-247", clock.now)
    wire.refuses_receipts = True
    rubbish = b"nothing that the sender ever wrote"
    refused(document, rubbish, peer.envelope(document, rubbish), clock, run_jobs, wire)
    clock.advance(hours=1)
    run_jobs()
    assert len(wire.receipts) == 1
    assert Job.objects.get(kind=SEND_RECEIPT).state == JobState.DONE
    assert Receipt.objects.filter(letter=row(document), kind="NON_DELIVERY").count() == 1, "it is kept"


def test_a_receipt_for_a_sender_that_is_away_is_sent_again(arriving, clock, run_jobs, wire, acted):
    _, container, envelope = arriving
    accept(container, envelope, clock)
    wire.away = True
    run_jobs()
    wire.away = False
    clock.advance(hours=1)
    run_jobs()
    assert [read(note.encode()).receipt for note in wire.receipts] == ["DELIVERY"]


def test_a_letter_encrypted_to_another_is_refused(arriving, peer, clock, run_jobs, wire, acted):
    document, _, _ = arriving
    container = peer.seal(document, clock.now, recipient=peer.keys.recipient)
    envelope = peer.envelope(document, container)
    assert refused(document, container, envelope, clock, run_jobs, wire) == "not_for_this_identity"


def test_a_letter_sealed_by_a_stranger_is_refused(arriving, peer, clock, run_jobs, wire, acted, tmp_path):
    document, _, _ = arriving
    folder = tmp_path / "stranger"
    sealing_keys.create_authority(folder, id="xb-247", name="Impostor", state="XB", now=START)
    container = peer.seal(document, clock.now, keys=sealing_keys.load(folder))
    envelope = peer.envelope(document, container)
    assert refused(document, container, envelope, clock, run_jobs, wire) == "certificate_untrusted"
    assert acted == []


def test_a_letter_sealed_by_ourselves_does_not_come_from_the_peer(
    arriving, peer, clock, run_jobs, wire, acted
):
    document, _, _ = arriving
    own = sealing_keys.load(config.current().keys)
    container = peer.seal(document | {"from": "xa-247", "to": "xb-247"}, clock.now, keys=own)
    envelope = peer.envelope(document, container)
    assert refused(document, container, envelope, clock, run_jobs, wire) == "sealed_by_another"


def test_a_package_that_is_no_letter_is_refused(arriving, peer, clock, run_jobs, wire, acted):
    document, _, _ = arriving
    container = peer.seal(document, clock.now, kind=Kind.FILES)
    envelope = peer.envelope(document, container)
    assert refused(document, container, envelope, clock, run_jobs, wire) == "sealed_by_another"


def test_an_expired_seal_certificate_is_refused(peer, clock, run_jobs, wire, acted, tmp_path, monkeypatch):
    folder = tmp_path / "old"
    sealing_keys.create_authority(folder, id="xb-247", name="Old", state="XB", now=START, valid_days=30)
    clock.advance(days=31)
    old = sealing_keys.load(folder)
    document = letter("xb-247", "xa-247", clock.now)
    container = peer.seal(document, clock.now, keys=old)
    trusted = anchors.trust()
    monkeypatch.setattr(
        anchors,
        "trust",
        lambda: type(trusted)({**trusted.authorities, **sealing_trust(folder).authorities}),
    )
    envelope = peer.envelope(document, container)
    assert refused(document, container, envelope, clock, run_jobs, wire) == "certificate_expired"


def sealing_trust(folder):
    from comity.sealing import trust

    return trust.load(folder)


class CaseClosedError(ComityError):
    code = "case_closed"
    message = gettext_noop("closed")


def test_a_letter_that_its_room_refuses_leaves_nothing_of_it(arriving, clock, run_jobs, wire, monkeypatch):
    def act(row, document, now):
        Entry.objects.create(kind="half_done", subject="x", commitment=b"", written_at=now)
        raise CaseClosedError

    monkeypatch.setattr(arrivals, "_handlers", {"registration": act})
    assert refused(*arriving, clock, run_jobs, wire) == "case_closed"
    assert not Entry.objects.filter(kind="half_done").exists()


def test_a_letter_whose_room_must_wait_is_opened_later(arriving, clock, run_jobs, wire, monkeypatch):
    document, container, envelope = arriving
    ready = []

    def act(row, document, now):
        if not ready:
            raise Later(60)

    monkeypatch.setattr(arrivals, "_handlers", {"registration": act})
    accept(container, envelope, clock)
    run_jobs()
    assert row(document).stage == Stage.ACCEPTED
    ready.append(True)
    clock.advance(minutes=1)
    run_jobs()
    assert row(document).stage == Stage.DELIVERED
    assert list(store.keys("letters")) == [row(document).container]


def test_a_full_disk_while_opening_refuses_nothing(arriving, clock, run_jobs, wire, acted, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    document, container, envelope = arriving
    accept(container, envelope, clock)
    with monkeypatch.context() as patch:
        patch.setattr(opening.encryption, "encrypt", full)
        run_jobs()
    assert row(document).stage == Stage.ACCEPTED
    assert Job.objects.get(kind=incoming.OPEN).last_code == "disk_full"
    clock.advance(minutes=1)
    run_jobs()
    assert (row(document).stage, acted) == (Stage.DELIVERED, [document["id"]])


def test_opening_is_attested_the_first_time_only(arriving, clock, run_jobs, wire, acted, official):
    document, container, envelope = arriving
    accept(container, envelope, clock)
    run_jobs()
    with pytest.raises(NotAuthorisedError):
        reading.open_letter(official("administrator"), row(document), clock.now)
    for _ in range(2):
        reading.open_letter(official("registrar"), row(document), clock.now)
    run_jobs()
    assert row(document).stage == Stage.RETRIEVED
    assert [read(note.encode()).receipt for note in wire.receipts] == ["DELIVERY", "RETRIEVAL"]


def test_receipts_reach_a_peer_that_was_away(arriving, clock, run_jobs, wire, acted):
    _, container, envelope = arriving
    accept(container, envelope, clock)
    wire.away = True
    run_jobs()
    for _ in range(60):
        clock.advance(minutes=15)
        run_jobs()
    assert wire.receipts == []
    wire.away = False
    clock.advance(minutes=15)
    run_jobs()
    assert [read(note.encode()).receipt for note in wire.receipts] == ["DELIVERY"]
    assert not Job.objects.exclude(state=JobState.DONE).exists()
