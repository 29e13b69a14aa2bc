"""Data in an emergency: called back and warned of before they leave, validated in time or not to be used."""

from __future__ import annotations

import io
import sys
import uuid
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.node.casework.conftest import PERSON, facts_of, heads, nothing_changed, request_body, said
from tests.samples import EMERGENCY

from comity import canonical
from comity.node.casework import drafts, emergencies, limits, suspicion, uses
from comity.node.casework.acts.answer_warning import WarningGoneError, answer_warning
from comity.node.casework.acts.prepare_result import prepare_result
from comity.node.casework.acts.record_call_back import record_call_back
from comity.node.casework.acts.record_use import record_use
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.release_result import release_result
from comity.node.casework.acts.revoke_emergency import revoke_emergency
from comity.node.casework.acts.tell_obstacle import tell_obstacle
from comity.node.casework.acts.tell_validation import tell_validation
from comity.node.casework.averting import AVERT, Emergency
from comity.node.casework.models import Case, Purpose
from comity.node.casework.noted import CallBack
from comity.node.casework.receiving import GenerationStaleError
from comity.node.casework.standing import NotNowError, NotYetHappenedError
from comity.node.clocks import running
from comity.node.clocks.models import Clock, ClockState
from comity.node.desk import queries
from comity.node.directory import known
from comity.node.directory.models import Update
from comity.node.exchange.models import Letter, Stage
from comity.node.ledger.models import Entry

CONTACT = {
    "purpose": "confirmation",
    "post": "Head of the point of contact",
    "hours": "24/7",
    "time_zone": "UTC",
    "languages": ["en"],
    "telephone": "+999 1 000",
    "email": "",
    "address": "",
}
WORDS = {"text": "Words for the other side."}
PROVISION = "uncc:art_41__para_3__point_e"
DAY = timedelta(days=1)


def emergency_body(**changes: Any) -> dict[str, Any]:
    body = request_body(AVERT)
    body["facts"] |= {"emergency": True}
    return body | {"basis": [PROVISION], "emergency": deepcopy(EMERGENCY) | changes}


def publish(**changes: Any) -> None:
    peer = known.find("xb-247")
    peer.contacts = [CONTACT | changes]
    peer.save()


@pytest.fixture(autouse=True)
def directory(keys: Any) -> None:
    publish()


@pytest.fixture
def second(official: Any) -> Any:
    return official("signatory")


@pytest.fixture
def arrived(arrive: Any, from_xb: Any, officer: Any, clock: Any) -> Case:
    """An emergency of State XB, of which the data lie ready to be released."""
    arrive(from_xb("request", emergency_body()))
    case = Case.objects.get()
    register_request(officer, case, now=clock.now)
    bring(officer, case, clock)
    case.refresh_from_db()
    return case


def bring(officer: Any, case: Case, clock: Any) -> None:
    from comity.node.accounts.models import Role

    officer.roles = [*officer.roles, Role.CUSTODIAN]
    case.items.update(actual="in_execution")
    take = {"stream": io.BytesIO(b"last login\n"), "raw_name": "login.txt", "media_type": "text/plain"}
    from comity.node.casework.acts.take_in_exhibit import take_in_exhibit

    take_in_exhibit(officer, case, case.items.get(), source="By hand", **take, now=clock.now)
    prepare_result(officer, case, authenticity="Exact copies.", outcomes={1: "executed"}, now=clock.now)


@pytest.fixture
def call(officer: Any, clock: Any) -> Any:
    def record(case: Case, result: str = "confirmed", **changes: Any) -> Any:
        told = {
            "called_at": clock.now,
            "means": "telephone",
            "contact": "Head of the point of contact, +999 (1) 000",
            "spoken_with": "The head on duty",
            "result": result,
            "remark": "",
        }
        return record_call_back(officer, case, **told | changes, now=clock.now)

    return record


@pytest.fixture
def answer_all(officer: Any, clock: Any) -> Any:
    def answer(case: Case) -> None:
        for each in suspicion.unanswered(emergencies.demand(case), clock.now):
            answer_warning(officer, case, each.mark, text="The head knows the case.", now=clock.now)

    return answer


@pytest.fixture
def asked_there(open_case: Any, drafter: Any, signatory: Any, clock: Any) -> Case:
    """An emergency of this side, signed without validation, which State XB has registered."""
    from tests.node.casework.conftest import _contents

    from comity.node.casework.acts.save_draft import save_draft
    from comity.node.casework.acts.sign_request import sign_request
    from comity.node.casework.acts.submit_for_review import submit_for_review

    case = open_case(measure=AVERT, emergency=True)
    changes = {"contents": _contents(case), "items": [{"identifier": PERSON}]}
    save_draft(drafter, case, changes, now=clock.now)
    with pytest.raises(drafts.EmergencyUnsaidError):
        submit_for_review(drafter, case, now=clock.now)
    save_draft(drafter, case, {"emergency": deepcopy(EMERGENCY)}, now=clock.now)
    submit_for_review(drafter, case, now=clock.now)
    letter = sign_request(signatory, case, now=clock.now)
    assert said(letter).body.emergency.validation.within_hours == 48
    assert letter.urgent
    case.refresh_from_db()
    return case


def codes(case: Case, clock: Any) -> list[str]:
    return [each.code for each in suspicion.warnings(emergencies.demand(case), clock.now)]


def clocks(case: Case, state: str = "running") -> dict[str, Any]:
    found = Clock.objects.filter(case_reference=case.reference, state=state)
    return {each.kind: each.due_at for each in found}


# --- the lane


def test_an_emergency_has_its_clocks_and_stands_first(arrived: Case, clock: Any, officer: Any) -> None:
    row = Emergency.objects.get()
    assert arrived.urgent
    due = clocks(arrived)
    assert due[emergencies.VALIDATION] == clock.now + 2 * DAY
    assert due[emergencies.ANSWER] == clock.now + timedelta(hours=1)
    assert Clock.objects.get(kind=emergencies.ANSWER).remind_at == clock.now + timedelta(minutes=30)
    assert {each.cite for each in Clock.objects.filter(kind__in=due) if each.kind.startswith("emer")} == {
        PROVISION
    }
    assert [each.row for each in emergencies.of_desk(Case.objects.all(), clock.now)] == [row]
    assert [case for case, _need in queries.to_call_back(Case.objects.all(), clock.now)] == [arrived]
    tell_obstacle(officer, arrived, [1], **WORDS, expected=None, now=clock.advance(minutes=5))
    assert emergencies.ANSWER in clocks(arrived, "met"), "words alone answer it, and need no call"


def test_another_request_is_no_emergency(asked: Case, clock: Any) -> None:
    assert not Emergency.objects.exists()
    assert emergencies.of_desk(Case.objects.all(), clock.now) == []


# --- the call back, and the warnings


def test_nothing_is_given_before_a_call_and_the_answers(
    arrived: Case, second: Any, clock: Any, call: Any, answer_all: Any
) -> None:
    clock.advance(minutes=2)
    with pytest.raises(emergencies.CallBackFirstError):
        release_result(second, arrived, now=clock.now)
    call(arrived, "not_reached", spoken_with="")
    with pytest.raises(emergencies.CallBackFirstError):
        release_result(second, arrived, now=clock.now)
    made = call(arrived)
    with pytest.raises(emergencies.WarningsOpenError) as refused:
        release_result(second, arrived, now=clock.now)
    assert "first" in str(refused.value)
    answer_all(arrived)
    assert emergencies.standing(emergencies.demand(arrived), clock.now).step == "called_back"
    letter = release_result(second, arrived, now=clock.now)
    row = Emergency.objects.get()
    assert (str(row.disclosed), row.disclosed_at) == (str(letter.pk), clock.now)
    kept = Entry.objects.get(kind="emergency_disclosed")
    assert kept is not None
    content = kept.content if isinstance(kept.content, dict) else canonical.read(bytes(kept.content))
    assert (content["call_back"], content["called_by"]) == (made.number, made.by_id)


def test_a_call_to_a_number_of_the_letter_confirms_nothing(
    arrived: Case, second: Any, clock: Any, call: Any, answer_all: Any
) -> None:
    clock.advance(minutes=2)
    call(arrived, contact="The number in the letter, +999 2 111")
    answer_all(arrived)
    with pytest.raises(emergencies.CallBackFirstError):
        release_result(second, arrived, now=clock.now)
    call(arrived, means="video_call", contact="Head of the point of contact")
    assert release_result(second, arrived, now=clock.now)


def test_a_call_before_the_letter_confirms_nothing(
    arrive: Any, from_xb: Any, arrived: Case, second: Any, clock: Any, call: Any, answer_all: Any
) -> None:
    call(arrived)
    answer_all(arrived)
    clock.advance(minutes=10)
    arrive(from_xb("request", emergency_body(), **heads(arrived)))
    with pytest.raises(emergencies.CallBackFirstError):
        release_result(second, arrived, now=clock.now)
    call(arrived)
    with pytest.raises(emergencies.WarningsOpenError):
        release_result(second, arrived, now=clock.now)


def test_a_forged_emergency_is_denied_and_nothing_leaves(
    arrived: Case, officer: Any, second: Any, clock: Any, call: Any, answer_all: Any
) -> None:
    clock.advance(minutes=2)
    call(arrived, "denied")
    answer_all(arrived)
    with pytest.raises(emergencies.CallBackDeniedError):
        release_result(second, arrived, now=clock.now)
    assert not Letter.objects.filter(kind="result").exists()
    assert tell_obstacle(officer, arrived, [1], **WORDS, expected=None, now=clock.now), "words may go"


def test_without_the_guard_the_forged_one_goes_through(
    arrived: Case, second: Any, clock: Any, call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(arrived, "denied")
    monkeypatch.setattr(emergencies, "demand_cleared", lambda *_all: None)
    assert release_result(second, arrived, now=clock.now), "nothing but the guard holds it"


def test_an_answer_holds_for_what_the_warning_rests_on(
    arrived: Case, officer: Any, clock: Any, call: Any
) -> None:
    row = emergencies.demand(arrived)
    (first,) = suspicion.unanswered(row, clock.now)
    answer_warning(officer, arrived, first.mark, text="Known from the directory.", now=clock.now)
    with pytest.raises(WarningGoneError):
        answer_warning(officer, arrived, first.mark, text="Again.", now=clock.now)
    call(arrived, "denied")
    (denied,) = suspicion.unanswered(row, clock.now)
    assert denied.code == "denied_before"
    assert Entry.objects.filter(kind="warning_answered").count() == 1


def test_warnings_come_from_facts(
    arrived: Case, official: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = emergencies.demand(arrived)
    assert codes(arrived, clock) == ["first_letter"]
    earlier = Letter.objects.get(kind="request")
    earlier.pk, earlier.generation, earlier.received_at = uuid.uuid4(), 9, clock.now - DAY
    earlier.stage = Stage.RETRIEVED
    earlier.save(force_insert=True)
    assert codes(arrived, clock) == ["first_emergency"]
    other = Case.objects.get(pk=arrived.pk)
    for n in range(4):
        other.pk, other.reference, other.peer_reference = None, f"XA-2027-1000{n:02}", f"XB-2027-1000{n:02}"
        other._state.adding = True
        other.save(force_insert=True)
        Emergency.objects.create(
            case=other, request=uuid.uuid4(), asked_at=clock.now - timedelta(hours=n + 1)
        )
    assert codes(arrived, clock) == ["first_emergency", "unusual_volume"], "nobody stood by the others yet"
    made = {"number": 1, "called_at": clock.now, "means": "telephone", "contact": "xb", "at": clock.now}
    CallBack.objects.create(case=other, result="confirmed", by=official("duty_officer"), **made)
    assert codes(arrived, clock) == ["unusual_volume"]
    Emergency.objects.exclude(pk=row.pk).update(asked_at=clock.now - 30 * DAY)
    assert codes(arrived, clock) == []
    hour = clock.now.hour
    publish(hours=f"{(hour + 1) % 24:02}:00-{(hour + 9) % 24:02}:00")
    assert codes(arrived, clock) == ["unusual_hour"]
    publish(hours=f"{hour:02}:00–{(hour + 8) % 24:02}:00")
    assert codes(arrived, clock) == []
    publish(telephone="+999 2 222")
    assert codes(arrived, clock) == ["contact_differs"]
    publish(telephone="")
    assert codes(arrived, clock) == ["nobody_to_call"]
    publish()
    told = Update.objects.create(
        authority=arrived.peer, number=1, letter=uuid.uuid4(), document="{}", entered_at=clock.now
    )
    assert codes(arrived, clock) == [], "it waits for an administrator"
    Update.objects.filter(pk=told.pk).update(standing="taken", settled_at=clock.now - 3 * DAY)
    assert codes(arrived, clock) == ["changed_lately"]
    told.delete()
    monkeypatch.setattr("comity.node.directory.standing.changed_at", lambda peer, since: clock.now - 3 * DAY)
    assert "changed_lately" in codes(arrived, clock)
    for each in suspicion.warnings(emergencies.demand(arrived), clock.now):
        assert each.sentence


def test_what_the_request_does_not_say_is_a_warning(arrive: Any, from_xb: Any, clock: Any) -> None:
    body = emergency_body()
    del body["emergency"]
    arrive(from_xb("request", body))
    case = Case.objects.get()
    assert "risk_unsaid" in codes(case, clock)
    long = deepcopy(EMERGENCY["validation"]) | {"within_hours": 100}  # type: ignore[operator]
    arrive(from_xb("request", emergency_body(validation=long), **heads(case)))
    assert "validation_long" in codes(case, clock)


# --- the validation


VALIDATED = {"validated_by": "Investigating judge", "decision": "Order 12"}


def test_a_validation_in_time_ends_the_clock_on_both_sides(
    asked_there: Case, drafter: Any, official: Any, clock: Any
) -> None:
    duty = official("duty_officer")
    told = VALIDATED | {"decided_at": clock.now}
    letter = tell_validation(duty, asked_there, **WORDS, **told, now=clock.advance(hours=3))
    assert said(letter).body.validated_by == "Investigating judge"
    assert emergencies.VALIDATION in clocks(asked_there, "met")
    assert Emergency.objects.get().standing == "validated"
    with pytest.raises(emergencies.AlreadyValidatedError):
        tell_validation(duty, asked_there, **WORDS, **told, now=clock.now)


def test_the_side_that_was_asked_hears_of_it_once(arrived: Case, hear: Any, clock: Any) -> None:
    told = VALIDATED | {"decided_at": canonical.instant_text(clock.now)}
    clock.advance(hours=3)
    row = hear(arrived, "emergency_validated", **told)
    assert Emergency.objects.get().validated == row.pk
    assert emergencies.VALIDATION in clocks(arrived, "met")
    before = facts_of(arrived)
    with pytest.raises(emergencies.AlreadyValidatedError):
        hear(arrived, "emergency_validated", **told)
    arrived.items.create(number=2, measure=AVERT, identifier_type="email", identifier_value="b@x.example")
    with pytest.raises(emergencies.ItemsIncompleteError):
        hear(arrived, "emergency_revoked")
    arrived.items.filter(number=2).delete()
    assert nothing_changed(arrived, before)


def test_letters_about_no_emergency_or_a_stale_one_change_nothing(
    asked: Case, hear: Any, arrive: Any, from_xb: Any, clock: Any
) -> None:
    before = facts_of(asked)
    told = VALIDATED | {"decided_at": canonical.instant_text(clock.now)}
    with pytest.raises(emergencies.NoEmergencyError):
        hear(asked, "emergency_validated", **told)
    stale = heads(asked) | {"generation": asked.received_generation}
    with pytest.raises(GenerationStaleError):
        arrive(from_xb("emergency_revoked", {"items": [{"number": 1}], **WORDS}, **stale))
    with pytest.raises(emergencies.NoEmergencyError):
        hear(asked, "emergency_revoked")
    assert nothing_changed(asked, before)


def test_without_validation_what_was_given_is_barred_on_both_sides(
    asked_there: Case, drafter: Any, official: Any, clock: Any, arrive: Any, from_xb: Any
) -> None:
    items = [{"number": 1, "actual": "executed", "note": "", "exhibits": []}]
    body = {
        "reference": "XB-2027-000009",
        "whole": True,
        "items": items,
        "custody": [],
        "authenticity": "Exact.",
    }
    answers = [str(Letter.objects.get(kind="request").id)]
    arrive(from_xb("result", body, answers=answers, **heads(asked_there)))
    own = {"purpose": Purpose.OWN_PROCEEDINGS, "description": "To find the child"}
    assert record_use(drafter, asked_there, [1], **own, now=clock.now)
    running.run_out(clock.advance(hours=48))
    row = Emergency.objects.get()
    assert (row.standing, row.lapsed_at, row.disclosed is not None) == ("lapsed", clock.now, True)
    assert [(each.limit, each.cite) for each in asked_there.limits.all()] == [
        (emergencies.NOT_VALIDATED, PROVISION)
    ]
    assert Entry.objects.filter(kind="emergency_lapsed").exists()
    for purpose in set(Purpose) - {Purpose.EXCULPATORY_DISCLOSURE}:
        assert [bar.limit for bar in limits.barring(asked_there, purpose)][:1]
    with pytest.raises(uses.PermissionNeededError):
        record_use(drafter, asked_there, [1], **own, now=clock.now)
    duty = official("duty_officer")
    told = VALIDATED | {"decided_at": clock.now}
    with pytest.raises(emergencies.EmergencyOverError):
        tell_validation(duty, asked_there, **WORDS, **told, now=clock.advance(minutes=1))


def test_on_the_side_that_was_asked_nothing_more_leaves(
    arrived: Case, second: Any, clock: Any, call: Any, answer_all: Any, hear: Any
) -> None:
    clock.advance(minutes=1)
    call(arrived)
    answer_all(arrived)
    until = clock.now
    running.run_out(clock.advance(hours=48))
    assert Emergency.objects.get().standing == "lapsed"
    with pytest.raises(emergencies.EmergencyOverError):
        release_result(second, arrived, now=clock.now)
    late = VALIDATED | {"decided_at": canonical.instant_text(until)}
    with pytest.raises(emergencies.EmergencyOverError):
        hear(arrived, "emergency_validated", **late)


def test_a_validation_that_was_only_late_on_its_way_counts(
    arrived: Case, clock: Any, arrive: Any, from_xb: Any
) -> None:
    told = VALIDATED | {"decided_at": canonical.instant_text(clock.now)}
    written = canonical.instant_text(clock.now + timedelta(hours=47))
    running.run_out(clock.advance(hours=49))
    assert arrived.limits.exists()
    body = {"items": [{"number": 1}], **WORDS, **told}
    people = [{"part": "signatory", "name": "B", "post": "Head", "at": written}]
    arrive(from_xb("emergency_validated", body, written_at=written, people=people, **heads(arrived)))
    assert Emergency.objects.get().standing == "validated"
    assert not arrived.limits.exists()
    assert Clock.objects.get(kind=emergencies.VALIDATION).state == ClockState.MET


def test_writing_again_wins_no_time(arrived: Case, clock: Any, arrive: Any, from_xb: Any) -> None:
    due = Emergency.objects.get().due_at
    clock.advance(hours=40)
    arrive(from_xb("request", emergency_body(), **heads(arrived)))
    assert Emergency.objects.get().due_at == due == clocks(arrived)[emergencies.VALIDATION]


def test_writing_again_without_a_word_of_it_takes_no_promise_back(
    arrived: Case, clock: Any, arrive: Any, from_xb: Any
) -> None:
    silent = emergency_body()
    del silent["emergency"]
    arrive(from_xb("request", silent, **heads(arrived)))
    assert Emergency.objects.get().standing == "awaited"
    running.run_out(clock.advance(hours=48))
    assert Emergency.objects.get().standing == "lapsed"
    assert arrived.limits.filter(limit=emergencies.NOT_VALIDATED).exists()


def test_a_clock_that_nobody_looked_at_yet_lets_nothing_leave(
    arrived: Case, second: Any, clock: Any, call: Any, answer_all: Any
) -> None:
    clock.advance(minutes=1)
    call(arrived)
    answer_all(arrived)
    clock.advance(hours=48)
    with pytest.raises(emergencies.EmergencyOverError):
        release_result(second, arrived, now=clock.now)


@pytest.mark.parametrize("act", [tell_validation, revoke_emergency])
def test_of_two_who_write_at_once_the_second_is_told(
    asked_there: Case, official: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, act: Any
) -> None:
    duty, other = official("duty_officer"), official("duty_officer")
    module = sys.modules[act.__module__]
    begin = module.begin_turn

    def after_another(*args: Any) -> Any:
        monkeypatch.setattr(module, "begin_turn", begin)
        asked_there.items.update(actual="executed")
        revoke_emergency(other, asked_there, **WORDS, now=clock.now)
        return begin(*args)

    monkeypatch.setattr(module, "begin_turn", after_another)
    told = VALIDATED | {"decided_at": clock.now} if act is tell_validation else {}
    with pytest.raises(emergencies.EmergencyOverError):
        act(duty, asked_there, **WORDS, **told, now=clock.now)
    assert Emergency.objects.get().standing == "awaited"  # here both are one transaction, which is undone


def test_a_decision_to_come_validates_nothing(asked_there: Case, official: Any, clock: Any) -> None:
    told = VALIDATED | {"decided_at": clock.now + timedelta(minutes=1)}
    with pytest.raises(NotYetHappenedError):
        tell_validation(official("duty_officer"), asked_there, **WORDS, **told, now=clock.now)


def test_a_further_request_has_a_validation_and_a_call_of_its_own(
    arrived: Case, clock: Any, arrive: Any, from_xb: Any, hear: Any
) -> None:
    hear(arrived, "emergency_validated", **VALIDATED, decided_at=canonical.instant_text(clock.now))
    clock.advance(hours=60)
    arrive(from_xb("request", emergency_body(), **heads(arrived)))
    row = Emergency.objects.get()
    assert (row.standing, row.due_at, row.disclosed) == ("awaited", clock.now + 2 * DAY, None)


def test_what_was_answered_about_a_minute_goes_on_with_its_letter(
    arrived: Case, officer: Any, clock: Any
) -> None:
    minute = Case.objects.get(pk=arrived.pk)
    minute.pk, minute.reference, minute.peer_reference = None, "XA-2027-100001", ""
    minute._state.adding = True
    minute.save(force_insert=True)
    noted = Emergency.objects.create(case=minute, asked_at=clock.now)
    noted.answers.create(mark="first_letter", text="Known by voice.", by=officer, at=clock.now)
    emergencies.take_over(minute, arrived)
    row = Emergency.objects.get()
    assert (row.case, row.request is not None, row.answers.count()) == (minute, True, 1)


def test_a_revocation_bars_use_and_withdraws_what_was_not_given(
    asked_there: Case, official: Any, clock: Any
) -> None:
    duty = official("duty_officer")
    letter = revoke_emergency(duty, asked_there, **WORDS, now=clock.advance(hours=1))
    assert said(letter).kind == "emergency_revoked"
    asked_there.refresh_from_db()
    assert (asked_there.desired, Emergency.objects.get().standing) == ("withdrawn", "revoked")
    assert [each.limit for each in asked_there.limits.all()] == [emergencies.NOT_VALIDATED]
    assert emergencies.VALIDATION in clocks(asked_there, "ceased")
    with pytest.raises(emergencies.EmergencyOverError):
        revoke_emergency(duty, asked_there, **WORDS, now=clock.now)


def test_a_revocation_that_arrives_stops_the_data(
    arrived: Case, second: Any, clock: Any, call: Any, answer_all: Any, hear: Any, arrive: Any, from_xb: Any
) -> None:
    clock.advance(minutes=1)
    call(arrived)
    answer_all(arrived)
    hear(arrived, "emergency_revoked")
    with pytest.raises(NotNowError):  # its items are withdrawn
        release_result(second, arrived, now=clock.now)
    assert Emergency.objects.get().standing == "revoked"
    with pytest.raises(emergencies.EmergencyOverError):
        hear(arrived, "emergency_revoked")
    with pytest.raises(emergencies.EmergencyOverError):
        arrive(from_xb("request", emergency_body(), **heads(arrived)))
    assert emergencies.of_desk(Case.objects.all(), clock.now) == []


# --- the pages, and the API


@pytest.fixture
def sign_in(pages_clock: None) -> Any:
    from django.test import Client

    def enter(person: Any) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return enter


def test_the_pages_lead_through_an_emergency(
    arrived: Case, officer: Any, clock: Any, call: Any, sign_in: Any
) -> None:
    client, page = sign_in(officer), reverse("emergency", args=[arrived.reference])
    desk = client.get(reverse("desk")).content.decode()
    assert page in desk.split('<div class="desk">')[0], "it stands before the columns"
    assert page in client.get(reverse("case", args=[arrived.reference])).content.decode()
    assert page in client.get(reverse("emergencies")).content.decode()
    shown = client.get(page).content.decode()
    assert CONTACT["telephone"] in shown
    assert EMERGENCY["risk"] in shown
    assert "first letter of this authority" in shown
    empty = client.post(page, {"mark": "first_letter", "text": ""})
    assert empty.status_code == 422
    assert b'aria-invalid="true"' in empty.content
    assert client.post(page, {"mark": "first_letter", "text": "They rang before."}).status_code == 302
    assert client.post(page, {"mark": "first_letter", "text": "Again."}).status_code == 409
    call(arrived, "denied")
    shown = client.get(page).content.decode()
    assert "They rang before." in shown
    assert reverse("refuse", args=[arrived.reference]) in shown
    assert reverse("tell_obstacle", args=[arrived.reference]) in shown
    clock.advance(minutes=1)
    call(arrived)
    assert "Confirmed to" in client.get(page).content.decode()
    running.run_out(clock.advance(hours=48))
    client.force_login(officer)
    assert "not validated in time" in client.get(page).content.decode()


def test_the_pages_of_the_side_that_asks(asked_there: Case, official: Any, clock: Any, sign_in: Any) -> None:
    client, reference = sign_in(official("duty_officer")), asked_there.reference
    assert (
        reverse("tell_validation", args=[reference])
        in client.get(reverse("emergency", args=[reference])).content.decode()
    )
    told = VALIDATED | WORDS | {"decided_at": f"{clock.now:%Y-%m-%dT%H:%M}"}
    done = client.post(reverse("tell_validation", args=[reference]), told)
    assert done.status_code == 302, done.content.decode()[-3000:]
    assert Emergency.objects.get().standing == "validated"
    assert b"validated already" in client.get(reverse("tell_validation", args=[reference])).content
    assert client.post(reverse("revoke_emergency", args=[reference]), WORDS).status_code == 302
    assert Emergency.objects.get().standing == "revoked"
    assert b"was revoked" in client.get(reverse("emergency", args=[reference])).content


def test_a_draft_says_what_makes_it_an_emergency(open_case: Any, drafter: Any, sign_in: Any) -> None:
    case = open_case(measure=AVERT, emergency=True)
    client, page = sign_in(drafter), reverse("draft_emergency", args=[case.reference])
    assert b"go:draft_emergency" in client.get(reverse("draft", args=[case.reference])).content
    entered = {name: EMERGENCY[name] for name in ("risk", "imminence", "judged_on", "contact")} | {
        "judged_by_name": "A",
        "judged_by_post": "B",
        "validation": "given",
        "by": "Prosecutor",
    }
    assert client.post(page, entered).status_code == 422
    assert client.post(page, entered | {"decision": "12"}).status_code == 302
    case.refresh_from_db()
    assert case.draft["emergency"]["validation"] == {"state": "given", "by": "Prosecutor", "decision": "12"}
    assert EMERGENCY["risk"].encode() in client.get(page).content
    other = open_case()
    assert client.get(reverse("draft_emergency", args=[other.reference])).status_code == 404
