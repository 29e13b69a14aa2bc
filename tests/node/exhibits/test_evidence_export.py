"""What a node keeps as evidence is exported whole, and whoever touched a row or an object of it is found."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comity.node import config, durable, folders, store
from comity.node.directory import anchors
from comity.node.exchange import receipts
from comity.node.exchange.models import Letter, Receipt
from comity.node.exhibits import arrival, content, custody, erasing, evidence
from comity.node.exhibits.models import CustodyRecord, Exhibit, Renewal, Segment
from comity.node.ledger import entries, keys, sequencer
from comity.node.ledger.models import Checkpoint, Entry
from comity.proofs.custody import CustodyAct
from comity.proofs.receipts import ReceiptName
from comity.sealing import archive, encryption, remains
from comity.sealing.report import Report
from comity.terms import ComityError


@pytest.fixture
def kept(result: Letter, clock: Any, monkeypatch: pytest.MonkeyPatch) -> Letter:
    """A result with its exhibit, its receipt and its places in the ledger."""
    monkeypatch.setattr(arrival, "_listeners", [])
    durable.make_directories(config.current().arriving)
    durable.make_directories(config.current().store)
    result.sha256, result.bytes = "ab" * 32, 1000
    result.save()
    received = {"what": "letter_received", "letter": str(result.id), "sha256": result.sealed_sha256}
    entries.append("letter_received", str(result.id), received, now=clock.now)
    arrival.arrive({"letter": str(result.id)}, clock.now)
    sequencer.sequence(clock.now)
    receipts.attest(result, ReceiptName.DELIVERY, now=clock.now)
    receipts.issue(result, ReceiptName.DELIVERY, now=clock.now)
    return result


def judged(folder: Path, clock: Any) -> Report:
    evidence.write(folder, clock.now)
    return archive.verify(archive.Folder(folder), keys.signer().verifier, as_of=clock.now)


def test_what_a_node_keeps_is_exported_and_proved(kept: Letter, clock: Any, tmp_path: Path) -> None:
    report = judged(tmp_path / "out", clock)
    assert report.verdict == "passed", report.as_dict()["steps"]
    assert [path.name for path in (tmp_path / "out" / "containers").iterdir()] == [f"{kept.id}.asice"]
    assert len(list((tmp_path / "out" / "segments").iterdir())) == 1


def test_what_remains_of_an_erased_container_is_exported_and_proved(
    kept: Letter, clock: Any, tmp_path: Path
) -> None:
    exhibit = Exhibit.objects.get()
    by = {"name": "C. Custodian", "post": "custodian", "authority": "xa-247"}
    custody.record_by(exhibit, CustodyAct.DESTROYED, by=by, note="tested", now=clock.now)
    Exhibit.objects.update(wrapped_key=None)
    erasing.erase({"exhibit": str(exhibit.pk)}, clock.now)
    erasing.erase({"exhibit": str(exhibit.pk)}, clock.now)
    report = judged(tmp_path / "out", clock)
    assert report.verdict == "passed", report.as_dict()["steps"]
    assert list((tmp_path / "out" / "containers").iterdir()) == []
    path = tmp_path / "out" / "remains" / f"{kept.pk}.json"
    found = remains.verify(path.read_bytes(), trust=anchors.trust(), as_of=clock.now)
    assert (found.verdict, found.by) == ("passed", "xb-247")
    verifier = keys.signer().verifier
    path.write_bytes(path.read_bytes() + b" ")
    changed = archive.verify(archive.Folder(tmp_path / "out"), verifier, as_of=clock.now)
    assert changed.codes == ["evidence_changed"]
    path.unlink()
    missing = archive.verify(archive.Folder(tmp_path / "out"), verifier, as_of=clock.now)
    assert missing.codes == ["evidence_missing"]


def test_a_newer_container_around_a_letters_is_exported_and_proved_too(
    kept: Letter, official: Any, clock: Any, tmp_path: Path
) -> None:
    store.put("renewals/x.age", _encrypted(b"a newer container"))
    digest = hashlib.sha256(b"a newer container").hexdigest()
    Renewal.objects.create(
        letter=kept, n=1, key="renewals/x.age", sha256=digest, bytes=17, sealed_at=clock.now, by=official()
    )
    about = {"what": "container_renewed", "letter": str(kept.id), "n": 1, "sha256": digest}
    entries.append("container_renewed", "", about, now=clock.now)
    assert judged(tmp_path / "out", clock).verdict == "passed"
    newer = tmp_path / "out" / "containers" / f"{kept.id}.1.asice"
    newer.chmod(0o600)
    for edit, code in (
        (lambda: newer.write_bytes(b"another container"), "evidence_changed"),
        (newer.unlink, "evidence_missing"),
    ):
        edit()
        report = archive.verify(archive.Folder(tmp_path / "out"), keys.signer().verifier, as_of=clock.now)
        assert report.codes == [code]


def _encrypted(data: bytes) -> io.BytesIO:
    out = io.BytesIO()
    encryption.encrypt(io.BytesIO(data), out, [folders.storage_recipient(config.current())])
    out.seek(0)
    return out


def _object() -> Path:
    key = content.segment_key(Segment.objects.get().ciphertext_sha256)
    return config.current().store / key


def _flip(path: Path) -> None:
    path.chmod(0o600)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def _custody_note() -> None:
    row = CustodyRecord.objects.order_by("n").last()
    assert row is not None
    row.record = row.record | {"note": "nothing happened"}
    row.save()


def _entry_content() -> None:
    row = Entry.objects.get(kind="letter_received")
    row.content = (row.content or {}) | {"sha256": "cd" * 32}
    row.save()


EDITS: dict[str, Callable[[], object]] = {
    "a byte of a segment": lambda: _flip(_object()),
    "a byte of a container": lambda: _flip(config.current().store / Letter.objects.get().container),
    "a segment's file": lambda: _object().unlink(),
    "a segment's row": lambda: Segment.objects.all().delete(),
    "a segment's size": lambda: Segment.objects.update(bytes=1),
    "a custody record": _custody_note,
    "the last custody record": lambda: CustodyRecord.objects.filter(n=4).delete(),
    "a foreign custody record": lambda: CustodyRecord.objects.filter(n=2).delete(),
    "a receipt": lambda: Receipt.objects.all().delete(),
    "a receipt's note": lambda: Receipt.objects.update(note="nothing"),
    "a letter's container": lambda: Letter.objects.update(container=""),
    "a ledger entry": _entry_content,
    "an erased entry": lambda: Entry.objects.filter(index=0).update(salt=None, content=None),
    "a checkpoint": lambda: Checkpoint.objects.order_by("size")[:1].get().delete(),
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=list(EDITS))
def test_whoever_touched_what_is_stored_is_found(
    edit: Callable[[], object], kept: Letter, clock: Any, tmp_path: Path
) -> None:
    edit()
    try:
        report = judged(tmp_path / "out", clock)
    except ComityError:
        return  # found while it was read: what is encrypted does not open any more
    assert report.verdict == "failed"
