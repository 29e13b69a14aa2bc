"""A consultation that stays without an answer: who may put it on record, when, and what follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.node.casework.conftest import by_two, heads, reply, request_body

from comity import canonical
from comity.letters.schema import parse
from comity.letters.validation import find_problems
from comity.node import wiring
from comity.node.accounts.authority import NothingThereError
from comity.node.casework import duties
from comity.node.casework.acts.change_access import assign
from comity.node.casework.acts.consult import ReplyDayPastError, consult
from comity.node.casework.acts.note_no_answer import AnswerStillPossibleError, note_no_answer
from comity.node.casework.acts.refuse_execution import refuse_execution
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.dialogue import answers
from comity.node.casework.letters import read_body
from comity.node.casework.models import Case, Event
from comity.node.clocks import running
from comity.node.clocks.models import Clock, ClockState
from comity.node.exchange.models import Letter, Stage
from comity.node.ledger.models import Entry

GROUND = "uncc:art_40__para_21__point_b"
WEEK = timedelta(days=7)


@pytest.fixture
def officer(official: Any) -> Any:
    return official("registrar", "signatory", "duty_officer")


@pytest.fixture
def asked(arrive: Any, from_xb: Any, officer: Any, clock: Any) -> Case:
    arrive(from_xb("request", request_body()))
    case = Case.objects.get()
    register_request(officer, case, now=clock.now)
    case.refresh_from_db()
    return case


@pytest.fixture
def consultation(asked: Case, officer: Any, clock: Any) -> Letter:
    """We consult about a refusal and ask for an answer within a week; the other side has the letter."""
    words = {"text": "Could it be done otherwise?", "about": "refusal", "reply_by": clock.now + WEEK}
    letter = consult(officer, asked, [1], **words, now=clock.now)
    Letter.objects.filter(pk=letter.pk).update(stage=Stage.DELIVERED)
    return letter


def refuse(officer: Any, case: Case, clock: Any) -> Letter:
    return by_two(refuse_execution)(
        officer, case, case.items.get(), ground=GROUND, reasons="Security.", now=clock.now
    )


def record(officer: Any, case: Case, letter: Letter, clock: Any) -> Entry:
    return note_no_answer(officer, case, letter=str(letter.pk), now=clock.now)


def test_with_it_on_record_the_item_is_refused_and_the_letter_says_so(
    asked: Case, officer: Any, clock: Any, consultation: Letter
) -> None:
    clock.advance(days=7, seconds=1)
    entry = record(officer, asked, consultation, clock)
    assert entry.content["reply_by"] == read_body(consultation)["reply_by"]
    assert str(Event.objects.get(kind="consultation_unanswered").letter) == str(consultation.pk)
    document = parse(bytes(refuse(officer, asked, clock).canonical or b""))
    assert find_problems(document) == []
    body = document.body.as_json()
    assert (body["consulted"], body["no_answer_by"]) == (False, read_body(consultation)["reply_by"])


def test_without_the_record_the_refusal_waits_however_much_time_has_passed(
    asked: Case, officer: Any, clock: Any, consultation: Letter
) -> None:
    clock.advance(days=400)
    with pytest.raises(duties.DutiesUnmetError):
        refuse(officer, asked, clock)


def test_it_covers_only_what_was_consulted_on(
    asked: Case, officer: Any, clock: Any, consultation: Letter
) -> None:
    clock.advance(days=8)
    record(officer, asked, consultation, clock)
    assert answers.met(asked, [1]) == {"consult_before_refusal"}
    assert answers.met(asked, [1, 2]) == set()


@pytest.mark.parametrize("why", ["day", "not_delivered", "failed", "answered", "twice", "no_day"])
def test_it_is_not_put_on_record(
    asked: Case,
    officer: Any,
    clock: Any,
    consultation: Letter,
    why: str,
    arrive: Any,
    from_xb: Any,
) -> None:
    clock.advance(days=7, seconds=-1 if why == "day" else 1)
    if why in ("not_delivered", "failed"):
        stage = Stage.SEALED if why == "not_delivered" else Stage.FAILED
        Letter.objects.filter(pk=consultation.pk).update(stage=stage)
    if why == "answered":
        asked.refresh_from_db()
        arrive(from_xb(**reply(asked, [str(consultation.pk)])))
    if why == "twice":
        record(officer, asked, consultation, clock)
    if why == "no_day":
        consultation = consult(officer, asked, [1], text="And?", about="refusal", now=clock.now)
        Letter.objects.filter(pk=consultation.pk).update(stage=Stage.DELIVERED)
        clock.advance(days=100)
    with pytest.raises(AnswerStillPossibleError):
        record(officer, asked, consultation, clock)
    assert Event.objects.filter(kind="consultation_unanswered").count() == (why == "twice")


def test_a_late_reply_counts_as_consultation(
    asked: Case, officer: Any, clock: Any, consultation: Letter, arrive: Any, from_xb: Any
) -> None:
    clock.advance(days=8)
    record(officer, asked, consultation, clock)
    asked.refresh_from_db()
    arrive(from_xb(**reply(asked, [str(consultation.pk)])))
    asked.refresh_from_db()
    body = read_body(refuse(officer, asked, clock))
    assert body["consulted"]
    assert "no_answer_by" not in body


def test_whoever_is_not_named_on_the_case_puts_nothing_on_record(
    asked: Case, official: Any, clock: Any, consultation: Letter
) -> None:
    clock.advance(days=8)
    stranger = official("executing_officer")
    with pytest.raises(NothingThereError):
        record(stranger, asked, consultation, clock)
    assign(stranger, asked, clock.now)
    record(stranger, asked, consultation, clock)


def test_the_day_lies_ahead(asked: Case, officer: Any, clock: Any) -> None:
    with pytest.raises(ReplyDayPastError):
        consult(officer, asked, [1], text="?", about="refusal", reply_by=clock.now, now=clock.now)


def test_its_clock_runs_under_the_provision_and_its_end_is_in_the_ledger(
    asked: Case, clock: Any, consultation: Letter
) -> None:
    wiring.connect()
    found = Clock.objects.get(kind="consultation_reply")
    assert (found.cite, found.of, found.due_at) == ("uncc:art_40__para_28", "requesting", clock.now + WEEK)
    clock.advance(days=7)
    running.run_out(clock.now)
    assert Entry.objects.filter(kind="clock_ran_out", content__clock="consultation_reply").exists()


def test_the_reply_meets_it(asked: Case, clock: Any, consultation: Letter, arrive: Any, from_xb: Any) -> None:
    asked.refresh_from_db()
    arrive(from_xb(**reply(asked, [str(consultation.pk)])))
    assert Clock.objects.get(kind="consultation_reply").state == ClockState.MET


def test_on_the_other_side_it_is_our_clock(
    signed_case: Case, arrive: Any, from_xb: Any, signatory: Any, clock: Any
) -> None:
    from comity.node.casework.acts.reply_to_consultation import reply_to_consultation

    day = canonical.instant_text(clock.now + WEEK)
    body = {"items": [{"number": 1}], "text": "?", "by": "requested", "about": "refusal", "reply_by": day}
    arrive(from_xb("consultation", body, **heads(signed_case)))
    found = Clock.objects.get(kind="consultation_reply")
    assert (found.of, found.due_at) == (signed_case.side, clock.now + WEEK)
    signed_case.refresh_from_db()
    reply_to_consultation(signatory, signed_case, text="Yes.", now=clock.now)
    assert Clock.objects.get(kind="consultation_reply").state == ClockState.MET


def test_a_letter_without_the_day_keeps_the_form_it_had(asked: Case, officer: Any, clock: Any) -> None:
    letter = consult(officer, asked, [1], text="?", about="refusal", now=clock.now)
    assert set(read_body(letter)) == {"items", "text", "by", "about"}
    document = parse(bytes(letter.canonical or b""))
    assert document.as_bytes() == bytes(letter.canonical or b"")


@pytest.mark.parametrize(
    ("kind", "changes", "problem"),
    [
        ("consultation", {"reply_by": "2027-06-12T03:12:00Z"}, "reply_day_past"),
        ("refusal", {"no_answer_by": "2027-06-13T03:12:00Z"}, "no_answer_untrue"),
        ("refusal", {"no_answer_by": "2027-06-11T03:12:00Z", "consulted": True}, "no_answer_untrue"),
    ],
)
def test_a_letter_that_contradicts_itself_is_found(
    from_xb: Any, kind: str, changes: dict[str, Any], problem: str
) -> None:
    item = {"number": 1}
    body: dict[str, Any] = {"items": [item], "text": "?", "by": "requested", "about": "refusal"}
    if kind == "refusal":
        item |= {"ground": {"cite": GROUND}, "reasons": "x"}
        body = {"reference": "XB-2027-000001", "items": [item], "consulted": False}
    numbers = {"requesting": "XA-2027-000001", "requested": "XB-2027-000001"}
    letter = from_xb(kind, body | changes, case=numbers, answers=["00000000-0000-4000-8000-000000000001"])
    assert [each.code for each in find_problems(letter)] == [problem]


def test_the_page_offers_what_is_past_its_day(
    asked: Case, officer: Any, clock: Any, consultation: Letter, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.test import Client
    from django.utils import timezone

    monkeypatch.setattr(timezone, "now", lambda: clock.now + timedelta(hours=1))
    client, where = Client(), f"/requests/{asked.reference}/no-answer"
    client.force_login(officer)
    assert str(consultation.pk) not in client.get(where).content.decode()
    assert client.post(where, {"letter": str(consultation.pk)}).status_code == 409
    monkeypatch.setattr(timezone, "now", lambda: clock.now + WEEK + timedelta(hours=1))
    client.force_login(officer)
    assert str(consultation.pk) in client.get(where).content.decode()
    assert "no-answer" in client.get(f"/requests/{asked.reference}/").content.decode()
    assert "no-answer" in client.get(f"/requests/{asked.reference}/refuse").content.decode()
    assert client.post(where, {"letter": "nonsense"}).status_code == 409
    assert client.post(where, {"letter": str(consultation.pk)}).status_code == 302
    assert Event.objects.filter(kind="consultation_unanswered").exists()
