"""A request is passed on to whoever executes it, with a deadline; what needs no order gets its result so."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from tests.node.casework.conftest import request_body, said

from comity.node.accounts.authority import NotAuthorisedError
from comity.node.accounts.models import Organisation
from comity.node.casework import assignments
from comity.node.casework.acts.assign_execution import (
    CannotExecuteError,
    DeadlinePastError,
    ItemNotAssignableError,
    assign_execution,
)
from comity.node.casework.acts.forward_request import forward_request
from comity.node.casework.acts.prepare_result import prepare_result
from comity.node.casework.acts.register_request import register_request
from comity.node.casework.acts.release_result import release_result
from comity.node.casework.acts.take_in_exhibit import take_in_exhibit
from comity.node.casework.entitlement import is_entitled
from comity.node.casework.models import Assignment, Case
from comity.node.casework.running import on_execution
from comity.node.casework.standing import WrongSideError
from comity.node.clocks import running
from comity.node.clocks.models import Clock
from comity.node.desk import queries


@pytest.fixture
def registrar(official: Any) -> Any:
    return official("registrar")


@pytest.fixture
def court(keys: Any) -> Organisation:
    return Organisation.objects.create(id="court", kind="court", names={"en": "A court"})


@pytest.fixture
def executor(official: Any, court: Organisation) -> Any:
    person = official("executing_officer", "custodian")
    person.organisation = court
    person.save()
    return person


@pytest.fixture
def heard(arrive: Any, from_xb: Any, registrar: Any, clock: Any) -> Case:
    """Item 1 asks to hear a witness, item 2 for stored data; both are registered."""
    body = request_body("access_stored_data")
    first = body["items"][0] | {"measure": "hear_by_video", "desired": "executed"}
    body["items"] = [first, {**body["items"][0], "number": 2}]
    arrive(from_xb("request", body))
    case = Case.objects.get()
    register_request(registrar, case, now=clock.now)
    case.refresh_from_db()
    return case


def assign(who: Any, case: Case, to: Any, clock: Any, items: Any = (1, 2), days: int = 10) -> Any:
    made = assign_execution(who, case, items, to, due_at=clock.now + timedelta(days=days), now=clock.now)
    case.refresh_from_db()
    return made


def test_what_needs_no_order_is_in_execution_and_a_result_of_it_is_released(
    heard: Case, registrar: Any, executor: Any, official: Any, clock: Any
) -> None:
    assert not is_entitled(executor, heard)
    assign(registrar, heard, executor, clock)
    assert list(heard.items.values_list("actual", flat=True)) == ["in_execution", "registered"]
    assert heard.executing_officer == executor
    assert is_entitled(executor, heard)
    take_in_exhibit(
        executor,
        heard,
        heard.items.get(number=1),
        stream=io.BytesIO(b"Record of the hearing\n"),
        raw_name="record.txt",
        media_type="text/plain",
        source="Written by the court",
        now=clock.now,
    )
    prepare_result(executor, heard, authenticity="As written.", outcomes={1: "executed"}, now=clock.now)
    body = said(release_result(official("signatory"), heard, now=clock.now)).body
    assert [(item.number, item.actual) for item in body.items] == [(1, "executed")]
    assert not body.whole


def test_a_body_may_be_assigned_and_then_names_its_officer(
    heard: Case, registrar: Any, court: Organisation, executor: Any, clock: Any
) -> None:
    assign(registrar, heard, court, clock)
    assert heard.executing_officer == registrar  # as registered: the body has named nobody yet
    assert is_entitled(executor, heard)
    assign(registrar, heard, executor, clock, items=[1], days=5)
    standing = [(row.item.number, row.organisation, row.officer) for row in assignments.standing(heard)]
    assert standing == [(1, court, executor), (2, court, None)]
    assert Assignment.objects.filter(ended_at=None, item__number=1).count() == 1
    assert assignments.of_case(heard).count() == 3  # the earlier one stays on record
    told = heard.events.filter(kind="execution_assigned").order_by("id").last()
    assert told is not None
    assert told.params["name"] == str(executor)
    assert told.entry is not None


def test_an_assignment_past_its_deadline_stands_on_the_desk_until_the_item_is_done(
    heard: Case, registrar: Any, executor: Any, clock: Any
) -> None:
    assign(registrar, heard, executor, clock)
    seen, due = Case.objects.all(), clock.now + timedelta(days=10)
    assert not queries.overdue_assignments(seen, due - timedelta(seconds=1))
    assert [row.item.number for row in queries.overdue_assignments(seen, due)] == [1, 2]
    assert not queries.overdue_assignments(seen.none(), due)  # nothing of cases that are not open
    heard.items.filter(number=1).update(actual="executed")
    assert [row.item.number for row in queries.overdue_assignments(seen, due)] == [2]
    clock.advance(days=11)
    assign(registrar, heard, executor, clock, items=[2])  # a new deadline
    assert not queries.overdue_assignments(seen, clock.now)


def test_what_cannot_be_assigned_changes_nothing(
    heard: Case, registrar: Any, executor: Any, official: Any, clock: Any
) -> None:
    wrong: list[tuple[Any, Any, Any, int, type[Exception]]] = [
        (registrar, official("auditor"), (1, 2), 10, CannotExecuteError),
        (registrar, executor, (1, 2), 0, DeadlinePastError),
        (registrar, executor, (1, 9), 10, ItemNotAssignableError),
        (registrar, executor, (), 10, ItemNotAssignableError),
        (executor, executor, (1, 2), 10, NotAuthorisedError),
    ]
    for who, to, items, days, error in wrong:
        with pytest.raises(error):
            assign(who, heard, to, clock, items, days)
    executor.is_active = False
    with pytest.raises(CannotExecuteError):
        assign(registrar, heard, executor, clock)
    executor.is_active = True
    for change in ({"actual": "deficient"}, {"actual": "refused"}, {"desired": "withdrawn"}):
        heard.items.filter(number=1).update(**{"actual": "registered", "desired": "executed"} | change)
        with pytest.raises(ItemNotAssignableError):
            assign(registrar, heard, executor, clock)
    assert not Assignment.objects.exists()
    assert not heard.events.filter(kind="execution_assigned").exists()


def test_the_requesting_side_assigns_nothing(ours: Case, registrar: Any, executor: Any, clock: Any) -> None:
    with pytest.raises(WrongSideError):
        assign(registrar, ours, executor, clock, items=[1])


@pytest.mark.parametrize(("elsewhere", "state"), [(True, "running"), (False, "ceased")])
def test_passing_on_to_another_body_is_owed_until_the_other_side_is_told(
    heard: Case, registrar: Any, executor: Any, clock: Any, elsewhere: bool, state: str
) -> None:
    running.start(
        heard.reference, "forward_to_competent", "csto-ict:art_7__para_4", "requested", starts_at=clock.now
    )
    if not elsewhere:
        executor.organisation = None
        executor.save()
    assign(registrar, heard, executor, clock)
    assert Clock.objects.get(kind="forward_to_competent").state == state
    heard.refresh_from_db()
    on_execution(heard, clock.now)  # an order of that body tells nobody
    assert Clock.objects.get(kind="forward_to_competent").state == state
    if elsewhere:
        forwarded = {"competent": "Prosecutor of the district", "text": "Passed on.", "now": clock.now}
        forward_request(registrar, heard, [1], **forwarded)
        assert Clock.objects.get(kind="forward_to_competent").state == "met"
