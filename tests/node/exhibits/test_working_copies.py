"""Working copies are made from the original, compared, opened and destroyed; the original is not touched."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client

from comity.node import store, wiring
from comity.node.accounts.authority import NotAuthorisedError, NothingThereError
from comity.node.accounts.models import Official
from comity.node.casework.acts.mark import mark
from comity.node.casework.acts.take_in_exhibit import (
    CopyUnknownError,
    ToolUnnamedError,
    begin_upload,
    take_in_exhibit,
)
from comity.node.casework.marked import MarkingKind
from comity.node.casework.models import Case
from comity.node.exhibits import access, closing, custody, intake, keeping, uploads, viewing
from comity.node.exhibits import working_copies as copies
from comity.node.exhibits.acquisition import Acquisition
from comity.node.exhibits.models import CopyState, Exhibit, WorkingCopy
from comity.node.exhibits.reading import open_exhibit
from comity.node.ledger.models import Entry
from comity.proofs.custody import check_chain, read_records

WHY = "search for the account"
IMAGE = b"an image of a disk"
TOOL = Acquisition(tool="finder", tool_version="4.2")


@pytest.fixture(autouse=True)
def wired() -> None:
    wiring.connect()


@pytest.fixture
def custodian(official: Any) -> Official:
    return official("custodian")  # type: ignore[no-any-return]


@pytest.fixture
def exhibit(case: Case, custodian: Official, clock: Any) -> Exhibit:
    described = intake.Description(case.reference, None, "disk.img", "image/png", "the bureau")
    return intake.take_in(custodian, io.BytesIO(IMAGE), described, now=clock.now)


@pytest.fixture
def copy(exhibit: Exhibit, custodian: Official, clock: Any, run_jobs: Any) -> WorkingCopy:
    made = copies.ask(custodian, exhibit, purpose=WHY, now=clock.now)
    run_jobs()
    return WorkingCopy.objects.get(pk=made.pk)


def acts(exhibit: Exhibit) -> list[str]:
    chain = custody.chain(exhibit)
    assert check_chain(read_records(chain)) == []
    return [each["act"] for each in chain]


def derive(
    official: Official, case: Case, copy: WorkingCopy, now: Any, tool: Acquisition = TOOL, data: bytes = b"!"
) -> Exhibit:
    return take_in_exhibit(
        official, case, None, stream=io.BytesIO(data), raw_name="hits.csv", media_type="text/csv",
        source="the laboratory", acquisition=tool, made_from=copy.number, now=now,
    )  # fmt: skip


def test_a_copy_has_a_key_of_its_own_and_is_opened_with_custody(
    exhibit: Exhibit, copy: WorkingCopy, custodian: Official, clock: Any
) -> None:
    assert (copy.state, copy.number) == (CopyState.READY, f"{exhibit.number}-C1")
    assert bytes(copy.wrapped_key or b"") != bytes(exhibit.wrapped_key or b"")
    ours = set(exhibit.segments.values_list("ciphertext_sha256", flat=True))
    assert ours.isdisjoint({each["sha256"] for each in copy.segments})
    assert copies.give_out(custodian, copy, purpose=WHY, now=clock.now).read() == IMAGE
    assert acts(exhibit) == ["received", "hashed", "copied", "opened"]
    assert all(copy.number in each["note"] and WHY in each["note"] for each in custody.chain(exhibit)[2:])
    assert Entry.objects.get(kind="copy_made").content["sha256"] == exhibit.sha256


def test_a_copy_whose_hash_is_not_the_originals_is_not_kept(
    exhibit: Exhibit, custodian: Official, clock: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(store.keys("segments"))
    monkeypatch.setattr(copies, "open_exhibit", lambda exhibit: io.BytesIO(IMAGE[:-1] + b"!"))
    made = copies.ask(custodian, exhibit, purpose=WHY, now=clock.now)
    run_jobs()
    made.refresh_from_db()
    assert (made.state, made.code) == (CopyState.FAILED, "content_differs")
    assert list(store.keys("segments")) == before
    with pytest.raises(copies.CopyNotReadyError):
        copies.give_out(custodian, made, purpose=WHY, now=clock.now)
    assert acts(exhibit) == ["received", "hashed", "copied"]


def test_making_it_twice_is_as_once(copy: WorkingCopy, clock: Any) -> None:
    before = list(store.keys("segments"))
    copies.make({"copy": str(copy.pk)}, clock.now)
    assert list(store.keys("segments")) == before


def test_a_destroyed_copy_is_gone_and_the_original_stays(
    exhibit: Exhibit, copy: WorkingCopy, custodian: Official, clock: Any, run_jobs: Any
) -> None:
    copies.destroy(custodian, copy, reason="examined", now=clock.now)
    run_jobs()
    gone = WorkingCopy.objects.get()
    assert (gone.state, gone.wrapped_key) == (CopyState.DESTROYED, None)
    names = set(exhibit.segments.values_list("ciphertext_sha256", flat=True))
    assert {each.rpartition("/")[2] for each in store.keys("segments")} == names
    assert open_exhibit(exhibit).read() == IMAGE
    assert acts(exhibit) == ["received", "hashed", "copied", "copy_destroyed"]
    for again in (
        lambda: copies.destroy(custodian, gone, reason="-", now=clock.now),
        lambda: copies.give_out(custodian, gone, purpose="-", now=clock.now),
    ):
        with pytest.raises(copies.CopyNotReadyError):
            again()


def test_whoever_did_not_make_it_destroys_it_only_as_keeper(
    exhibit: Exhibit, case: Case, copy: WorkingCopy, official: Any, clock: Any
) -> None:
    with pytest.raises(NotAuthorisedError):
        copies.destroy(official("signatory"), copy, reason="-", now=clock.now)
    with pytest.raises(NothingThereError):
        copies.destroy(official("drafter"), copy, reason="-", now=clock.now)  # not of this case
    copies.destroy(official("custodian"), copy, reason="-", now=clock.now)


def test_with_the_original_its_copies_go(
    exhibit: Exhibit, copy: WorkingCopy, custodian: Official, official: Any, clock: Any, run_jobs: Any
) -> None:
    waiting = copies.ask(custodian, exhibit, purpose=WHY, now=clock.now)
    keeping.propose_disposal(custodian, exhibit, kind="destroy", reason="-", now=clock.now)
    second = official("custodian", "signatory")
    keeping.decide_disposal(second, exhibit, agreed=True, reason="-", now=clock.now)
    run_jobs()
    assert list(store.keys("segments")) == []
    assert {each.state for each in WorkingCopy.objects.all()} == {CopyState.DESTROYED, CopyState.FAILED}
    waiting.refresh_from_db()
    assert waiting.wrapped_key is None
    assert acts(exhibit)[-2:] == ["copy_destroyed", "destroyed"]


def test_who_may_not_open_the_original_makes_and_opens_no_copy(
    exhibit: Exhibit, copy: WorkingCopy, official: Any, clock: Any
) -> None:
    signatory = official("signatory")
    with pytest.raises(NotAuthorisedError):
        copies.ask(signatory, exhibit, purpose=WHY, now=clock.now)
    with pytest.raises(NotAuthorisedError):
        copies.give_out(signatory, copy, purpose=WHY, now=clock.now)
    assert acts(exhibit) == ["received", "hashed", "copied"]


def test_a_copy_counts_in_the_share_of_its_makers_body(
    exhibit: Exhibit, copy: WorkingCopy, custodian: Official
) -> None:
    from comity.node.exhibits import quotas

    assert quotas.used("") == 2 * len(IMAGE)


# what was made from a copy


def test_a_result_names_its_copy_and_its_tool(
    exhibit: Exhibit, case: Case, copy: WorkingCopy, custodian: Official, clock: Any
) -> None:
    for bad, error in ((Acquisition(tool="finder"), ToolUnnamedError), (Acquisition(), ToolUnnamedError)):
        with pytest.raises(error):
            derive(custodian, case, copy, clock.now, bad)
    made = derive(custodian, case, copy, clock.now)
    assert made.made_from == copy
    last = custody.chain(exhibit)[-1]
    assert last["act"] == "used"
    assert last["note"] == f"working copy {copy.number}: {made.number} made from it with finder 4.2"
    copies.destroy(custodian, copy, reason="-", now=clock.now)
    with pytest.raises(CopyUnknownError):
        derive(custodian, case, copy, clock.now)


def test_a_result_that_comes_in_chunks_names_its_copy_too(
    exhibit: Exhibit, case: Case, copy: WorkingCopy, custodian: Official, clock: Any, run_jobs: Any
) -> None:
    begun = begin_upload(
        custodian, case, None, length=3, raw_name="hits", media_type="", source="-", acquisition=TOOL,
        made_from=copy.number, now=clock.now,
    )  # fmt: skip
    uploads.append(begun, io.BytesIO(b"abc"), 0, 3, lambda: True, clock.now)
    run_jobs()
    assert Exhibit.objects.get(pk=begun.pk).made_from == copy
    assert acts(exhibit)[-1] == "used"


def test_a_copy_of_another_case_is_none(
    copy: WorkingCopy, custodian: Official, case: Case, clock: Any
) -> None:
    other = Case.objects.create(
        reference="XA-2027-000002", side=case.side, peer=case.peer, heading="-",
        opened_at=clock.now, changed_at=clock.now,
    )  # fmt: skip
    with pytest.raises(CopyUnknownError):
        derive(custodian, other, copy, clock.now)


@pytest.mark.parametrize("kind", [MarkingKind.PRIVILEGED, MarkingKind.ABUSE])
def test_what_was_made_from_closed_material_is_as_closed(
    exhibit: Exhibit, case: Case, copy: WorkingCopy, custodian: Official, clock: Any, kind: str
) -> None:
    made = derive(custodian, case, copy, clock.now)
    mark(custodian, case, kind=kind, exhibit=str(exhibit.pk), reason="-", now=clock.now)
    refused = closing.ExhibitClosedError if kind == "privileged" else viewing.SecondPersonNeededError
    for take in (
        lambda: access.give_out(custodian, made, purpose=WHY, now=clock.now),
        lambda: copies.give_out(custodian, copy, purpose=WHY, now=clock.now),
        lambda: copies.ask(custodian, exhibit, purpose=WHY, now=clock.now),
    ):
        with pytest.raises(refused):
            take()
    assert closing.open_of_case(case.reference) == []
    assert WorkingCopy.objects.count() == 1


def test_two_people_make_a_copy_of_what_nobody_opens_alone(
    exhibit: Exhibit, case: Case, custodian: Official, official: Any, clock: Any, run_jobs: Any
) -> None:
    mark(custodian, case, kind=MarkingKind.ABUSE, exhibit=str(exhibit.pk), reason="-", now=clock.now)
    asked = viewing.ask(custodian, exhibit, purpose=WHY, now=clock.now)
    other = official("custodian")
    viewing.agree(other, exhibit, asked.pk, now=clock.now)
    made = copies.ask(custodian, exhibit, purpose=WHY, now=clock.now)
    run_jobs()
    made.refresh_from_db()
    assert str(other) in custody.chain(exhibit)[-1]["note"]
    with pytest.raises(viewing.SecondPersonNeededError):
        copies.give_out(custodian, made, purpose=WHY, now=clock.now)


def test_the_page_makes_opens_and_destroys(
    exhibit: Exhibit, case: Case, custodian: Official, run_jobs: Any, clock: Any
) -> None:
    client = Client()
    client.force_login(custodian)
    address = f"/exhibits/{exhibit.id}/copies"
    assert client.post(address, {"step": "make", "purpose": ""}).status_code == 422
    assert client.post(address, {"step": "make", "purpose": WHY}).status_code == 302
    number = f"{exhibit.number}-C1"
    assert client.post(address, {"step": f"open:{number}", "purpose": WHY}).status_code == 409
    clock.now = WorkingCopy.objects.get().asked_at
    run_jobs()
    assert number in client.get(address).content.decode()
    answer: Any = client.post(address, {"step": f"open:{number}", "purpose": WHY})
    assert b"".join(answer.streaming_content) == IMAGE
    assert number in client.get(f"/requests/{case.reference}/intake").content.decode()
    assert client.post(address, {"step": "destroy:nothing", "reason": "-"}).status_code == 409
    assert client.post(address, {"step": f"destroy:{number}", "reason": "-"}).status_code == 302
    assert WorkingCopy.objects.get().state == CopyState.DESTROYED
    assert open_exhibit(exhibit).read() == IMAGE
