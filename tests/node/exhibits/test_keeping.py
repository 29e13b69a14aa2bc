"""How exhibits are kept: the sweep that re-hashes, shares of the store, holds, periods, an end by two."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from comity.node import config, store, wiring
from comity.node.accounts.authority import FourEyesError, NotAuthorisedError
from comity.node.accounts.models import Organisation
from comity.node.casework.models import Case
from comity.node.exchange.models import Letter
from comity.node.exhibits import content, custody, erasing, intake, integrity, keeping, quotas, reading
from comity.node.exhibits.models import Bundle, BundleState, Exhibit
from comity.node.ledger.models import Entry
from comity.proofs.custody import check_chain, read_records

WHY = "the proceedings have ended"


@pytest.fixture
def custodian(official: Any) -> Any:
    return official("custodian", "duty_officer")


@pytest.fixture
def second(official: Any) -> Any:
    return official("signatory")


@pytest.fixture
def exhibit(case: Case, custodian: Any, clock: Any) -> Exhibit:
    return take_in(custodian, clock)


def take_in(person: Any, clock: Any, data: bytes = b"a line of a log\n", **options: Any) -> Exhibit:
    described = intake.Description("XA-2027-000001", 1, "access.log", "text/plain", "post-example", "traffic")
    return intake.take_in(person, io.BytesIO(data), described, now=clock.now, **options)


def kinds(exhibit: Exhibit) -> list[str]:
    return list(Entry.objects.filter(subject=str(exhibit.id)).order_by("id").values_list("kind", flat=True))


def harm(exhibit: Exhibit, *, remove: bool = False) -> None:
    path = config.current().store / content.segment_key(exhibit.segments.get().ciphertext_sha256)
    path.chmod(0o600)
    path.unlink() if remove else path.write_bytes(path.read_bytes()[:-1] + bytes([path.read_bytes()[-1] ^ 1]))


# the sweep


def test_an_exhibit_is_checked_when_a_week_has_passed_and_the_ledger_remembers_it(
    exhibit: Exhibit, clock: Any, run_jobs: Any
) -> None:
    wiring.connect()
    integrity.ask_due(clock.advance(days=6))
    assert run_jobs() == 0
    integrity.ask_due(clock.advance(days=1))
    integrity.ask_due(clock.now)
    assert run_jobs() == 1
    exhibit.refresh_from_db()
    assert (exhibit.checked_at, exhibit.damage) == (clock.now, "")
    assert Entry.objects.get(kind="integrity_checked").content["damage"] is None


@pytest.mark.parametrize(("remove", "code"), [(False, "object_changed"), (True, "object_missing")])
def test_damage_is_found_told_on_the_desk_and_on_record(
    exhibit: Exhibit, custodian: Any, clock: Any, run_jobs: Any, remove: bool, code: str
) -> None:
    wiring.connect()
    harm(exhibit, remove=remove)
    integrity.ask_due(clock.advance(days=8))
    run_jobs()
    exhibit.refresh_from_db()
    assert exhibit.damage == code
    assert Entry.objects.get(kind="integrity_checked").content["damage"] == code
    client = Client()
    client.force_login(custodian)
    assert f'/exhibits/{exhibit.id}/">{exhibit.number}' in client.get("/desk/").content.decode()


def test_damage_is_not_told_to_whoever_may_not_see_the_evidence(
    exhibit: Exhibit, official: Any, clock: Any
) -> None:
    Exhibit.objects.update(damage="object_changed", checked_at=clock.now)
    client = Client()
    client.force_login(official("registrar"))
    assert exhibit.number not in client.get("/desk/").content.decode()


def test_a_large_exhibit_is_checked_in_portions(
    case: Case, custodian: Any, clock: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiring.connect()
    monkeypatch.setattr(content, "SEGMENT_BYTES", 10)
    monkeypatch.setattr(integrity, "PORTION", 2)
    exhibit = take_in(custodian, clock, b"x" * 45)
    integrity.ask_due(clock.advance(days=8))
    assert run_jobs() == 3
    exhibit.refresh_from_db()
    assert exhibit.checked_at == clock.now
    assert Entry.objects.filter(kind="integrity_checked").count() == 1


# shares of the store


def test_a_body_that_has_used_its_share_is_refused_before_a_byte_is_read(
    official: Any, case: Case, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = Organisation.objects.create(id="bureau")
    person = official("custodian", organisation=body)
    give_quotas(monkeypatch, bureau=20)
    take_in(person, clock, b"x" * 15)
    unread = io.BytesIO(b"x" * 15)
    described = intake.Description("XA-2027-000001", 1, "b", "text/plain", "-")
    with pytest.raises(quotas.QuotaUsedUpError, match="5 of 20"):
        intake.take_in(person, unread, described, now=clock.now, announced=(15, "0" * 64))
    assert unread.tell() == 0


def test_a_content_that_turns_out_larger_than_the_share_leaves_nothing(
    official: Any, case: Case, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_quotas(monkeypatch, **{"xa-247": 20})
    with pytest.raises(quotas.QuotaUsedUpError):
        take_in(official("custodian"), clock, b"x" * 21)
    assert list(store.keys("segments")) == []
    assert take_in(official("custodian"), clock, b"x" * 20).bytes == 20


def give_quotas(monkeypatch: pytest.MonkeyPatch, **shares: int) -> None:
    node = replace(config.current(), quotas=shares)
    monkeypatch.setattr(config, "current", lambda: node)


def test_a_disk_without_room_is_refused_before_anything_is_written(
    custodian: Any, case: Case, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comity.node import durable

    monkeypatch.setattr(durable, "RESERVE", 1 << 60)
    with pytest.raises(durable.DiskFullError):
        take_in(custodian, clock)
    assert list(store.keys("segments")) == []


# holds, periods, the end


def test_nothing_under_hold_can_go_until_another_official_lifts_it(
    exhibit: Exhibit, custodian: Any, second: Any, clock: Any
) -> None:
    keeping.propose_disposal(custodian, exhibit, kind="destroy", reason=WHY, now=clock.now)
    hold = keeping.place_hold(custodian, exhibit, reason="an appeal is pending", now=clock.now)
    with pytest.raises(keeping.HeldError):
        keeping.decide_disposal(second, exhibit, agreed=True, reason=WHY, now=clock.now)
    with pytest.raises(FourEyesError):
        keeping.lift_hold(custodian, exhibit, hold.pk, reason=WHY, now=clock.now)
    exhibit.refresh_from_db()
    assert exhibit.is_there
    keeping.lift_hold(second, exhibit, hold.pk, reason=WHY, now=clock.now)
    keeping.decide_disposal(second, exhibit, agreed=True, reason=WHY, now=clock.now)
    exhibit.refresh_from_db()
    assert not exhibit.is_there


def test_nothing_ends_before_its_period_does(
    exhibit: Exhibit, custodian: Any, second: Any, clock: Any
) -> None:
    until = (clock.now + timedelta(days=1)).date()
    keeping.set_period(custodian, exhibit, until=until, reason="Code, article 1", now=clock.now)
    for at in (clock.now, clock.advance(days=1)):
        with pytest.raises(keeping.PeriodRunsError):
            keeping.propose_disposal(custodian, exhibit, kind="destroy", reason=WHY, now=at)
    keeping.propose_disposal(custodian, exhibit, kind="destroy", reason=WHY, now=clock.advance(days=1))


def test_an_end_takes_two_people_and_the_right_to_it(
    exhibit: Exhibit, custodian: Any, official: Any, clock: Any
) -> None:
    with pytest.raises(NotAuthorisedError):
        keeping.propose_disposal(official("drafter"), exhibit, kind="destroy", reason=WHY, now=clock.now)
    keeping.propose_disposal(custodian, exhibit, kind="destroy", reason=WHY, now=clock.now)
    with pytest.raises(keeping.DisposalOpenError):
        keeping.propose_disposal(custodian, exhibit, kind="destroy", reason=WHY, now=clock.now)
    with pytest.raises(FourEyesError):
        keeping.decide_disposal(custodian, exhibit, agreed=True, reason=WHY, now=clock.now)
    exhibit.refresh_from_db()
    assert exhibit.is_there


def test_a_returned_exhibit_is_not_kept_here_and_its_custody_says_so(
    exhibit: Exhibit, custodian: Any, second: Any, clock: Any, run_jobs: Any
) -> None:
    wiring.connect()
    keeping.propose_disposal(
        custodian, exhibit, kind="return", to="the owner", reason=WHY, now=clock.advance(hours=1)
    )
    keeping.decide_disposal(second, exhibit, agreed=True, reason="so agreed", now=clock.advance(hours=1))
    run_jobs()
    chain = custody.chain(exhibit)
    assert [each["act"] for each in chain] == ["received", "hashed", "returned", "destroyed"]
    assert check_chain(read_records(chain)) == []
    assert "the owner" in chain[2]["note"]
    assert kinds(exhibit)[-1] == "disposal_done"
    assert list(store.keys("segments")) == []
    with pytest.raises(reading.ExhibitDestroyedError):
        reading.open_exhibit(Exhibit.objects.get())
    with pytest.raises(reading.ExhibitDestroyedError):
        keeping.place_hold(custodian, exhibit, reason=WHY, now=clock.now)


def test_a_declined_end_leaves_the_exhibit_as_it_was(
    exhibit: Exhibit, custodian: Any, second: Any, clock: Any
) -> None:
    keeping.propose_disposal(custodian, exhibit, kind="destroy", reason=WHY, now=clock.now)
    keeping.decide_disposal(second, exhibit, agreed=False, reason="still needed", now=clock.now)
    exhibit.refresh_from_db()
    assert exhibit.is_there
    keeping.propose_disposal(custodian, exhibit, kind="destroy", reason=WHY, now=clock.now)


def test_with_the_exhibit_goes_what_else_of_the_node_holds_it(
    result: Letter, custodian: Any, second: Any, clock: Any, run_jobs: Any
) -> None:
    from comity.node.exhibits import arrival

    wiring.connect()
    arrival.arrive({"letter": str(result.id)}, clock.now)
    exhibit = Exhibit.objects.get()
    store.put("bundles/b.age", io.BytesIO(b"-"))
    bundle = Bundle.objects.create(
        id=exhibit.id,
        case_reference=exhibit.case_reference,
        description={},
        state=BundleState.READY,
        key="bundles/b.age",
        asked_by=custodian,
        asked_at=clock.now,
    )
    keeping.propose_disposal(custodian, exhibit, kind="destroy", reason=WHY, now=clock.now)
    keeping.decide_disposal(second, exhibit, agreed=True, reason=WHY, now=clock.now)
    run_jobs()
    erasing.erase({"exhibit": str(exhibit.id)}, clock.now)  # again: nothing changes
    result.refresh_from_db(), bundle.refresh_from_db()
    assert (result.container, bundle.state) == ("", BundleState.GONE)
    assert list(store.every_key()) == [f"remains/{result.id}.age"]  # no byte of the exhibit
    assert result.canonical  # what the letter says stays
    client = Client()
    client.force_login(custodian)
    assert client.get(f"/letters/{result.id}/").status_code == 200
    assert (
        "it held an exhibit that was destroyed"
        in client.get(f"/requests/{exhibit.case_reference}/bundle").content.decode()
    )


def test_an_exhibit_does_not_end_while_a_letter_carries_it(
    result: Letter, custodian: Any, clock: Any
) -> None:
    from comity.node.exhibits import arrival

    arrival.arrive({"letter": str(result.id)}, clock.now)
    Letter.objects.update(stage="sealed")
    with pytest.raises(keeping.ExhibitTravelsError):
        keeping.propose_disposal(custodian, Exhibit.objects.get(), kind="destroy", reason=WHY, now=clock.now)


def test_the_page_carries_an_exhibit_from_a_hold_to_its_end(
    exhibit: Exhibit, custodian: Any, second: Any
) -> None:
    one, other = Client(), Client()
    one.force_login(custodian), other.force_login(second)
    address = f"/exhibits/{exhibit.id}/keeping"
    assert one.post(address, {"step": "hold", "reason": WHY}).status_code == 302
    hold = exhibit.holds.get()
    assert one.post(address, {"step": "propose", "kind": "destroy", "reason": WHY}).status_code == 409
    assert one.post(address, {"step": f"lift:{hold.pk}", "reason": WHY}).status_code == 409
    assert other.post(address, {"step": f"lift:{hold.pk}", "reason": WHY}).status_code == 302
    assert one.post(address, {"step": "propose", "kind": "return", "reason": WHY}).status_code == 422
    assert one.post(address, {"step": "propose", "kind": "destroy", "reason": WHY}).status_code == 302
    assert "Agree" not in one.get(address).content.decode()
    assert other.post(address, {"step": "agree", "reason": WHY}).status_code == 302
    assert "only this record remains" in other.get(address).content.decode()
    assert other.post(address, {"step": "agree", "reason": WHY}).status_code == 409


def test_gaps_and_contradictions_of_a_chain_are_shown(exhibit: Exhibit, custodian: Any) -> None:
    client = Client()
    client.force_login(custodian)
    address = f"/exhibits/{exhibit.id}/"
    assert "not whole" not in client.get(address).content.decode()
    second = exhibit.custody.get(n=2)
    second.record["note"] = "changed afterwards"
    second.save()
    assert [each.code for each in custody.findings(exhibit)] == ["custody_not_in_ledger"]
    exhibit.custody.filter(n=1).delete()
    assert "custody_gap" in {each.code for each in custody.findings(exhibit)}
    assert "not whole" in client.get(address).content.decode()
