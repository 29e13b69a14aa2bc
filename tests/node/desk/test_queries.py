"""The desk shows what is new, what is due and what waits for others, each in one query."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from comity.node.casework.models import UNLISTED, Case, Preparation, Side, WaitingLetter
from comity.node.clocks import running
from comity.node.clocks.models import Reminder
from comity.node.desk import queries
from comity.node.directory import known
from comity.node.exchange.models import Direction, Letter, Stage


@pytest.fixture
def case(keys: Any, clock: Any) -> Any:
    """Make a case: ``case("XA-2027-000001", side=…, urgent=…)``."""

    def make(reference: str, *, hours_ago: int = 0, **columns: Any) -> Case:
        at = clock.now - timedelta(hours=hours_ago)
        columns = {"side": Side.REQUESTED, "received_generation": 1} | columns
        made = Case.objects.create(
            reference=reference,
            peer=known.find("xb-247"),
            heading="A matter",
            opened_at=at,
            changed_at=at,
            **columns,
        )
        if made.side == Side.REQUESTED:
            arrive(made, "request", 1)
        return made

    return make


def arrive(case: Case, kind: str, generation: int) -> None:
    Letter.objects.create(
        id=uuid.uuid4(),
        kind=kind,
        direction=Direction.IN,
        peer=case.peer,
        case_reference=case.reference,
        generation=generation,
        stage=Stage.DELIVERED,
        stage_at=case.opened_at,
        expires_at=case.opened_at + timedelta(days=30),
    )


def start(case: Case, due_at: datetime, clock: Any) -> Any:
    return running.start(
        case.reference,
        "preservation_minimum",
        "uncc:art_42__para_8",
        "requested",
        starts_at=due_at - timedelta(days=60),
        duration="P60D",
    )


def references(found: Any) -> list[str]:
    return [getattr(each, "case", each).reference for each in found]


def test_a_letter_that_nobody_registers_makes_no_case_new(case: Any) -> None:
    asked = case("XA-2027-000001", registered_generation=1, received_generation=2)
    arrive(asked, "status_asked", 2)
    assert references(queries.new(Case.objects.all())) == []


def test_new_are_unregistered_requests_urgent_first_then_the_oldest(case: Any) -> None:
    case("XA-2027-000001", hours_ago=5)
    case("XA-2027-000002", hours_ago=9)
    case("XA-2027-000003", urgent=True)
    case("XA-2027-000004", registered_generation=1)
    case("XA-2027-000005", side=Side.REQUESTING)
    assert references(queries.new(Case.objects.all())) == [
        "XA-2027-000003",
        "XA-2027-000002",
        "XA-2027-000001",
    ]


def test_a_further_request_in_a_registered_case_is_new_again(case: Any) -> None:
    again = case("XA-2027-000001", received_generation=2, registered_generation=1)
    arrive(again, "request", 2)
    assert references(queries.new(Case.objects.all())) == ["XA-2027-000001"]


def test_a_registered_request_stays_until_something_is_ordered_for_each_of_its_items(case: Any) -> None:
    def with_items(reference: str, *actual: str, **columns: Any) -> None:
        made = case(reference, registered_generation=1, **columns)
        for number, standing in enumerate(actual, start=1):
            made.items.create(number=number, measure="preserve_data", desired="preserved", actual=standing)

    with_items("XA-2027-000001", "registered", hours_ago=5)
    with_items("XA-2027-000002", "in_execution", "registered", hours_ago=9)
    with_items("XA-2027-000003", "in_execution", "refused")
    with_items("XA-2027-000004", "registered", urgent=True)
    with_items("XA-2027-000005", "registered", side=Side.REQUESTING)
    with_items("XA-2027-000006", "")
    assert references(queries.to_execute(Case.objects.all())) == [
        "XA-2027-000004",
        "XA-2027-000002",
        "XA-2027-000001",
    ]


def test_due_are_clocks_that_end_within_a_day_the_nearest_first(case: Any, clock: Any) -> None:
    for n, hours in enumerate((20, 3, 30, -1), start=1):
        start(case(f"XA-2027-00000{n}"), clock.now + timedelta(hours=hours), clock)
    assert references(queries.due(Case.objects.all(), clock.now)) == ["XA-2027-000002", "XA-2027-000001"]
    assert references(queries.overdue(Case.objects.all(), clock.now)) == ["XA-2027-000004"]


def test_a_clock_that_ran_out_stays_overdue_until_its_case_is_finished(case: Any, clock: Any) -> None:
    open_case = case("XA-2027-000001", actual="preserved")
    start(open_case, clock.now - timedelta(hours=1), clock)
    running.run_out(clock.now)
    assert references(queries.overdue(Case.objects.all(), clock.now)) == ["XA-2027-000001"]
    Case.objects.update(actual="executed")
    assert queries.overdue(Case.objects.all(), clock.now) == []


def test_overdue_clocks_stand_by_their_end_whether_that_was_noted_or_not(case: Any, clock: Any) -> None:
    def start_one(n: int, minutes_ago: int) -> None:
        start(case(f"XA-2027-{n:06}"), clock.now - timedelta(minutes=minutes_ago), clock)

    for n in range(30):
        start_one(n, 100 + 2 * n)
    running.run_out(clock.now)
    for n in range(30, 60):
        start_one(n, 101 + 2 * (n - 30))
    found = queries.overdue(Case.objects.all(), clock.now)
    ends = [line.clock.due_at for line in found]
    assert ends == [clock.now - timedelta(minutes=ago) for ago in range(159, 109, -1)]


def test_waiting_for_others_are_our_signed_requests_the_longest_silent_first(case: Any) -> None:
    sent = {"side": Side.REQUESTING, "preparation": Preparation.SENT}
    case("XA-2027-000001", hours_ago=1, **sent)
    case("XA-2027-000002", hours_ago=7, **sent)
    case("XA-2027-000003", **sent | {"actual": "executed"})
    case("XA-2027-000004", **sent | {"preparation": Preparation.IN_REVIEW})
    assert references(queries.waiting_for_others(Case.objects.all())) == ["XA-2027-000002", "XA-2027-000001"]
    assert references(queries.to_review(Case.objects.all())) == ["XA-2027-000004"]


def test_the_number_of_queries_does_not_grow_with_the_cases(
    case: Any, clock: Any, django_assert_num_queries: Any
) -> None:
    for n in range(30):
        start(case(f"XA-2027-{n:06}"), clock.now + timedelta(hours=2), clock)
    with django_assert_num_queries(2):
        assert len([each.case.peer.names for each in queries.due(Case.objects.all(), clock.now)]) == 30
    with django_assert_num_queries(1):
        assert len([each.peer.names for each in queries.new(Case.objects.all())]) == 30


def waiting(case: Case, hours_ago: int, clock: Any) -> None:
    since = clock.now - timedelta(hours=hours_ago)
    WaitingLetter.objects.create(case=case, letter=uuid.uuid4(), kind="costs", since=since)


def test_letters_that_wait_for_us_come_urgent_first_then_the_longest_waiting(case: Any, clock: Any) -> None:
    waiting(case("XA-2027-000001"), 2, clock)
    waiting(case("XA-2027-000002"), 9, clock)
    waiting(case("XA-2027-000003", urgent=True), 1, clock)
    waiting(case("XA-2027-000004", actual="refused"), 50, clock)  # finished: nothing is owed
    assert references(queries.waiting_for_us(Case.objects.all())) == [
        "XA-2027-000003",
        "XA-2027-000002",
        "XA-2027-000001",
    ]
    assert references(queries.waiting_for_us(Case.objects.filter(urgent=True))) == ["XA-2027-000003"]


def test_reminders_are_those_of_visible_cases_that_nobody_has_seen(case: Any, clock: Any) -> None:
    for n, hours in enumerate((30, 5, 9), start=1):
        made = start(case(f"XA-2027-00000{n}"), clock.now + timedelta(hours=hours), clock)
        Reminder.objects.create(clock=made, noted_at=clock.now)
    Reminder.objects.filter(clock__case_reference="XA-2027-000003").update(seen_at=clock.now)

    def told(seen: Any) -> list[str]:
        return [line.case.reference for _, line in queries.reminders(seen, clock.now)]

    assert told(Case.objects.all()) == ["XA-2027-000002", "XA-2027-000001"]
    assert told(Case.objects.exclude(reference="XA-2027-000002")) == ["XA-2027-000001"]


def test_assigned_are_the_open_cases_that_one_drafts_or_executes(case: Any, official: Any) -> None:
    mine, other = official("drafter"), official("drafter")
    case("XA-2027-000001", drafter=mine)
    case("XA-2027-000002", executing_officer=mine, urgent=True)
    case("XA-2027-000003", drafter=other)
    case("XA-2027-000004", drafter=mine, actual="executed")
    assert references(queries.assigned(Case.objects.all(), mine)) == ["XA-2027-000002", "XA-2027-000001"]


def test_each_of_the_further_columns_is_bounded_and_asked_for_at_once(
    case: Any, clock: Any, official: Any, django_assert_num_queries: Any
) -> None:
    mine = official("drafter")
    for n in range(60):
        made = case(f"XA-2027-{n:06}", drafter=mine)
        waiting(made, n, clock)
        clocked = start(made, clock.now + timedelta(hours=2), clock)
        Reminder.objects.create(clock=clocked, noted_at=clock.now)
    with django_assert_num_queries(1):
        assert len([row.case.peer.names for row in queries.waiting_for_us(Case.objects.all())]) == 50
    with django_assert_num_queries(1):
        listed = list(queries.assigned(Case.objects.all(), mine))
        assert len([each.peer.names for each in listed]) == 50
    assert listed[0].get_deferred_fields() == set(UNLISTED)
    with django_assert_num_queries(2):
        assert len(queries.reminders(Case.objects.all(), clock.now)) == 50
