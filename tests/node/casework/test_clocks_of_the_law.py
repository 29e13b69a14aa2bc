"""Each clock of the treaties is started by an event of a case, on both nodes, or it is said why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.node.casework.conftest import request_body

from comity import treaties
from comity.node import wiring
from comity.node.casework import incoming, opinions, running, timeline
from comity.node.casework.acts.ask_status import ask_status
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.tell_status import tell_status
from comity.node.casework.models import Case, Event, WaitingLetter
from comity.node.clocks import reminders
from comity.node.clocks import running as clocks
from comity.node.clocks.models import Clock, ClockState
from comity.node.directory.models import Authority
from comity.node.exchange.models import Letter, Stage
from comity.node.ledger.models import Entry
from comity.proofs.receipts import ReceiptName

ELSEWHERE = {
    "arbitration_to_court": "a dispute between States is no case of this register",
    "entry_into_force": "the status of States is counted by the engine, not by a case",
    "denunciation_effect": "the status of States is counted by the engine, not by a case",
}
"""The clocks of the treaties that these events do not start, and why."""
EXECUTION = {
    "id": "execution",
    "duration": "P30D",
    "from": "receipt",
    "of": "requested",
    "cite": "csto-ict:art_7__para_2",
    "outcome": "applies",
}
FORWARDING = EXECUTION | {
    "id": "forward_to_competent",
    "duration": "P3D",
    "cite": "csto-ict:art_7__para_4",
    "outcome": "undetermined",
}


def rules() -> list[Any]:
    library = treaties.load()
    return [rule for name in library.instruments for rule in library.rules(name) if rule.kind == "clock"]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule.citation}-{rule.id}")
def test_every_clock_of_the_treaties_is_started_or_it_is_said_why_not(rule: Any) -> None:
    assert (rule.id in running.STARTED) != (rule.id in ELSEWHERE)
    if rule.id in running.STARTED:
        assert callable(getattr(running, running.STARTED[rule.id]))


@pytest.fixture(autouse=True)
def timed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The law on record sets a time for execution, and one for passing a request on."""
    form = opinions.form

    def formed(facts: dict[str, Any], now: datetime) -> dict[str, Any]:
        opinion = form(facts, now)
        return opinion | {"clocks": [*opinion["clocks"], EXECUTION, FORWARDING]}

    monkeypatch.setattr(opinions, "form", formed)


@pytest.fixture
def asked(arrive: Any, from_xb: Any) -> Case:
    arrive(from_xb("request", request_body()))
    return Case.objects.get()


def of(kind: str) -> Clock:
    return Clock.objects.get(kind=kind)


def test_what_the_law_counts_from_receipt_begins_when_the_request_arrives(asked: Case, clock: Any) -> None:
    execution, forwarding = of("execution"), of("forward_to_competent")
    assert (execution.starts_at, execution.due_at) == (clock.now, clock.now + timedelta(days=30))
    assert (execution.certain, execution.of) == (True, "requested")
    assert (forwarding.due_at, forwarding.certain) == (clock.now + timedelta(days=3), False)


def test_on_the_requesting_side_it_begins_with_the_day_that_the_registration_names(
    signed_case: Case, arrive: Any, from_xb: Any, clock: Any
) -> None:
    body = {
        "reference": "XB-2027-000009",
        "received_at": "2027-06-12T04:00:00Z",
        "items": [{"number": 1, "actual": "registered"}],
        "deficiencies": [],
    }
    numbers = {"requesting": signed_case.reference, "requested": "XB-2027-000009"}
    letters = [str(each) for each in _sent(signed_case)]
    arrive(from_xb("registration", body, case=numbers, answers=letters))
    assert of("execution").starts_at == datetime(2027, 6, 12, 4, tzinfo=UTC)
    assert not Clock.objects.filter(kind="forward_to_competent").exists()  # only they can know it


def _sent(case: Case) -> list[Any]:
    from comity.node.exchange.models import Letter

    return [letter.pk for letter in Letter.objects.filter(case_reference=case.reference)]


def test_days_are_counted_where_the_side_that_owes_it_is(asked: Case, clock: Any) -> None:
    Authority.objects.filter(own=True).update(time_zone="Europe/Berlin")
    asked.refresh_from_db()
    made = running.begin(asked, EXECUTION | {"id": "x", "duration": "P180D"}, clock.now)
    assert made.zone == "Europe/Berlin"
    assert made.due_at == clock.now + timedelta(days=180, hours=1)  # summer time ends in between


def test_execution_begun_leaves_nothing_to_pass_on(asked: Case, clock: Any) -> None:
    running.on_execution(asked, clock.now)
    assert of("forward_to_competent").state == ClockState.CEASED
    assert of("execution").state == ClockState.RUNNING


def test_the_decision_meets_the_time_for_execution_and_a_withdrawal_ends_it(asked: Case, clock: Any) -> None:
    asked.actual = "withdrawn"
    running.on_decision(asked, clock.now)
    assert of("execution").state == ClockState.CEASED
    Clock.objects.update(state=ClockState.RUNNING)
    asked.actual = "executed"
    running.on_decision(asked, clock.now)
    assert of("execution").state == ClockState.MET


def test_a_question_about_the_status_is_owed_an_answer_until_it_comes(
    asked: Case, official: Any, arrive: Any, from_xb: Any, clock: Any
) -> None:
    officer = official("registrar", "duty_officer")
    register_request(officer, asked, now=clock.now)
    numbers = {"requesting": asked.peer_reference, "requested": asked.reference}
    body = {"items": [{"number": 1}], "text": "How does it stand?"}
    arrive(from_xb("status_asked", body, case=numbers, generation=2))
    found = of("status_answer")
    assert (found.due_at, found.until, found.of) == (None, "status", "requested")
    assert found.cite == "uncc:art_40__para_26"
    tell_status(officer, asked, [1], text="With the provider.", now=clock.now)
    assert of("status_answer").state == ClockState.MET


def test_it_runs_on_the_node_that_asked_too(
    signed_case: Case, signatory: Any, arrive: Any, from_xb: Any, clock: Any
) -> None:
    question = ask_status(signatory, signed_case, [1], text="How does it stand?", now=clock.now)
    assert of("status_answer").state == ClockState.RUNNING
    numbers = {"requesting": signed_case.reference, "requested": None}
    items = [{"number": 1, "actual": "in_execution", "note": ""}]
    arrive(from_xb("status", {"items": items, "text": "Soon."}, case=numbers, answers=[str(question.id)]))
    assert of("status_answer").state == ClockState.MET


def test_what_runs_out_is_in_the_ledger_once_with_all_that_it_takes_to_judge_it(
    asked: Case, clock: Any
) -> None:
    wiring.connect()
    clock.advance(days=3)
    assert clocks.run_out(clock.now) == 1
    assert clocks.run_out(clock.now) == 0
    entry = Entry.objects.get(kind="clock_ran_out")
    assert entry.content == {
        "what": "clock_ran_out",
        "clock": "forward_to_competent",
        "cite": "csto-ict:art_7__para_4",
        "case": asked.reference,
        "of": "requested",
        "certain": False,
        "started_at": "2027-06-12T03:12:00Z",
        "due_at": "2027-06-15T03:12:00Z",
        "zone": "UTC",
        "working_days": None,
        "at": "2027-06-15T03:12:00Z",
    }
    assert of("forward_to_competent").entry == entry
    assert Event.objects.get(kind="clock_ran_out").entry == entry


def test_a_node_that_dies_while_it_notes_the_end_notes_it_once_when_it_runs_again(
    asked: Case, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    wiring.connect()
    clock.advance(days=3)
    with monkeypatch.context() as dying:
        dying.setattr("comity.node.casework.events.note", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            clocks.run_out(clock.now)
    assert not Entry.objects.filter(kind="clock_ran_out").exists()
    assert of("forward_to_competent").state == ClockState.RUNNING
    assert clocks.run_out(clock.now) == 1
    assert Entry.objects.filter(kind="clock_ran_out").count() == 1


def test_a_reminder_is_a_line_of_the_timeline(asked: Case, clock: Any) -> None:
    wiring.connect()
    clock.advance(hours=66)
    assert reminders.note(clock.now) == 1
    line = Event.objects.get(kind="clock_reminder")
    assert line.params == {"clock": "forward_to_competent", "until": "2027-06-15T03:12:00Z"}


def test_what_is_owed_forthwith_is_a_line_of_the_timeline_that_can_be_read(asked: Case, clock: Any) -> None:
    wiring.connect()
    clocks.start(
        asked.reference,
        "status_answer",
        "c",
        "requested",
        starts_at=clock.now,
        until="status",
        forthwith=True,
    )
    assert reminders.note(clock.advance(hours=24)) == 1
    line = Event.objects.get(kind="clock_waits")
    assert "is owed without delay since 12 Jun 2027" in timeline.sentence(line)


def test_a_letter_that_waits_for_our_answer_is_kept_until_it_is_answered(
    asked: Case, official: Any, arrive: Any, from_xb: Any, clock: Any
) -> None:
    officer = official("registrar", "duty_officer")
    register_request(officer, asked, now=clock.now)
    assert not WaitingLetter.objects.exists()
    numbers = {"requesting": asked.peer_reference, "requested": asked.reference}
    body = {"items": [{"number": 1}], "text": "How does it stand?"}
    letter = arrive(from_xb("status_asked", body, case=numbers, generation=2))
    kept = WaitingLetter.objects.get()
    assert (kept.letter, kept.kind, kept.case) == (letter.pk, "status_asked", asked)
    tell_status(officer, asked, [1], text="With the provider.", now=clock.now)
    assert not WaitingLetter.objects.exists()
    answer = Letter.objects.get(kind="status", case_reference=asked.reference)
    for stage, receipt in (
        (Stage.FAILED, ReceiptName.NON_DELIVERY),  # it never arrived: the question waits again
        (Stage.DELIVERED, ReceiptName.DELIVERY),  # it did, as the other side said later
    ):
        Letter.objects.filter(pk=answer.pk).update(stage=stage)
        answer.refresh_from_db()
        incoming.acknowledged(answer, receipt, clock.now)
        assert WaitingLetter.objects.exists() is (stage == Stage.FAILED)
    assert not WaitingLetter.objects.exists()
