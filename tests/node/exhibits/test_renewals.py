"""Stored letters are sealed again in the year before their proof ends, in simulated time."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from comity.node import diagnosing, store, wiring
from comity.node.accounts.authority import NotAuthorisedError
from comity.node.accounts.models import Official
from comity.node.casework.acts.export_bundle import export_bundle
from comity.node.casework.acts.hand_out_letter import hand_out_letter
from comity.node.casework.acts.renew_proof import renew_proof
from comity.node.casework.models import Case
from comity.node.directory import anchors
from comity.node.durable import DiskFailedError
from comity.node.exchange import arrivals
from comity.node.exchange.models import Letter
from comity.node.exhibits import arrival, bundle, custody, erasing, renewals
from comity.node.exhibits.models import Bundle, Exhibit, LetterProof
from comity.node.ledger import sequencer
from comity.node.ledger.models import Entry
from comity.proofs.custody import check_chain, read_records
from comity.sealing import algorithms
from comity.sealing.verification import verify

LAST_DAY = date(2028, 5, 31)
"""The algorithms of the tests end within a year of its time."""


@pytest.fixture
def lasting(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Let the algorithms last until a day."""
    real = algorithms._table()

    def until(day: date) -> None:
        table = copy.deepcopy(real)
        for row in [*table["digest"], *table["signature"]]:
            row["until"] = day
        monkeypatch.setattr(algorithms, "_table", lambda: table)

    return until


@pytest.fixture
def custodian(official: Any) -> Official:
    return official("custodian")  # type: ignore[no-any-return]


@pytest.fixture
def ending(result: Letter, case: Case, clock: Any, lasting: Any, run_jobs: Any) -> Letter:
    """The letter with its exhibit, whose proof the first look finds to end within a year."""
    wiring.connect()
    arrival.arrive({"letter": str(result.pk)}, clock.now)
    lasting(LAST_DAY)
    renewals.ask_due(clock.now)
    run_jobs()
    return result


def test_what_ends_within_a_year_stands_on_the_desk_and_the_list(
    ending: Letter, custodian: Official, official: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    proof = LetterProof.objects.get()
    assert proof.ends == datetime(2028, 5, 31, 23, 59, 59, tzinfo=UTC)
    assert list(renewals.due(clock.now)) == [proof]
    assert list(renewals.due(datetime(2027, 5, 31, tzinfo=UTC))) == []
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    client = Client()
    client.force_login(custodian)
    assert "ends within a year" in client.get("/desk/").content.decode()
    assert "XA-2027-000001" in client.get("/proofs/").content.decode()
    client.force_login(official("drafter"))
    assert "ends within a year" not in client.get("/desk/").content.decode()


def test_of_a_letter_sealed_here_the_end_is_known_and_it_is_not_opened_again(
    result: Letter, monkeypatch: pytest.MonkeyPatch, clock: Any, run_jobs: Any
) -> None:
    wiring.connect()
    ends = datetime(2035, 12, 31, 23, 59, 59, tzinfo=UTC)
    arrivals.tell_sealed(result, ends)
    arrivals.tell_sealed(result, ends)
    opened: list[str] = []
    real = renewals.reading.container

    def noted(letter: Letter) -> Any:
        opened.append(str(letter.pk))
        return real(letter)

    monkeypatch.setattr(renewals.reading, "container", noted)
    renewals.find({}, clock.now)
    assert (LetterProof.objects.get().ends, opened) == (ends, [])
    LetterProof.objects.all().delete()
    renewals.find({}, clock.now)
    assert (LetterProof.objects.get().ends, opened) == (ends, [str(result.pk)]), (
        "without a note it is looked at"
    )


def test_a_container_that_cannot_be_read_now_takes_no_other_down(
    result: Letter, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = result.pk
    Letter.objects.filter(proof=None).exclude(pk=first).update(container="")
    later = Letter.objects.get(pk=first)
    later.pk, later.stage_at = uuid4(), clock.now + timedelta(days=1)
    later.save(force_insert=True)
    look = renewals._look

    def fails(letter: Letter) -> LetterProof:
        if letter.pk == later.pk:
            raise DiskFailedError
        return look(letter)

    monkeypatch.setattr(renewals, "_look", fails)
    with pytest.raises(DiskFailedError):
        renewals.find({}, clock.now)
    assert [each.letter_id for each in LetterProof.objects.all()] == [UUID(str(first))]


def test_it_is_sealed_again_around_the_older_one_with_custody(
    ending: Letter, custodian: Official, clock: Any, lasting: Any, run_jobs: Any
) -> None:
    before = set(store.every_key())
    renew_proof(custodian, ending, now=clock.now)
    renew_proof(custodian, ending, now=clock.now)  # asked twice is asked once
    lasting(date(2040, 1, 1))  # by then there are others
    run_jobs()
    renewal = ending.renewals.get(of_remains=False)
    assert before < set(store.every_key())
    with renewals.newest(ending) as newest:
        report = verify(newest, trust=anchors.trust(), identities=None, as_of=clock.now)
    assert (report.verdict, report.kind) == ("passed", "renewal")
    assert [each["by"] for each in report.signatures] == ["xa-247", "xb-247"]
    proof = LetterProof.objects.get()
    assert proof.ends is not None
    assert proof.ends > datetime(2039, 1, 1, tzinfo=UTC)
    assert list(renewals.due(clock.now)) == []
    last = custody.chain(Exhibit.objects.get())[-1]
    assert (last["act"], last["by"]["name"]) == ("sealed", custodian.full_name)
    assert str(ending.pk) in last["note"]
    assert check_chain(read_records(custody.chain(Exhibit.objects.get()))) == []
    assert Entry.objects.get(kind="container_renewed").content["sha256"] == renewal.sha256
    with hand_out_letter(custodian, ending, purpose="for the court", now=clock.now) as out:
        assert verify(out, trust=anchors.trust(), identities=None, as_of=clock.now).kind == "renewal"
    renewals.seal({"letter": str(ending.pk), "n": 1}, clock.now)  # again: nothing changes
    assert ending.renewals.count() == 2  # the container and, with it, what would remain of it
    assert diagnosing._proofs(clock.now).code is None


def test_a_court_bundle_carries_the_newest_container_and_proves_the_chain(
    ending: Letter, case: Case, custodian: Official, clock: Any, lasting: Any, run_jobs: Any
) -> None:
    renew_proof(custodian, ending, now=clock.now)
    lasting(date(2040, 1, 1))
    run_jobs()
    asked = export_bundle(custodian, case, now=clock.now)
    sequencer.sequence(clock.now)
    bundle.make({"bundle": str(asked.id)}, clock.now)
    with bundle.opened(Bundle.objects.get()) as plain:
        report = verify(plain, trust=anchors.trust(), identities=None, as_of=clock.now)
        assert report.verdict == "passed", report.as_dict()
        inside = [each["by"] for each in report.signatures if each.get("in") == f"letters/{ending.pk}.asice"]
    assert inside == ["xa-247", "xb-247"]  # the newer seal around the first


def test_earlier_and_later_than_the_last_year_it_is_not(
    ending: Letter, custodian: Official, official: Any, clock: Any
) -> None:
    for year in (2026, 2029):
        with pytest.raises(renewals.NotDueError):
            renew_proof(custodian, ending, now=clock.now.replace(year=year))
    with pytest.raises(NotAuthorisedError):
        renew_proof(official("drafter"), ending, now=clock.now)
    assert LetterProof.objects.get().asked_by is None


def test_what_does_not_verify_is_not_sealed_again(
    ending: Letter, custodian: Official, clock: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comity.sealing.trust import Trust

    renew_proof(custodian, ending, now=clock.now)
    monkeypatch.setattr(anchors, "trust", lambda: Trust({}))  # nobody is known any more
    run_jobs()
    proof = LetterProof.objects.get()
    assert (proof.asked_by, proof.code) == (None, "renewal_refused")
    assert not ending.renewals.exists()
    assert custody.chain(Exhibit.objects.get())[-1]["act"] != "sealed"


def test_what_holds_a_destroyed_exhibit_goes_with_its_newer_containers(
    ending: Letter, custodian: Official, clock: Any, lasting: Any, run_jobs: Any
) -> None:
    renew_proof(custodian, ending, now=clock.now)
    lasting(date(2040, 1, 1))
    run_jobs()
    exhibit = Exhibit.objects.get()
    Exhibit.objects.update(wrapped_key=None)
    erasing.erase({"exhibit": str(exhibit.pk)}, clock.now)
    newer = ending.renewals.get(of_remains=True).key
    assert sorted(store.every_key()) == sorted([f"remains/{ending.pk}.age", newer])


def test_the_page_has_it_sealed_again(
    ending: Letter, custodian: Official, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    client = Client()
    client.force_login(custodian)
    assert client.post(f"/proofs/{ending.pk}").status_code == 302
    assert LetterProof.objects.get().asked_by == custodian
    assert "being sealed again" in client.get("/proofs/").content.decode()
    LetterProof.objects.update(asked_by=None, ends=clock.now.replace(year=2031))
    assert client.post(f"/proofs/{ending.pk}").status_code == 409
