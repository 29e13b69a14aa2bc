"""What remains of an erased container is sealed again in the year before its proof ends: simulated time."""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client
from tests.node.exhibits.test_evidence_export import _encrypted
from tests.node.exhibits.test_renewals import custodian as custodian
from tests.node.exhibits.test_renewals import ending as ending
from tests.node.exhibits.test_renewals import lasting as lasting

from comity.node import checking, config, diagnosing, durable, store
from comity.node.accounts.models import Official
from comity.node.casework.acts.export_bundle import export_bundle
from comity.node.casework.acts.renew_proof import renew_proof
from comity.node.casework.models import Case
from comity.node.directory import anchors
from comity.node.exchange import reading, receipts
from comity.node.exchange.models import Letter
from comity.node.exhibits import (
    bundle,
    bundle_files,
    closing,
    custody,
    erasing,
    evidence,
    remaining,
    renewals,
)
from comity.node.exhibits.models import Bundle, Exhibit, LetterProof, Renewal
from comity.node.ledger import entries, keys, sequencer
from comity.node.ledger.models import Entry
from comity.proofs.custody import CustodyAct
from comity.proofs.receipts import ReceiptName
from comity.sealing import archive, remains
from comity.sealing.verification import verify

LATER = date(2040, 1, 1)


def erase(letter: Letter, now: datetime) -> Letter:
    """Destroy the letter's exhibit, as disposal does."""
    exhibit = Exhibit.objects.get()
    by = {"name": "C. Custodian", "post": "custodian", "authority": "xa-247"}
    custody.record_by(exhibit, CustodyAct.DESTROYED, by=by, note="tested", now=now)
    Exhibit.objects.update(wrapped_key=None)
    erasing.erase({"exhibit": str(exhibit.pk)}, now)
    letter.refresh_from_db()
    return letter


@pytest.fixture
def erased(ending: Letter, clock: Any) -> Letter:
    """The same letter after its exhibit was destroyed, looked at anew."""
    erase(ending, clock.now)
    renewals.find({}, clock.now)
    return ending


def newest(letter: Letter) -> bytes:
    with remaining.newest(letter) as opened:
        return opened.read()


def test_what_remains_stands_on_the_list_and_is_sealed_again(
    erased: Letter, custodian: Official, clock: Any, lasting: Any, run_jobs: Any, monkeypatch: Any
) -> None:
    proof = LetterProof.objects.get()
    assert proof.ends == datetime(2028, 5, 31, 23, 59, 59, tzinfo=UTC)
    assert list(renewals.due(clock.now)) == [proof]
    assert diagnosing._proofs(clock.now).code == "proof_ending"
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    client = Client()
    client.force_login(custodian)
    assert "its container was erased" in client.get("/proofs/").content.decode()
    before = len(custody.chain(Exhibit.objects.get()))
    assert client.post(f"/proofs/{erased.pk}").status_code == 302
    lasting(LATER)
    run_jobs()
    renewal = erased.renewals.get()
    assert (renewal.of_remains, renewal.n) == (True, 1)
    report = verify(io.BytesIO(newest(erased)), trust=anchors.trust(), identities=None, as_of=clock.now)
    assert (report.verdict, report.kind) == ("passed", "remains")
    assert [each["by"] for each in report.signatures] == ["xa-247", "xb-247"]
    assert remains.document_in(io.BytesIO(newest(erased))) == kept(erased)
    assert Entry.objects.get(kind="remains_renewed").content["sha256"] == renewal.sha256
    proof.refresh_from_db()
    assert proof.ends is not None
    assert proof.ends > datetime(2039, 1, 1, tzinfo=UTC)
    assert list(renewals.due(clock.now)) == []
    assert len(custody.chain(Exhibit.objects.get())) == before  # no exhibit lies in it
    assert diagnosing._proofs(clock.now).code is None
    renewals.seal({"letter": str(erased.pk), "n": 1}, clock.now)  # again: nothing changes
    assert erased.renewals.count() == 1


def kept(letter: Letter) -> bytes:
    with reading.stored(remaining.key(letter)) as opened:
        return opened.read()


def test_remains_that_were_erased_before_there_was_a_list_of_them_are_found(
    ending: Letter, clock: Any, run_jobs: Any
) -> None:
    erase(ending, clock.now)
    assert LetterProof.objects.count() == 0  # as the upgrade leaves it
    renewals.find({}, clock.now)
    assert LetterProof.objects.get().ends == datetime(2028, 5, 31, 23, 59, 59, tzinfo=UTC)


def test_the_upgrade_forgets_the_ends_of_erased_containers_alone(ending: Letter, clock: Any) -> None:
    upgrade = importlib.import_module("comity.node.exhibits.migrations.0009_remains_renewed")
    upgrade.forget_the_ends_of_erased_containers(apps, None)
    assert LetterProof.objects.count() == 1
    Letter.objects.filter(pk=ending.pk).update(container="")
    upgrade.forget_the_ends_of_erased_containers(apps, None)
    assert LetterProof.objects.count() == 0


def test_where_nothing_remained_that_is_known_and_nothing_is_due(ending: Letter, clock: Any) -> None:
    erase(ending, clock.now)
    store.delete(remaining.key(ending))
    renewals.find({}, clock.now)
    assert LetterProof.objects.get().code == renewals.NOTHING_REMAINS
    assert list(renewals.due(clock.now)) == []


def test_a_container_that_was_sealed_again_leaves_remains_that_outlive_its_first_stamp(
    ending: Letter, custodian: Official, clock: Any, lasting: Any, run_jobs: Any
) -> None:
    renew_proof(custodian, ending, now=clock.now)
    lasting(LATER)
    run_jobs()
    assert sorted(ending.renewals.values_list("of_remains", "n")) == [(False, 1), (True, 1)]
    erase(ending, clock.now)
    renewals.find({}, clock.now)
    assert LetterProof.objects.get().ends == datetime(2040, 1, 1, 23, 59, 59, tzinfo=UTC)
    with remaining.examined(ending, clock.now) as case:
        assert (case.report.verdict, case.report.kind) == ("passed", "remains")
        assert case.innermost.remains == kept(ending)


def test_other_remains_are_not_sealed_under_a_letters_name(
    erased: Letter, custodian: Official, clock: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Letter.objects.get(pk=erased.pk)
    other.pk = "2b7d1f60-0c35-4a67-9e7d-5a3f0a9d1c22"
    other.save(force_insert=True)
    store.put(remaining.key(other), _encrypted(kept(erased)))
    LetterProof.objects.create(letter=other, ends=LetterProof.objects.get().ends)
    renew_proof(custodian, other, now=clock.now)
    run_jobs()
    proof = LetterProof.objects.get(letter=other)
    assert (proof.asked_by, proof.code) == (None, "remains_of_another")
    assert not other.renewals.exists()


def test_altered_remains_are_not_sealed_again(
    erased: Letter, custodian: Official, clock: Any, run_jobs: Any
) -> None:
    data = kept(erased).replace(b'"letter":"ey', b'"letter":"eX')
    store.delete(remaining.key(erased))
    store.put(remaining.key(erased), _encrypted(data))
    renew_proof(custodian, erased, now=clock.now)
    run_jobs()
    assert LetterProof.objects.get().code == "renewal_refused"
    assert not erased.renewals.exists()


def test_what_is_being_sealed_while_it_is_erased_leaves_no_copy(
    ending: Letter, custodian: Official, clock: Any, lasting: Any, run_jobs: Any, monkeypatch: Any
) -> None:
    renew_proof(custodian, ending, now=clock.now)
    lasting(LATER)
    enter = renewals._enter

    def after_erasing(letter: Letter, *rest: Any) -> None:
        erase(Letter.objects.get(pk=letter.pk), clock.now)
        enter(letter, *rest)

    monkeypatch.setattr(renewals, "_enter", after_erasing)
    run_jobs()
    assert not Renewal.objects.exists()
    assert list(store.every_key()) == [f"remains/{ending.pk}.age"]


def test_a_newer_container_that_no_row_knows_goes_too(ending: Letter, clock: Any) -> None:
    store.put(f"renewals/{ending.pk}/orphan.age", _encrypted(b"left by a process that was killed"))
    erase(ending, clock.now)
    assert list(store.every_key()) == [f"remains/{ending.pk}.age"]


def test_the_two_kinds_are_numbered_apart_and_a_number_stands_once(
    ending: Letter, custodian: Official, clock: Any
) -> None:
    def add(of_remains: bool) -> Renewal:
        common = {"letter": ending, "n": 1, "sha256": "", "bytes": 1, "sealed_at": clock.now, "by": custodian}
        return Renewal.objects.create(of_remains=of_remains, key="x", **common)

    add(False), add(True)
    with pytest.raises(IntegrityError), transaction.atomic():
        add(True)


def test_a_court_bundle_carries_what_remains_with_its_receipts(
    erased: Letter, case: Case, custodian: Official, clock: Any, lasting: Any, run_jobs: Any
) -> None:
    Letter.objects.filter(pk=erased.pk).update(sha256="ab" * 32, bytes=1000)
    erased.refresh_from_db()
    receipts.attest(erased, ReceiptName.DELIVERY, now=clock.now)
    sequencer.sequence(clock.now)
    receipts.issue(erased, ReceiptName.DELIVERY, now=clock.now)
    report = made(custodian, case, clock)
    assert report.verdict == "passed", report.as_dict()["steps"]
    names = {file.name for file in report.files}
    assert {f"remains/{erased.pk}.json", f"remains/{erased.pk}.DELIVERY.note"} < names
    renew_proof(custodian, erased, now=clock.now)
    lasting(LATER)
    run_jobs()
    report = made(custodian, case, clock)
    assert report.verdict == "passed", report.as_dict()["steps"]
    assert f"remains/{erased.pk}.asice" in {file.name for file in report.files}
    inside = [each["by"] for each in report.signatures if each.get("in") == f"remains/{erased.pk}.asice"]
    assert inside == ["xa-247", "xb-247"]


def test_remains_that_name_a_closed_exhibit_are_not_shown(
    erased: Letter, case: Case, custodian: Official, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = export_bundle(custodian, case, now=clock.now)
    closed = Exhibit.objects.get()
    closed.wrapped_key = b"there"
    monkeypatch.setattr(bundle_files.closing, "closed_of_case", lambda case_reference: [closed])
    assert not bundle_files._erased(asked).exists()


def made(custodian: Official, case: Case, clock: Any) -> Any:
    asked = export_bundle(custodian, case, now=clock.now)
    sequencer.sequence(clock.now)
    bundle.make({"bundle": str(asked.id)}, clock.now)
    with bundle.opened(Bundle.objects.get(pk=asked.pk)) as plain:
        return verify(plain, trust=anchors.trust(), identities=None, as_of=clock.now)


def test_remains_whose_proof_has_ended_keep_no_bundle_from_being_made(
    erased: Letter, case: Case, custodian: Official, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = export_bundle(custodian, case, now=clock.now)
    later = clock.now.replace(year=2029)
    assert remaining.proved(bundle_files._erased(asked), clock.now)
    assert remaining.proved(bundle_files._erased(asked), later) == []


def test_the_doctor_misses_a_renewal_that_is_gone(
    erased: Letter, custodian: Official, clock: Any, lasting: Any, run_jobs: Any
) -> None:
    renew_proof(custodian, erased, now=clock.now)
    lasting(LATER)
    run_jobs()
    assert [each.code for each in checking._letters(config.current())] == [None]
    store.delete(erased.renewals.get().key)
    assert [each.code for each in checking._letters(config.current())] == ["object_missing"]


def written(folder: Path, clock: Any) -> Any:
    evidence.write(folder, clock.now)
    return judged(folder, clock)


def judged(folder: Path, clock: Any) -> Any:
    return archive.verify(archive.Folder(folder), keys.signer().verifier, as_of=clock.now)


def rewritten(entry: Entry, now: datetime, **changes: str) -> None:
    """The entry with other content, as the ledger would have it that committed to something else."""
    assert entry.index is None
    content = (entry.content or {}) | changes
    entry.delete()
    entries.append(entry.kind, entry.subject, content, now=now)


def test_evidence_carries_the_renewals_of_what_remains(
    erased: Letter, custodian: Official, clock: Any, lasting: Any, run_jobs: Any, tmp_path: Path
) -> None:
    received = {"what": "letter_received", "letter": str(erased.pk), "sha256": erased.sealed_sha256}
    entries.append("letter_received", str(erased.pk), received, now=clock.now)
    renew_proof(custodian, erased, now=clock.now)
    lasting(LATER)
    run_jobs()
    report = written(tmp_path / "out", clock)
    assert report.verdict == "passed", report.as_dict()["steps"]
    newer = tmp_path / "out" / "remains" / f"{erased.pk}.1.asice"
    newer.chmod(0o600)
    whole = newer.read_bytes()
    edits: list[tuple[Callable[[], object], str]] = [
        (lambda: newer.write_bytes(whole[:-1] + b"!"), "evidence_changed"),
        (newer.unlink, "evidence_missing"),
    ]
    for edit, code in edits:
        edit()
        assert judged(tmp_path / "out", clock).codes == [code]


@pytest.mark.parametrize("what", ["document", "letter"])
def test_a_renewal_of_other_remains_is_found_in_evidence_though_the_ledger_has_it(
    erased: Letter, custodian: Official, clock: Any, lasting: Any, run_jobs: Any, tmp_path: Path, what: str
) -> None:
    received = {"what": "letter_received", "letter": str(erased.pk), "sha256": erased.sealed_sha256}
    entries.append("letter_received", str(erased.pk), received, now=clock.now)
    renew_proof(custodian, erased, now=clock.now)
    lasting(LATER)
    run_jobs()
    erasure, renewed = Entry.objects.get(kind="container_erased"), erased.renewals.get()
    if what == "document":  # other bytes were kept of it
        store.delete(remaining.key(erased))
        store.put(remaining.key(erased), _encrypted(b"other remains"))
        rewritten(erasure, clock.now, remains=sha256(b"other remains").hexdigest())
    else:  # it stands under the name of another letter
        other = Letter.objects.get(pk=erased.pk)
        other.pk = "2b7d1f60-0c35-4a67-9e7d-5a3f0a9d1c22"
        other.save(force_insert=True)
        Renewal.objects.filter(pk=renewed.pk).update(letter=other)
        rewritten(Entry.objects.get(kind="remains_renewed"), clock.now, letter=other.pk)
    assert written(tmp_path / "out", clock).codes == ["remains_of_another"]


def test_remains_that_name_an_exhibit_that_was_withheld_and_then_destroyed_are_not_shown(
    erased: Letter, case: Case, custodian: Official, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    withheld = Exhibit.objects.get()
    closure = closing.Closure(False, frozenset())
    monkeypatch.setattr(closing, "_known", [lambda ids: {withheld.pk: closure}])
    report = made(custodian, case, clock)
    assert not [each.name for each in report.files if each.name.startswith("remains/")]


def test_what_a_run_stored_that_did_not_end_is_removed(
    ending: Letter, custodian: Official, clock: Any, lasting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    renew_proof(custodian, ending, now=clock.now)
    lasting(LATER)

    def full(*_: Any) -> Any:
        raise durable.DiskFullError

    with monkeypatch.context() as patch:
        patch.setattr(renewals, "_sealed_container", full)
        for _ in range(3):
            with pytest.raises(durable.DiskFullError):
                renewals.seal({"letter": str(ending.pk), "n": 1}, clock.now)
    renewals.seal({"letter": str(ending.pk), "n": 1}, clock.now)
    stored = {key for key in store.every_key() if key.startswith(("remains/", "renewals/"))}
    assert stored == set(Renewal.objects.values_list("key", flat=True))


def test_a_newer_container_that_no_row_knows_does_not_outlive_the_erasure(
    ending: Letter, custodian: Official, clock: Any, lasting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Erased before it was stored, then the disk was full: the repeated run removes what it left."""
    renew_proof(custodian, ending, now=clock.now)
    lasting(LATER)
    adopt, check, checks = store.adopt, renewals.verify, []

    def late(key: str, path: Path) -> None:
        if key.startswith("renewals/"):
            erase(Letter.objects.get(pk=ending.pk), clock.now)
        adopt(key, path)

    def full(*given: Any, **named: Any) -> Any:
        checks.append(given)
        if len(checks) == 2:
            raise durable.DiskFullError
        return check(*given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(store, "adopt", late)
        patch.setattr(renewals, "verify", full)
        with pytest.raises(durable.DiskFullError):
            renewals.seal({"letter": str(ending.pk), "n": 1}, clock.now)
    assert [key for key in store.every_key() if key.startswith("renewals/")]
    renewals.seal({"letter": str(ending.pk), "n": 1}, clock.now)
    assert not [key for key in store.every_key() if key.startswith("renewals/")]


def test_nothing_is_deleted_while_rows_are_held(
    ending: Letter, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bucket may take minutes; a savepoint inside the test's own transaction is the act's."""
    delete, held = store.delete, []

    def seen(key: str) -> None:
        held.append(len(connection.savepoint_ids))
        delete(key)

    monkeypatch.setattr(store, "delete", seen)
    erase(ending, clock.now)
    assert held
    assert set(held) == {0}
