"""One chain spans both States: whoever received an exhibit tells its custody, the giver keeps it."""

from __future__ import annotations

import io
import uuid
from typing import Any

import pytest
from django.test import Client
from tests.node.casework.conftest import WORDS, said

from comity import canonical
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.casework.acts.report_custody import NothingReceivedError, report_custody
from comity.node.casework.dialogue.hearing import ExhibitUnknownError
from comity.node.casework.models import Case
from comity.node.casework.standing import WrongSideError
from comity.node.exhibits import case_uco, continuing, custody, intake, release
from comity.node.exhibits import use as using
from comity.node.exhibits.custody import CustodyBrokenError
from comity.node.exhibits.models import Continuation, Exhibit
from comity.proofs.custody import CustodyAct, check_chain, read_records

PEER = {"name": "B. Officer", "post": "Custodian", "authority": "xb-247"}


@pytest.fixture
def holder(official: Any) -> Any:
    return official("drafter", "signatory", "custodian")


@pytest.fixture
def received(ours: Case, holder: Any, clock: Any) -> Exhibit:
    """An exhibit that State XB gave on item 1, used here since."""
    ours.items.update(actual="executed")
    ours.actual = "executed"
    ours.save()
    exhibit = taken_in(holder, ours, clock)
    told = custody.chain(exhibit)
    exhibit.custody.all().delete()
    for each in told:
        each["by"] = PEER
    told[1]["previous"] = custody.digest(told[0])
    Exhibit.objects.filter(pk=exhibit.pk).update(origin="xb-247", letter=uuid.uuid4())
    custody.keep_foreign(exhibit, told)
    custody.record(exhibit, CustodyAct.RECEIVED_ABROAD, official=holder, now=clock.advance(hours=1))
    using.record([exhibit], official=holder, note="The trial.", now=clock.advance(hours=1))
    return exhibit


@pytest.fixture
def given(asked: Case, holder: Any, clock: Any) -> Exhibit:
    """An exhibit that this side gave on item 1."""
    asked.items.update(actual="executed")
    asked.actual = "executed"
    asked.save()
    exhibit = taken_in(holder, asked, clock)
    release.send([exhibit], uuid.uuid4(), official=holder, to="xb-247", now=clock.now)
    custody.record(exhibit, CustodyAct.OPENED, official=holder, note="after it was sent", now=clock.now)
    return exhibit


def taken_in(official: Any, case: Case, clock: Any) -> Exhibit:
    described = intake.Description(case.reference, 1, "a.log", "text/plain", "the provider")
    return intake.take_in(official, io.BytesIO(b"a line"), described, now=clock.now)


def since(given: Exhibit, clock: Any, *acts: str, **changes: Any) -> list[dict[str, Any]]:
    """What State XB tells: it received the exhibit and did these things with it."""
    before = given.custody.get(act="sent").record
    told: list[dict[str, Any]] = []
    for act in ("received_abroad", *acts):
        record = before | {"n": before["n"] + 1, "act": act, "by": PEER, "note": "", **changes}
        record["at"] = canonical.instant_text(clock.now)
        record["previous"] = custody.digest(before)
        told.append(record)
        before = record
    return told


def test_the_receiver_tells_its_records_and_they_go_on_from_what_it_was_told(
    received: Exhibit, ours: Case, holder: Any, clock: Any
) -> None:
    letter = report_custody(holder, ours, [1], **WORDS, now=clock.now)
    told = said(letter).body.as_json()["custody"]
    assert [each["act"] for each in told] == ["received_abroad", "used"]
    foreign = [each.record for each in received.custody.filter(foreign=True)]
    assert check_chain(read_records([*foreign, *told])) == []
    assert ours.events.filter(kind="report_custody").exists()


def test_only_the_side_that_received_tells(given: Exhibit, asked: Case, holder: Any, clock: Any) -> None:
    with pytest.raises(WrongSideError):
        report_custody(holder, asked, [1], **WORDS, now=clock.now)


def test_there_is_nothing_to_tell_of_what_was_not_received(
    ours: Case, holder: Any, official: Any, clock: Any
) -> None:
    ours.items.update(actual="executed")
    with pytest.raises(NothingReceivedError):
        report_custody(holder, ours, [1], **WORDS, now=clock.now)
    with pytest.raises(NotAuthorisedError):
        report_custody(official("auditor"), ours, [1], **WORDS, now=clock.now)


def test_the_giver_keeps_the_others_chain_beside_its_own_and_shows_it(
    given: Exhibit, asked: Case, hear: Any, holder: Any, clock: Any
) -> None:
    first = since(given, clock, "opened")
    hear(asked, "custody_update", answering=[], custody=first)
    clock.advance(hours=1)
    second = since(given, clock, "opened", "used")
    second[:2] = first
    second[2]["previous"] = custody.digest(first[-1])
    hear(asked, "custody_update", answering=[], custody=second)
    assert continuing.told(given) == [("xb-247", second)]
    assert check_chain(read_records(continuing.joined(given, second))) == []
    assert [each["act"] for each in custody.chain(given)][-1] == "opened"  # ours goes on by itself
    client = Client()
    client.force_login(holder)
    page = client.get(f"/exhibits/{given.id}/").content.decode()
    assert "went on after it was sent" in page
    assert "B. Officer" in page
    assert client.get(f"/exhibits/{given.id}/custody/kk.pdf").content.startswith(b"%PDF")
    names = [node.get("uco-core:name") for node in case_uco.document(given)["@graph"]]
    assert names.count("used") == 1


@pytest.mark.parametrize(
    "harm", ["gap", "start", "content", "authority", "time", "retold", "unknown", "of another case"]
)
def test_a_chain_that_is_not_whole_is_refused_and_nothing_changes(
    given: Exhibit, asked: Case, hear: Any, holder: Any, clock: Any, harm: str
) -> None:
    told = since(given, clock, "opened", "used")
    if harm == "retold":
        hear(asked, "custody_update", answering=[], custody=told)
    before = list(Continuation.objects.values())
    if harm == "gap":
        told = [told[0], told[2]]
    elif harm == "start":
        told = told[1:]
    elif harm == "content":
        told = since(given, clock, "opened", sha256="0" * 64)
    elif harm == "authority":
        told = since(given, clock, by=PEER | {"authority": "xa-247"})
    elif harm == "time":
        clock.advance(hours=-2)
        told = since(given, clock)
    elif harm == "retold":
        told = since(given, clock, "opened")
    elif harm == "unknown":
        told = since(given, clock, exhibit=str(uuid.uuid4()))
    else:
        Exhibit.objects.filter(pk=given.pk).update(case_reference="XA-2027-009999")
    asked.refresh_from_db()
    generation = asked.received_generation
    wanted = ExhibitUnknownError if harm in ("unknown", "of another case") else CustodyBrokenError
    with pytest.raises(wanted):
        hear(asked, "custody_update", answering=[], custody=told)
    asked.refresh_from_db()
    assert list(Continuation.objects.values()) == before
    assert asked.received_generation == generation
