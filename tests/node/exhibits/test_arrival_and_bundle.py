"""Exhibits come out of a verified result once; the court bundle is offered only when it proves itself."""

from __future__ import annotations

import hashlib
import io
import uuid
from typing import Any

import pytest
from django.test import Client
from tests import samples

from comity import canonical
from comity.node import config, durable, store
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.casework.acts.export_bundle import export_bundle
from comity.node.casework.models import Case
from comity.node.casework.standing import NotNowError
from comity.node.directory import anchors
from comity.node.exchange.models import Letter
from comity.node.exhibits import arrival, bundle, bundle_files, continuing, custody, destroyed, intake
from comity.node.exhibits.models import Bundle, BundleState, CustodyRecord, Exhibit
from comity.node.jobs import Later
from comity.node.jobs.models import Job
from comity.node.ledger import sequencer
from comity.proofs.custody import CustodyAct, check_chain, read_records
from comity.sealing.verification import verify
from comity.terms import Verdict


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, keys: Any) -> None:
    """Nobody listens; the node's folders are there."""
    monkeypatch.setattr(arrival, "_listeners", [])
    durable.make_directories(config.current().arriving)
    durable.make_directories(config.current().store)


def test_an_exhibit_arrives_with_the_custody_of_both_states(result: Letter, clock: Any) -> None:
    arrival.arrive({"letter": str(result.id)}, clock.now)
    exhibit = Exhibit.objects.get()
    assert (exhibit.number, exhibit.origin, exhibit.item_number) == ("XA-2027-000001-E1", "xb-247", 1)
    chain = custody.chain(exhibit)
    assert [record["act"] for record in chain] == ["received", "hashed", "sent", "received_abroad"]
    assert check_chain(read_records(chain)) == []


def test_an_exhibit_arrives_once_however_often_the_job_runs(result: Letter, clock: Any) -> None:
    heard: list[int] = []
    arrival.listen(lambda case, kind, count, now: heard.append(count))
    for _ in range(3):
        arrival.arrive({"letter": str(result.id)}, clock.now)
    assert (Exhibit.objects.count(), CustodyRecord.objects.count(), heard) == (1, 4, [1])


def test_what_was_destroyed_stays_so_when_a_restored_node_is_given_the_letter_again(
    result: Letter, clock: Any
) -> None:
    exhibit = canonical.read(bytes(result.canonical))["attachments"][0]["exhibit"]
    destroyed.note(uuid.UUID(exhibit))
    try:
        arrival.arrive({"letter": str(result.id)}, clock.now)
    finally:
        (config.current().folder / destroyed.FILE).unlink()
    assert Exhibit.objects.get().wrapped_key is None
    assert Job.objects.filter(kind=destroyed.ERASE).exists(), "its bytes and the letter's container go too"


@pytest.mark.parametrize("kind", ["request", "information"])
def test_the_file_of_a_letter_arrives_and_its_custody_begins_here(
    result: Letter, clock: Any, kind: str
) -> None:
    """Only a result tells custody of what goes with it; what arrived is what the letter announced."""
    heard: list[tuple[str, int]] = []
    arrival.listen(lambda case, kind, count, now: heard.append((kind, count)))
    document = canonical.read(bytes(result.canonical))
    request = getattr(samples, kind)()
    request |= {"attachments": document["attachments"], "from": document["from"], "to": document["to"]}
    result.canonical, result.kind = canonical.write(request), kind
    result.save()
    arrival.arrive({"letter": str(result.id)}, clock.now)
    exhibit = Exhibit.objects.get()
    assert (exhibit.item_number, exhibit.origin) == (None, "xb-247")
    assert str(exhibit.letter) == str(result.id)
    chain = custody.chain(exhibit)
    assert [record["act"] for record in chain] == ["received"]
    assert check_chain(read_records(chain)) == []
    assert heard == [(kind, 1)]


def test_nothing_arrives_when_its_custody_is_not_whole(result: Letter, clock: Any) -> None:
    document = canonical.read(bytes(result.canonical))
    document["body"]["custody"][1]["note"] = "changed"
    result.canonical = canonical.write(document)
    result.save()
    with pytest.raises(custody.CustodyBrokenError):
        arrival.arrive({"letter": str(result.id)}, clock.now)
    assert not Exhibit.objects.exists()


def test_nothing_arrives_when_the_container_holds_another_content(result: Letter, clock: Any) -> None:
    document = canonical.read(bytes(result.canonical))
    document["attachments"][0]["sha256"] = "0" * 64
    result.canonical = canonical.write(document)
    result.save()
    with pytest.raises(intake.ContentDiffersError):
        arrival.arrive({"letter": str(result.id)}, clock.now)
    assert not Exhibit.objects.exists()


@pytest.fixture
def asked(result: Letter, case: Case, official: Any, clock: Any) -> Bundle:
    """A bundle that the custodian asked for."""
    arrival.arrive({"letter": str(result.id)}, clock.now)
    return export_bundle(official("custodian"), case, now=clock.now)


def test_the_bundle_waits_until_the_ledger_has_numbered_what_it_proves(asked: Bundle, clock: Any) -> None:
    with pytest.raises(Later):
        bundle.make({"bundle": str(asked.id)}, clock.now)
    with pytest.raises(bundle.BundleNotReadyError), bundle.opened(Bundle.objects.get()):
        pass


def test_the_finished_bundle_verifies_and_holds_everything(asked: Bundle, clock: Any) -> None:
    sequencer.sequence(clock.now)
    bundle.make({"bundle": str(asked.id)}, clock.now)
    made = Bundle.objects.get()
    with bundle.opened(made) as plain:
        report = verify(plain, trust=anchors.trust(), identities=None, as_of=clock.now)
    assert report.verdict is Verdict.PASSED, report.as_dict()
    exhibit = Exhibit.objects.get()
    assert {
        f"exhibits/{exhibit.number}/access.log",
        f"letters/{exhibit.letter}.asice",
        f"custody/{exhibit.id}.json",
        "ledger/checkpoint.note",
        "ledger/proofs.json",
        "report.kk.pdf",
        "case.json",
    } <= {file.name for file in report.files}
    assert [record["act"] for record in custody.chain(exhibit)][-1] == "exported"
    with store.open(made.key) as stored:
        assert stored.read(22) == b"age-encryption.org/v1\n"


def test_making_a_finished_bundle_again_changes_nothing(asked: Bundle, clock: Any) -> None:
    sequencer.sequence(clock.now)
    bundle.make({"bundle": str(asked.id)}, clock.now)
    before = Bundle.objects.values().get()
    bundle.make({"bundle": str(asked.id)}, clock.now)
    assert Bundle.objects.values().get() == before


def test_a_bundle_that_does_not_verify_is_not_offered(
    asked: Bundle, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sequencer.sequence(clock.now)
    CustodyRecord.objects.filter(n=2).delete()  # somebody removed a record from the database
    with pytest.raises(bundle.BundleNotProvedError):
        bundle.make({"bundle": str(asked.id)}, clock.now)
    assert Bundle.objects.get().state != BundleState.READY


def test_only_a_custodian_exports_and_only_where_there_is_evidence(
    case: Case, official: Any, clock: Any
) -> None:
    with pytest.raises(NotAuthorisedError):
        export_bundle(official("drafter"), case, now=clock.now)
    with pytest.raises(NotNowError):
        export_bundle(official("custodian"), case, now=clock.now)


def test_everything_in_the_bundle_is_about_its_case_alone(asked: Bundle, clock: Any) -> None:
    described = intake.Description("XA-2027-000002", None, "other.txt", "text/plain", "somebody")
    other = intake.take_in(asked.asked_by, io.BytesIO(b"another matter"), described, now=clock.now)
    sequencer.sequence(clock.now)
    names = [file.name for file in bundle_files.gather(asked, clock.now)]
    assert names
    assert not [name for name in names if str(other.id) in name or other.number in name]


def test_the_finished_bundle_is_handed_out_to_the_custodian_alone(
    asked: Bundle, official: Any, clock: Any
) -> None:
    sequencer.sequence(clock.now)
    bundle.make({"bundle": str(asked.id)}, clock.now)
    address = f"/requests/{asked.case_reference}/bundle/{asked.id}"
    client = Client()
    client.force_login(official("custodian"))
    content = b"".join(client.get(address).streaming_content)  # type: ignore[attr-defined]
    assert hashlib.sha256(content).hexdigest() == Bundle.objects.get().sha256
    client.force_login(official("drafter"))
    assert client.get(address).status_code == 403


def test_a_chain_that_spans_both_states_is_in_the_bundle_and_proved_offline(
    case: Case, official: Any, clock: Any, sealed_by_peer: Any
) -> None:
    custodian = official("custodian")
    described = intake.Description(case.reference, None, "a.txt", "text/plain", "the bureau")
    ours = intake.take_in(custodian, io.BytesIO(b"ours"), described, now=clock.now)
    sent = custody.record(ours, CustodyAct.SENT, official=custodian, now=clock.now)
    told = sent.record | {"n": 4, "act": "received_abroad", "previous": custody.digest(sent.record)}
    told |= {"by": {"name": "B. Officer", "post": "Custodian", "authority": "xb-247"}}
    letter = sealed_by_peer("custody_update", {"custody": [told], "text": "-", "items": [{"number": 1}]})
    continuing.keep(case.reference, "xb-247", [told], letter.pk, clock.now)
    order = export_bundle(custodian, case, now=clock.now)
    sequencer.sequence(clock.now)
    bundle.make({"bundle": str(order.pk)}, clock.now)
    with bundle.opened(Bundle.objects.get()) as plain:
        report = verify(plain, trust=anchors.trust(), identities=None, as_of=clock.now)
    assert report.verdict is Verdict.PASSED
    assert [one.get("of") for one in report.custody] == [None, "xb-247"]
    assert report.custody[1]["records"] == [told]
