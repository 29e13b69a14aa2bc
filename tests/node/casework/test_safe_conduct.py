"""Safe conduct: from arrival to its end as the law has it, and what it holds up in other cases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.node.casework.conftest import CONTENTS, NAME, PERSON, facts, heads, reply, said
from tests.node.casework.test_attendance import APPEARANCE, body
from tests.node.casework.test_attendance import told as told_by_result

from comity.letters.validation import find_problems
from comity.node import wiring
from comity.node.accounts.authority import NothingThereError
from comity.node.casework import opinions, safe_conducts
from comity.node.casework.acts.answer_safe_conduct import answer_safe_conduct
from comity.node.casework.acts.assign_execution import assign_execution
from comity.node.casework.acts.consult import consult
from comity.node.casework.acts.protect_person import protect_person
from comity.node.casework.acts.record_safe_conduct import (
    PeriodNotAgreedError,
    record_arrival,
    record_course,
    record_release,
)
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.tell_safe_conduct import tell_safe_conduct
from comity.node.casework.models import Case, SafeConduct
from comity.node.casework.safe_conducts import SafeConductStandsError, Standing
from comity.node.casework.serving import NotAskedForError
from comity.node.casework.standing import NotNowError, NotYetHappenedError
from comity.node.clocks import running
from comity.node.clocks.models import Clock, ClockState
from comity.node.exchange.models import Letter
from comity.node.ledger.models import Entry

CITE = "uncc:art_40__para_29"
COURT = "District court"


@pytest.fixture
def came(sent: Any, signatory: Any, clock: Any) -> Case:
    case = sent("appear_voluntarily", appearance=APPEARANCE)
    record_arrival(signatory, case, 1, arrived_at=clock.now, now=clock.now)
    return case


def released(signatory: Any, case: Case, clock: Any, **changes: Any) -> SafeConduct:
    told = {"released_at": clock.now, "released_by": COURT, "now": clock.now}
    return record_release(signatory, case, 1, **told | changes)


def stands(case: Case, clock: Any) -> Standing:
    return safe_conducts.standing(SafeConduct.objects.get(item__case=case), clock.now)


def went(signatory: Any, case: Case, clock: Any, course: str) -> SafeConduct:
    return record_course(signatory, case, 1, course=course, at=clock.now, note="By the file.", now=clock.now)


def test_it_stands_from_the_arrival_by_the_provision_of_the_case(came: Case, clock: Any) -> None:
    conduct = SafeConduct.objects.get()
    assert (conduct.cite, stands(came, clock)) == (CITE, Standing.NEEDED)
    assert Entry.objects.get(kind="safe_conduct_arrived").content["cite"] == CITE


def test_the_last_of_fifteen_days_is_whole(came: Case, signatory: Any, clock: Any) -> None:
    conduct = released(signatory, came, clock)
    assert conduct.period == "P15D"
    assert conduct.ends_at == datetime(2027, 6, 28, tzinfo=UTC)  # told on the 12th; the 27th is the last day
    found = Clock.objects.get(kind="safe_conduct")
    assert (found.due_at, found.cite, found.of) == (conduct.ends_at, CITE, "requesting")
    clock.advance(days=15)
    assert stands(came, clock) == Standing.LEAVING
    clock.advance(days=1)
    assert stands(came, clock) == Standing.UNDECIDED


COURSES: dict[str, tuple[list[str], bool | None]] = {
    "nobody said": ([], None),
    "stayed": (["could_leave"], True),
    "could not leave": (["could_not_leave"], False),
    "left and came back": (["left", "returned"], True),
}


@pytest.mark.parametrize("days", [14, 15, 16])
@pytest.mark.parametrize("course", COURSES)
def test_it_ends_when_the_law_says_so(came: Case, signatory: Any, clock: Any, days: int, course: str) -> None:
    told = clock.now
    released(signatory, came, clock)
    clock.advance(days=days)
    steps, stayed = COURSES[course]
    for step in steps:
        if days < 16 and step.startswith("could"):
            with pytest.raises(NotNowError):
                went(signatory, came, clock, step)
        else:
            went(signatory, came, clock, step)
    known = {} if stayed is None else {"could_leave_and_stayed_or_returned": stayed}
    found = opinions.form(
        facts(measure="appear_voluntarily")
        | {
            "as_of": clock.now.date().isoformat(),
            "events": {"release_notice": told.date().isoformat()},
            "circumstances": known,
        },
        clock.now,
    )
    rights = {each["cite"] for each in found["rights"]}
    protected = stands(came, clock) in safe_conducts.PROTECTING
    assert protected == (CITE in rights)  # what is undetermined is no end


def test_leaving_in_time_meets_the_clock(came: Case, signatory: Any, clock: Any) -> None:
    released(signatory, came, clock)
    clock.advance(days=3)
    went(signatory, came, clock, "left")
    assert (stands(came, clock), Clock.objects.get(kind="safe_conduct").state) == (
        Standing.LEFT,
        ClockState.MET,
    )
    clock.advance(days=20)
    assert running.run_out(clock.now) == 0


def test_the_clock_runs_out_into_the_ledger(came: Case, signatory: Any, clock: Any) -> None:
    wiring.connect()
    released(signatory, came, clock)
    clock.advance(days=16)
    assert running.run_out(clock.now) == 1
    assert Entry.objects.get(kind="clock_ran_out").content["cite"] == CITE


def test_another_period_needs_a_letter_of_the_other_side(
    came: Case, signatory: Any, arrive: Any, from_xb: Any, clock: Any
) -> None:
    asked = consult(signatory, came, [1], text="Thirty days?", about="safe_conduct", now=clock.now)
    with pytest.raises(PeriodNotAgreedError):
        released(signatory, came, clock, days=30, agreement=asked.pk)
    came.refresh_from_db()
    answer = arrive(from_xb(**reply(came, [str(asked.id)])))
    conduct = released(signatory, came, clock, days=30, agreement=answer.pk)
    assert (conduct.period, conduct.agreement) == ("P30D", answer.pk)
    assert conduct.ends_at == datetime(2027, 7, 13, tzinfo=UTC)


def test_a_reply_about_something_else_agrees_to_no_period(
    came: Case, signatory: Any, arrive: Any, from_xb: Any, clock: Any
) -> None:
    asked = consult(signatory, came, [1], text="And costs?", about="costs", now=clock.now)
    came.refresh_from_db()
    answer = arrive(from_xb(**reply(came, [str(asked.id)])))
    with pytest.raises(PeriodNotAgreedError):
        released(signatory, came, clock, days=2, agreement=answer.pk)


def test_nothing_is_recorded_twice_or_before_it_happened(came: Case, signatory: Any, clock: Any) -> None:
    with pytest.raises(NotNowError):
        record_arrival(signatory, came, 1, arrived_at=clock.now, now=clock.now)
    with pytest.raises(NotYetHappenedError):
        released(signatory, came, clock, released_at=clock.now + timedelta(hours=1))
    with pytest.raises(NotYetHappenedError):
        released(signatory, came, clock, released_at=clock.now - timedelta(hours=1))
    with pytest.raises(NotNowError):
        went(signatory, came, clock, "returned")
    released(signatory, came, clock)
    with pytest.raises(NotNowError):
        released(signatory, came, clock)


CONSENT = {
    "informed_at": "2027-06-11T02:00:00Z",
    "by": "Investigator",
    "answer": "consents",
    "answered_at": "2027-06-11T03:00:00Z",
    "note": "",
}


@pytest.mark.parametrize("answer", ["consents", "declines"])
def test_who_consented_is_protected_before_the_arrival_is_recorded(
    sent: Any, wants: Any, officer: Any, signatory: Any, arrive: Any, from_xb: Any, clock: Any, answer: str
) -> None:
    case = sent("appear_voluntarily", appearance=APPEARANCE)
    told = told_by_result(appearance=CONSENT | {"answer": answer})
    arrive(from_xb("result", told, answers=[], **heads(case)))
    extradition = wants()
    if answer == "declines":
        assert assign(officer, extradition, clock)
        return
    assert stands(case, clock) == Standing.EXPECTED
    with pytest.raises(SafeConductStandsError):
        assign(officer, extradition, clock)
    with pytest.raises(NotNowError):
        went(signatory, case, clock, "left")
    with pytest.raises(NotNowError):
        tell_safe_conduct(signatory, case, [1], text="-", now=clock.now)
    went(signatory, case, clock, "did_not_come")
    assert stands(case, clock) == Standing.ABSENT
    assert not safe_conducts.here()
    record_arrival(signatory, case, 1, arrived_at=clock.now, now=clock.now)
    assert stands(case, clock) == Standing.NEEDED


def wanted(name: str = NAME, measure: str = "extradite") -> dict[str, Any]:
    found = body(measure)
    item = {**found["items"][0], "identifier": {**PERSON, "value": name}}
    return {**found, "items": [item], "contents": CONTENTS}


@pytest.fixture
def wants(arrive: Any, from_xb: Any, officer: Any, clock: Any) -> Any:
    """A request of State XB about a person, registered here."""

    def ask(**changes: Any) -> Case:
        arrive(from_xb("request", wanted(**changes)))
        case = Case.objects.get(side="requested")
        register_request(officer, case, now=clock.now)
        case.refresh_from_db()
        return case

    return ask


def assign(officer: Any, case: Case, clock: Any) -> Any:
    return assign_execution(officer, case, [1], officer, due_at=clock.now + timedelta(days=5), now=clock.now)


@pytest.mark.parametrize("name", [NAME, "NESCIO Nomen"])
def test_a_measure_against_the_person_waits_for_an_answer(
    came: Case, wants: Any, officer: Any, signatory: Any, clock: Any, name: str
) -> None:
    case = wants(name=name)
    with pytest.raises(SafeConductStandsError) as stopped:
        assign(officer, case, clock)
    assert "40(29)" in str(stopped.value)
    assert case.items.get().actual == "registered"
    conduct = SafeConduct.objects.get()
    answer_safe_conduct(signatory, case, conduct.pk, reasons="For an act of last week.", now=clock.now)
    assign(officer, case, clock)
    assert case.items.get().actual == "in_execution"
    assert Entry.objects.get(kind="safe_conduct_answered").content["cite"] == CITE


@pytest.mark.parametrize("changes", [{"name": "Alius Quis"}, {"measure": "provide_records"}])
def test_other_persons_and_other_measures_are_not_held_up(
    came: Case, wants: Any, officer: Any, clock: Any, changes: dict[str, str]
) -> None:
    assert assign(officer, wants(**changes), clock)


def test_it_holds_nothing_up_once_it_has_ended(
    came: Case, wants: Any, officer: Any, signatory: Any, clock: Any
) -> None:
    released(signatory, came, clock)
    clock.advance(days=16)
    case = wants()
    with pytest.raises(SafeConductStandsError):
        assign(officer, case, clock)
    went(signatory, came, clock, "could_leave")
    assert assign(officer, case, clock)


def test_only_a_warning_that_waits_can_be_answered(
    came: Case, wants: Any, signatory: Any, clock: Any
) -> None:
    case = wants(name="Alius Quis")
    with pytest.raises(NothingThereError):
        answer_safe_conduct(signatory, case, SafeConduct.objects.get().pk, reasons="-", now=clock.now)


def test_a_request_of_ours_that_names_the_person_waits_too(
    came: Case,
    sent: Any,
    clock: Any,
) -> None:
    with pytest.raises(SafeConductStandsError):
        sent("transfer_person_in_custody")


def test_a_person_whose_name_is_kept_apart_is_protected_by_their_name(
    sent: Any,
    wants: Any,
    officer: Any,
    drafter: Any,
    signatory: Any,
    clock: Any,
) -> None:
    case = sent("appear_voluntarily", appearance=APPEARANCE)
    Letter.objects.update(canonical=None)
    protect_person(signatory, case, names=[NAME], reason="Fear", now=clock.now)
    case.refresh_from_db()
    assert NAME not in case.items.get().identifier_value
    record_arrival(signatory, case, 1, arrived_at=clock.now, now=clock.now)
    with pytest.raises(SafeConductStandsError) as stopped:
        assign(officer, wants(), clock)
    assert NAME not in str(stopped.value)


def test_the_case_of_a_safe_conduct_is_not_named_to_whom_it_is_not_open(
    came: Case, wants: Any, official: Any, signatory: Any, clock: Any
) -> None:
    case = wants()
    conduct = SafeConduct.objects.get()
    for reader, named in ((signatory, came.reference), (official("executing_officer"), None)):
        assert safe_conducts.named_to(reader, conduct) == named
        with pytest.raises(SafeConductStandsError) as stopped:
            safe_conducts.demand_none_touched(reader, case, clock.now)
        assert (came.reference in str(stopped.value)) is bool(named)
    answer_safe_conduct(signatory, case, conduct.pk, reasons="For an act of last week.", now=clock.now)
    assert came.reference not in str(case.events.get(kind="safe_conduct_answered").params)


def test_a_treaty_without_safe_conduct_gives_none(came: Case, signatory: Any, clock: Any) -> None:
    SafeConduct.objects.all().delete()
    Case.objects.update(opinion={**(came.opinion or {}), "clocks": []})
    with pytest.raises(opinions.RuleMissingError):
        record_arrival(signatory, came, 1, arrived_at=clock.now, now=clock.now)


def test_the_other_side_is_told_what_is_on_record(came: Case, signatory: Any, clock: Any) -> None:
    released(signatory, came, clock)
    clock.advance(days=2)
    went(signatory, came, clock, "left")
    letter = said(tell_safe_conduct(signatory, came, [1], text="She left in time.", now=clock.now))
    [person] = letter.body.as_json()["persons"]
    assert person == {
        "number": 1,
        "arrived_at": "2027-06-12T03:12:00Z",
        "released_at": "2027-06-12T03:12:00Z",
        "until": "2027-06-28T00:00:00Z",
        "left_at": "2027-06-14T03:12:00Z",
        "returned_at": None,
    }
    came.refresh_from_db()
    assert came.items.get().actual == ""  # it changes no status


def test_nothing_is_told_of_somebody_who_has_not_come(sent: Any, signatory: Any, clock: Any) -> None:
    case = sent("appear_voluntarily", appearance=APPEARANCE)
    with pytest.raises(NotNowError):
        tell_safe_conduct(signatory, case, [1], text="-", now=clock.now)


HERE = {
    "number": 1,
    "arrived_at": "2027-06-01T03:12:00Z",
    "released_at": "2027-06-10T03:12:00Z",
    "until": "2027-06-26T00:00:00Z",
    "left_at": None,
    "returned_at": None,
}


@pytest.fixture
def invited(arrive: Any, from_xb: Any, officer: Any, clock: Any) -> Case:
    """A request of State XB that asks a person to come, registered here."""
    arrive(from_xb("request", body("appear_voluntarily", appearance=APPEARANCE)))
    register_request(officer, Case.objects.get(), now=clock.now)
    return Case.objects.get()


def test_the_time_to_leave_runs_on_the_side_that_the_person_left_from_too(invited: Case, hear: Any) -> None:
    hear(invited, "safe_conduct", answering=[], persons=[HERE])
    found = Clock.objects.get(kind="safe_conduct")
    assert (found.cite, found.of, found.due_at) == (CITE, "requesting", datetime(2027, 6, 26, tzinfo=UTC))
    assert safe_conducts.told(invited)[1][1] == HERE
    hear(invited, "safe_conduct", answering=[], persons=[HERE | {"left_at": "2027-06-12T01:00:00Z"}])
    found.refresh_from_db()
    assert found.state == ClockState.MET


def test_a_notice_on_an_item_that_asks_nobody_to_come_is_refused_whole(asked: Case, hear: Any) -> None:
    with pytest.raises(NotAskedForError):
        hear(asked, "safe_conduct", answering=[], persons=[HERE])
    asked.refresh_from_db()
    assert asked.received_generation == 1
    assert not Clock.objects.filter(kind="safe_conduct").exists()


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"number": 2}, "persons_differ"),
        ({"until": None}, "course_disordered"),
        ({"released_at": "2027-05-01T00:00:00Z"}, "course_disordered"),
        ({"left_at": "2027-06-13T00:00:00Z"}, "course_disordered"),
        ({"returned_at": "2027-06-11T00:00:00Z"}, "course_disordered"),
    ],
)
def test_a_notice_that_contradicts_itself_is_found(
    from_xb: Any, changes: dict[str, Any], problem: str
) -> None:
    told = {"items": [{"number": 1}], "text": "-", "persons": [HERE | changes]}
    assert problem in {each.code for each in find_problems(from_xb("safe_conduct", told))}
