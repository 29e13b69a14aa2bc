"""Taking in, custody and release of exhibits."""

from __future__ import annotations

import hashlib
import io
import uuid
from itertools import pairwise
from typing import Any

import pytest

from comity.node import config, durable, store
from comity.node.exhibits import custody, intake, reading, release
from comity.node.exhibits.models import CustodyRecord, Exhibit
from comity.node.ledger.models import Entry
from comity.proofs.custody import CustodyAct, check_chain, read_records
from comity.proofs.entries import commit

LOG = b"2026-11-22T03:12:00Z sign-in account=night.heron@post.example\n"


@pytest.fixture(autouse=True)
def folders_there(keys: object) -> None:
    durable.make_directories(config.current().arriving)
    durable.make_directories(config.current().store)


@pytest.fixture
def custodian(official: Any) -> Any:
    return official("custodian")


def take_in(custodian: Any, clock: Any, data: bytes = LOG, **options: Any) -> Exhibit:
    described = intake.Description("XA-2027-000001", 1, "access.log", "text/plain", "post-example", "traffic")
    return intake.take_in(custodian, io.BytesIO(data), described, now=clock.now, **options)


def test_an_exhibit_is_numbered_in_its_case_and_holds_what_was_taken_in(custodian: Any, clock: Any) -> None:
    first, second = take_in(custodian, clock), take_in(custodian, clock, b"other")
    assert (first.number, second.number) == ("XA-2027-000001-E1", "XA-2027-000001-E2")
    assert first.sha256 == hashlib.sha256(LOG).hexdigest()
    with reading.open_exhibit(first) as stream:
        assert stream.read() == LOG


def test_custody_begins_with_receipt_and_hash_and_each_record_is_in_the_ledger(
    custodian: Any, clock: Any
) -> None:
    exhibit = take_in(custodian, clock)
    chain = custody.chain(exhibit)
    assert [record["act"] for record in chain] == ["received", "hashed"]
    assert check_chain(read_records(chain)) == []
    for record in CustodyRecord.objects.all():
        entry = Entry.objects.get(pk=record.entry_id)
        assert bytes(entry.commitment) == commit(bytes(entry.salt), record.record)


@pytest.mark.parametrize(
    ("raw", "kept"), [("order\x00.pdf", "order\u2400.pdf"), ("a" * 300 + ".pdf", "a" * 251 + ".pdf")]
)
def test_a_name_is_kept_as_every_database_holds_it(custodian: Any, clock: Any, raw: str, kept: str) -> None:
    described = intake.Description("XA-2027-000001", 1, raw, "text/plain", "post-example", "traffic")
    exhibit = intake.take_in(custodian, io.BytesIO(LOG), described, now=clock.now)
    assert Exhibit.objects.get(pk=exhibit.pk).raw_name == kept


def test_taking_in_the_same_thing_again_changes_nothing(custodian: Any, clock: Any) -> None:
    wanted = uuid.uuid4()
    first = take_in(custodian, clock, exhibit_id=wanted)
    again = take_in(custodian, clock, exhibit_id=wanted)
    assert first.pk == again.pk
    assert (Exhibit.objects.count(), CustodyRecord.objects.count()) == (1, 2)


def test_another_content_than_announced_is_refused_and_leaves_no_row(custodian: Any, clock: Any) -> None:
    announced = (len(LOG), hashlib.sha256(b"other").hexdigest())
    with pytest.raises(intake.ContentDiffersError):
        take_in(custodian, clock, announced=announced)
    assert not Exhibit.objects.exists()
    assert take_in(custodian, clock, announced=(len(LOG), hashlib.sha256(LOG).hexdigest())).bytes == len(LOG)


@pytest.mark.parametrize(
    ("raw", "internal"),
    [
        ("access.log", "exhibits/N/access.log"),
        ("../../etc/passwd", "exhibits/N/passwd"),
        ("C:\\evil\\a.txt", "exhibits/N/a.txt"),
        (".hidden", "exhibits/N/hidden"),
        ("журнал.log", "exhibits/N/log"),
        ("a\u202egpj.exe", "exhibits/N/a_gpj.exe"),
        ("", "exhibits/N/content"),
        ("...", "exhibits/N/content"),
        ("x" * 200 + ".mbox", "exhibits/N/" + "x" * 75 + ".mbox"),
    ],
)
def test_a_hostile_name_becomes_an_internal_one(raw: str, internal: str) -> None:
    from comity.node.exhibits.names import internal_name

    assert internal_name(raw, "N") == internal


def test_what_is_sent_is_told_with_its_whole_custody(custodian: Any, clock: Any) -> None:
    exhibit = take_in(custodian, clock)
    letter = uuid.uuid4()
    told = release.send([exhibit], letter, official=custodian, to="xb-247", now=clock.advance(hours=1))
    assert [record["act"] for record in told] == ["received", "hashed", "sent"]
    assert Exhibit.objects.get().letter == letter
    assert release.announce(exhibit)["sha256"] == exhibit.sha256


def test_foreign_custody_is_kept_and_goes_on_here(custodian: Any, clock: Any) -> None:
    told = release.send([take_in(custodian, clock)], uuid.uuid4(), official=custodian, to="x", now=clock.now)
    mine = take_in(custodian, clock)
    mine.custody.all().delete()
    told = [{**record, "exhibit": str(mine.id)} for record in told]
    relink(told)
    custody.keep_foreign(mine, told)
    custody.record(mine, CustodyAct.RECEIVED_ABROAD, official=custodian, now=clock.advance(hours=2))
    assert check_chain(read_records(custody.chain(mine))) == []
    assert [record.foreign for record in mine.custody.all()] == [True, True, True, False]


@pytest.mark.parametrize("harm", ["gap", "content", "link"])
def test_foreign_custody_that_is_not_whole_is_refused(custodian: Any, clock: Any, harm: str) -> None:
    mine = take_in(custodian, clock)
    told = custody.chain(mine)
    mine.custody.all().delete()
    if harm == "gap":
        told = told[1:]
    elif harm == "content":
        told = [{**record, "sha256": "0" * 64} for record in told]
        relink(told)
    else:
        told[0]["note"] = "changed afterwards"
    with pytest.raises(custody.CustodyBrokenError):
        custody.keep_foreign(mine, told)
    assert not mine.custody.exists()


def test_a_destroyed_exhibit_says_so(custodian: Any, clock: Any) -> None:
    exhibit = take_in(custodian, clock)
    exhibit.wrapped_key = None
    with pytest.raises(reading.ExhibitDestroyedError):
        reading.open_exhibit(exhibit)
    assert list(store.keys("segments"))


def relink(told: list[dict[str, Any]]) -> None:
    for before, after in pairwise(told):
        after["previous"] = custody.digest(before)
