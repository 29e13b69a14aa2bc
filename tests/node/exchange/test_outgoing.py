from __future__ import annotations

import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from tests.node.exchange.conftest import letter

from comity import canonical
from comity.delivery.envelope import LetterLivesTooLongError
from comity.node import config, store
from comity.node.directory import anchors, known
from comity.node.exchange import arrivals, calling, delivering, keeping, outgoing, reading, receipts, sealing
from comity.node.exchange.models import Letter, Receipt, Stage
from comity.node.jobs.models import Job, JobState
from comity.node.ledger.models import Entry
from comity.node.witnesses.models import Head
from comity.proofs.receipts import ReceiptName
from comity.sealing import encryption, longterm
from comity.sealing.verification import verify
from comity.terms import ComityError, Verdict

pytestmark = pytest.mark.django_db


def stage(row):
    row.refresh_from_db()
    return row.stage


def objects():
    return list(store.keys("letters"))


def job(row, kind="deliver"):
    return Job.objects.get(key=f"exchange.{kind}:{row.id}")


def keep(note, clock):
    return keeping.keep(note, known.find("xb-247"), clock.now)


def test_a_frozen_letter_is_in_the_ledger_and_waits_for_its_seal(frozen):
    assert stage(frozen) == Stage.FROZEN
    assert Entry.objects.filter(kind="letter_frozen", subject=str(frozen.id)).count() == 1
    assert job(frozen, "seal").state == JobState.WAITING


def test_who_keeps_account_of_proofs_is_told_when_a_letter_is_sealed(frozen, clock, run_jobs, monkeypatch):
    told = []
    monkeypatch.setattr(arrivals, "_of_sealed", [lambda letter, ends: told.append((str(letter.pk), ends))])
    run_jobs()
    with reading.container(Letter.objects.get(pk=frozen.pk)) as container:
        assert told == [(str(frozen.pk), longterm.proof_ends(container))]


def test_an_act_that_fails_freezes_nothing(keys, clock, wired):
    with transaction.atomic():
        document = letter("xa-247", "xb-247", clock.now)
        outgoing.freeze(document, peer=known.find("xb-247"), case_reference="", now=clock.now)
        transaction.set_rollback(True)
    assert not Letter.objects.exists()
    assert not Job.objects.exists()


def test_a_letter_that_would_outlive_its_key_is_not_frozen(keys, clock):
    late = canonical.instant_text(clock.now + timedelta(days=30, seconds=1))
    document = letter("xa-247", "xb-247", clock.now) | {"expires_at": late}
    with pytest.raises(LetterLivesTooLongError):
        outgoing.freeze(document, peer=known.find("xb-247"), case_reference="", now=clock.now)


@pytest.mark.parametrize(
    ("source", "target"), [("xc-247", "xb-247"), ("xa-247", "xc-247"), ("xa-247", "xa-247")]
)
def test_a_letter_between_others_is_not_frozen(keys, clock, source, target):
    document = letter(source, target, clock.now)
    with pytest.raises(ComityError):
        outgoing.freeze(document, peer=known.find("xb-247"), case_reference="", now=clock.now)
    assert not Letter.objects.exists()


@pytest.mark.usefixtures("real_pdfs")
def test_what_is_sent_is_the_stored_container_encrypted_to_the_peer(frozen, wire, clock, run_jobs):
    run_jobs()
    assert stage(frozen) == Stage.RELAYED
    plain = io.BytesIO()
    encryption.decrypt(io.BytesIO(wire.handed[0]), plain, [wire.peer.keys.identity])
    plain.seek(0)
    report = verify(plain, trust=anchors.trust(), identities=None, as_of=clock.now)
    assert (report.verdict, report.by, report.kind) == (Verdict.PASSED, "xa-247", "letter")
    names = [file.name for file in report.files]
    assert names == ["letter.json", "letter.en.pdf", "letter.kk.pdf", "letter.ru.pdf"]
    with reading.container(frozen) as kept:
        assert kept.read() == plain.getvalue()


@pytest.mark.parametrize("most", [1 << 20, -1])
def test_a_small_letter_lies_nowhere_in_plain_and_a_large_one_is_the_same(
    frozen, wire, clock, run_jobs, monkeypatch, most
):
    written, real = [], sealing.write_container

    def noted(flow, *rest, **how):
        sealed = real(flow, *rest, **how)
        written.extend(path.name for path in config.current().arriving.rglob("*") if path.is_file())
        return sealed

    monkeypatch.setattr(sealing, "write_container", noted)
    monkeypatch.setattr(sealing, "IN_MEMORY", most)
    run_jobs()
    assert (stage(frozen), written) == (Stage.RELAYED, [] if most >= 0 else ["sealed"])
    with reading.container(frozen) as kept:
        assert verify(kept, trust=anchors.trust(), identities=None, as_of=clock.now).verdict == Verdict.PASSED


def test_the_transport_key_opens_nothing_that_lies_on_the_disk(frozen, wire, run_jobs):
    run_jobs()
    assert len(objects()) == 2
    for key in objects():
        with store.open(key) as stored, pytest.raises(encryption.NotForThisIdentityError):
            encryption.decrypt(stored, io.BytesIO(), [sealing.own_keys().identity])


def test_sealing_again_after_a_crash_changes_nothing_and_leaves_no_stray(frozen, clock, monkeypatch):
    def crash(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "_enter", crash)
        with pytest.raises(KeyboardInterrupt):
            sealing.seal({"letter": str(frozen.id)}, clock.now)
    assert len(objects()) == 2, "the crash left two objects that no row names"
    sealing.seal({"letter": str(frozen.id)}, clock.now)
    sealing.seal({"letter": str(frozen.id)}, clock.now)
    assert stage(frozen) == Stage.SEALED
    assert objects() == sorted([frozen.container, frozen.travelling])
    assert Entry.objects.filter(kind="letter_sealed").count() == 1
    assert not list(config.current().arriving.iterdir()), "no temporary file is left"


def test_a_full_disk_keeps_the_letter_frozen_until_there_is_room(frozen, wire, clock, run_jobs, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(sealing, "_write", full)
        run_jobs()
    assert (stage(frozen), job(frozen, "seal").last_code, objects()) == (Stage.FROZEN, "disk_full", [])
    clock.advance(minutes=1)
    run_jobs()
    assert stage(frozen) == Stage.RELAYED


def test_a_peer_that_is_away_is_tried_again(frozen, wire, clock, run_jobs):
    wire.away = True
    run_jobs()
    for _ in range(5):
        clock.advance(minutes=1)
        run_jobs()
    assert stage(frozen) == Stage.SEALED
    assert frozen.attempts > 3
    wire.away = False
    clock.advance(minutes=10)
    run_jobs()
    assert stage(frozen) == Stage.RELAYED
    assert len(wire.handed) == 1


def test_a_peer_that_stays_away_is_attested_by_ourselves(frozen, wire, clock, run_jobs, acted):
    told = []
    arrivals.on_receipt(lambda row, name, now: told.append(name))
    wire.away = True
    run_jobs()
    clock.advance(hours=12)
    run_jobs()
    assert (stage(frozen), frozen.refusal_code) == (Stage.FAILED, "timed_out")
    receipt = Receipt.objects.get(letter=frozen)
    assert (receipt.kind, receipt.issued_by) == ("RELAY_REMMD_FAILURE", "xa-247")
    assert told == [ReceiptName.RELAY_REMMD_FAILURE]
    assert job(frozen).state == JobState.DONE


def test_silence_is_attested_once_even_if_the_node_dies_between(frozen, wire, clock, run_jobs, monkeypatch):
    def crash(*_, **__):
        raise KeyboardInterrupt

    wire.away = True
    run_jobs()
    stage(frozen)
    with monkeypatch.context() as patch:
        patch.setattr(receipts, "issue", crash)
        with pytest.raises(KeyboardInterrupt):
            receipts.attest_silence(frozen, ReceiptName.RELAY_REMMD_FAILURE, clock.now)
    stage(frozen)
    receipts.attest_silence(frozen, ReceiptName.RELAY_REMMD_FAILURE, clock.now)
    assert Receipt.objects.get(letter=frozen).kind == "RELAY_REMMD_FAILURE"
    assert Entry.objects.filter(content__receipt="RELAY_REMMD_FAILURE").count() == 1


def test_a_receipt_that_comes_at_the_last_moment_is_not_overruled_by_our_verdict(
    frozen, wire, clock, run_jobs
):
    run_jobs()
    stage(frozen)
    before = Letter.objects.get(id=frozen.id)
    keep(wire.peer.receipt(frozen, ReceiptName.DELIVERY, clock.now), clock)
    receipts.attest_silence(before, ReceiptName.NON_DELIVERY, clock.now)
    assert stage(frozen) == Stage.DELIVERED
    assert not Receipt.objects.filter(kind="NON_DELIVERY").exists()


def test_a_receipt_that_comes_after_our_own_verdict_still_counts(frozen, wire, clock, run_jobs):
    wire.away = True
    run_jobs()
    clock.advance(hours=12)
    run_jobs()
    keep(wire.peer.receipt(frozen, ReceiptName.DELIVERY, clock.now), clock)
    assert stage(frozen) == Stage.DELIVERED


def test_after_a_late_acceptance_the_later_truth_is_told_too(frozen, wire, clock, run_jobs):
    wire.away = True
    run_jobs()
    clock.advance(hours=12)
    run_jobs()
    assert (stage(frozen), job(frozen).state) == (Stage.FAILED, JobState.DONE)
    clock.advance(hours=60)
    keep(wire.peer.receipt(frozen, ReceiptName.RELAY_REMMD_ACCEPTANCE, clock.now), clock)
    run_jobs()
    assert stage(frozen) == Stage.RELAYED
    clock.advance(hours=11)
    run_jobs()
    assert stage(frozen) == Stage.RELAYED, "the delivery has its time, from the late acceptance on"
    clock.advance(hours=1)
    run_jobs()
    assert (stage(frozen), frozen.refusal_code) == (Stage.FAILED, "timed_out")
    keep(wire.peer.receipt(frozen, ReceiptName.DELIVERY, clock.now), clock)
    assert (stage(frozen), frozen.refusal_code) == (Stage.DELIVERED, "")
    clock.advance(hours=12)
    run_jobs()
    kinds = list(Receipt.objects.filter(letter=frozen).order_by("id").values_list("kind", flat=True))
    assert kinds == [
        "RELAY_REMMD_FAILURE",
        "RELAY_REMMD_ACCEPTANCE",
        "NON_DELIVERY",
        "DELIVERY",
        "NON_RETRIEVAL",
    ]
    assert stage(frozen) == Stage.DELIVERED


def test_a_peer_that_read_a_refused_letter_after_all_is_believed(frozen, wire, clock, run_jobs):
    run_jobs()
    refused = {"code": "not_understood", "text": "of a newer version"}
    keep(wire.peer.receipt(frozen, ReceiptName.NON_DELIVERY, clock.now, reason=refused), clock)
    assert (stage(frozen), frozen.refusal_code) == (Stage.FAILED, "not_understood")
    run_jobs()
    assert job(frozen).state == JobState.DONE
    clock.advance(days=3)
    keep(wire.peer.receipt(frozen, ReceiptName.DELIVERY, clock.now), clock)
    run_jobs()
    assert (stage(frozen), frozen.refusal_code, job(frozen).state) == (Stage.DELIVERED, "", JobState.WAITING)


def test_each_receipt_moves_the_letter_on(frozen, wire, clock, run_jobs):
    run_jobs()
    for name, after in ((ReceiptName.DELIVERY, Stage.DELIVERED), (ReceiptName.RETRIEVAL, Stage.RETRIEVED)):
        keep(wire.peer.receipt(frozen, name, clock.now), clock)
        assert stage(frozen) == after
    run_jobs()
    assert job(frozen).state == JobState.DONE


def test_a_delivery_that_is_not_attested_in_time_failed(frozen, wire, clock, run_jobs):
    run_jobs()
    clock.advance(hours=24)
    run_jobs()
    assert (stage(frozen), Receipt.objects.filter(kind="NON_DELIVERY").count()) == (Stage.FAILED, 1)


def test_a_delivered_letter_that_nobody_opens_stays_delivered(frozen, wire, clock, run_jobs):
    run_jobs()
    keep(wire.peer.receipt(frozen, ReceiptName.DELIVERY, clock.now), clock)
    clock.advance(hours=36)
    run_jobs()
    assert (stage(frozen), Receipt.objects.filter(kind="NON_RETRIEVAL").count()) == (Stage.DELIVERED, 1)


def test_a_rejection_ends_the_delivery_with_its_code(frozen, wire, clock, run_jobs):
    wire.answer = ReceiptName.RELAY_REMMD_REJECTION
    run_jobs()
    assert (stage(frozen), frozen.refusal_code) == (Stage.FAILED, "expired")
    clock.advance(hours=1)
    run_jobs()
    assert len(wire.handed) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"letter": "6b1f6a0e-4c53-4c58-8e39-0a4b3c7f2d11"},
        {"container": {"sha256": "ab" * 32, "bytes": 1}},
        {"to": "xc-247"},
        {"receipt": "RELAY_REMMD_FAILURE", "reason": {"code": "x", "text": "only the sender attests this"}},
    ],
)
def test_a_receipt_about_something_else_changes_nothing(frozen, wire, clock, run_jobs, changes):
    run_jobs()
    with pytest.raises(ComityError):
        keep(wire.peer.receipt(frozen, ReceiptName.DELIVERY, clock.now, **changes), clock)
    assert stage(frozen) == Stage.RELAYED


def test_a_receipt_of_another_letter_is_no_answer_to_an_offer(frozen, wire, clock, run_jobs):
    """It is kept for the letter that it is about; the one that was offered is offered again."""
    run_jobs()
    tried = frozen.attempts, frozen.tried_at = Letter.objects.values_list("attempts", "tried_at").get()
    document = letter("xa-247", "xb-247", clock.now)
    peer = known.find("xb-247")
    other = outgoing.freeze(document, peer=peer, case_reference="XA-2027-000002", now=clock.now)
    answer, wire.answer = wire.answer, wire.peer.receipt(frozen, ReceiptName.DELIVERY, clock.now)
    run_jobs()
    assert (stage(frozen), frozen.attempts, frozen.tried_at) == (Stage.DELIVERED, *tried)
    assert (stage(other), other.attempts, other.tried_code) == (Stage.SEALED, 1, "receipt_foreign")
    assert job(other).run_after - clock.now < timedelta(minutes=15)
    wire.answer = answer
    clock.advance(minutes=15)
    run_jobs()
    assert (stage(other), other.attempts) == (Stage.RELAYED, 2)


def test_the_head_of_a_receipt_is_remembered_though_keeping_the_receipt_fails(
    frozen, wire, clock, run_jobs, monkeypatch
):
    """A peer that shows two ledgers is found out though something of ours fails meanwhile."""

    def fails(*_):
        raise RuntimeError

    run_jobs()
    note, before = wire.peer.receipt(frozen, ReceiptName.DELIVERY, clock.now), Head.objects.count()
    with monkeypatch.context() as failing:
        failing.setattr(arrivals, "_listeners", [fails])
        with pytest.raises(RuntimeError):
            keep(note, clock)
    assert (stage(frozen), Head.objects.count()) == (Stage.RELAYED, before + 1)
    keep(note, clock)
    assert (stage(frozen), Head.objects.count()) == (Stage.DELIVERED, before + 1)


def test_receipts_may_come_in_any_order(frozen, wire, clock, run_jobs):
    run_jobs()
    for name in (ReceiptName.RETRIEVAL, ReceiptName.DELIVERY):
        keep(wire.peer.receipt(frozen, name, clock.now), clock)
        assert stage(frozen) == Stage.RETRIEVED


def test_an_acceptance_lost_in_a_crash_is_asked_for_again(frozen, wire, clock, run_jobs, monkeypatch):
    def dies(*_):
        raise RuntimeError

    with monkeypatch.context() as dying:
        dying.setattr(keeping, "keep", dies)
        run_jobs()
    for name in (ReceiptName.DELIVERY, ReceiptName.RETRIEVAL):
        keep(wire.peer.receipt(frozen, name, clock.now), clock)
    clock.advance(minutes=1)
    run_jobs()
    assert Receipt.objects.filter(letter=frozen, kind="RELAY_REMMD_ACCEPTANCE").exists()
    assert (stage(frozen), job(frozen).state) == (Stage.RETRIEVED, JobState.DONE)


def test_a_forged_receipt_changes_nothing(frozen, wire, clock, run_jobs):
    run_jobs()
    good = wire.peer.receipt(frozen, ReceiptName.DELIVERY, clock.now)
    for forged in (good.replace(b"DELIVERY", b"RETRIEVAL"), good[:-9] + b"AAAAAAA=\n", b"thanks!"):
        with pytest.raises(ComityError):
            keep(forged, clock)
    assert stage(frozen) == Stage.RELAYED


def test_an_answer_that_is_no_receipt_counts_as_silence(frozen, wire, clock, run_jobs):
    wire.answer = b"thanks!"
    run_jobs()
    assert stage(frozen) == Stage.SEALED
    wire.answer = ReceiptName.RELAY_REMMD_ACCEPTANCE
    clock.advance(minutes=1)
    run_jobs()
    assert stage(frozen) == Stage.RELAYED


def test_the_same_receipt_twice_is_kept_once_and_another_is_a_conflict(frozen, wire, clock, run_jobs):
    run_jobs()
    first = wire.peer.receipt(frozen, ReceiptName.DELIVERY, clock.now)
    other = wire.peer.receipt(frozen, ReceiptName.DELIVERY, clock.now + timedelta(seconds=5))
    assert keep(first, clock) == keep(first, clock)
    with pytest.raises(keeping.ReceiptConflictError):
        keep(other, clock)
    assert Receipt.objects.get(kind="DELIVERY").note.encode() == first
    assert Entry.objects.filter(kind="receipt_conflict").count() == 1


def test_letters_of_a_case_go_in_their_order(frozen, wire, clock, run_jobs):
    second = letter("xa-247", "xb-247", clock.now, generation=2)
    peer = known.find("xb-247")
    outgoing.freeze(second, peer=peer, case_reference="XA-2027-000001", urgent=True, now=clock.now)
    run_jobs()
    clock.advance(minutes=5)
    run_jobs()
    assert [envelope.generation for envelope in wire.offered] == [1], "the second waits for the delivery"
    keep(wire.peer.receipt(frozen, ReceiptName.DELIVERY, clock.now), clock)
    clock.advance(minutes=5)
    run_jobs()
    assert [envelope.generation for envelope in wire.offered] == [1, 2]


def test_a_letter_as_large_as_letters_may_be_has_its_envelope(clock):
    """4 to 16 MiB: it is sealed, so it must be offered; else its peer's silence would be attested."""
    written = letter("xa-247", "xb-247", clock.now) | {"limits": ["x" * 1_000_000] * 5}
    frozen = SimpleNamespace(canonical=canonical.write(written), sha256="a" * 64, bytes=5)
    assert len(frozen.canonical) > canonical.MAX_BYTES
    assert delivering.envelope_of(frozen).letter == written["id"]


def test_the_address_of_a_peer_stands_as_it_must_above_what_is_asked():
    assert calling._host("https://[::1]:8443/base") == "[::1]:8443"
    assert calling._host("https://peer.example:8443") == "peer.example:8443"
