"""Who is told of an alert, who after them when nobody reacts, and what the ledger keeps of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from comity.node.accounts.authority import NothingThereError
from comity.node.accounts.models import Organisation, Rank
from comity.node.alerts import kinds, listing, people, raising, watching
from comity.node.alerts.models import Alert, Group, Kind, Told, Urgency
from comity.node.casework import events
from comity.node.exchange.models import Direction, Letter, Stage
from comity.node.ledger.models import Entry

pytestmark = pytest.mark.django_db


def told(alert: Alert) -> list[Any]:
    return [each.official for each in alert.told.order_by("id")]


@pytest.fixture
def chain(official: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Whoever is on duty, next in line, a registrar, a head, and a third duty officer."""
    found = {
        "first": official("duty_officer"),
        "backup": official("duty_officer"),
        "registrar": official("registrar"),
        "head": official("signatory", rank=Rank.HEAD),
        "third": official("duty_officer"),
    }
    monkeypatch.setattr(people, "_roster", [lambda now: [found["first"], found["backup"]]])
    return found


def test_an_emergency_goes_on_to_the_next_until_there_is_nobody_further(
    chain: Any, emergency: Any, arrived: Any, clock: Any
) -> None:
    alert = arrived(emergency)
    assert alert.urgency == Urgency.EMERGENCY
    assert told(alert) == [chain["first"]]
    expected = ["first", "backup", "registrar", "head", "third"]
    for reached in (2, 4, 5, 5):
        clock.advance(minutes=4.9)
        assert raising.go_on(clock.now) == 0
        clock.advance(minutes=0.1)
        assert raising.go_on(clock.now) == 1
        assert told(alert) == [chain[name] for name in expected[:reached]]
    clock.advance(hours=1)
    assert raising.go_on(clock.now) == 0
    groups = [Group.ON_DUTY, Group.NEXT_IN_LINE, Group.REGISTRARS_AND_HEADS, Group.DUTY_OFFICERS, ""]
    assert [step.group for step in alert.steps.all()] == groups
    kept = Entry.objects.filter(kind="emergency_unanswered", subject=emergency.reference)
    assert [entry.content["told"] for entry in kept] == [1, 2, 4, 5]
    assert [step.entry for step in alert.steps.all()] == [None, *kept]


def test_acknowledging_stops_it_for_everybody(chain: Any, emergency: Any, arrived: Any, clock: Any) -> None:
    alert = arrived(emergency)
    clock.advance(minutes=5)
    watching.look(clock.now)
    raising.acknowledge(chain["backup"], alert.pk, now=clock.now)
    clock.advance(hours=1)
    assert raising.go_on(clock.now) == 0
    assert len(told(alert)) == 2
    assert not Told.objects.filter(ended_at=None).exists()
    raising.acknowledge(chain["first"], alert.pk, now=clock.now)
    alert.refresh_from_db()
    assert alert.ended_by == chain["backup"]


@pytest.mark.parametrize(
    ("columns", "urgency", "minutes"), [({"urgent": True}, "urgent", 30), ({}, "ordinary", None)]
)
def test_what_is_less_pressing_waits_longer_and_leaves_no_entry(
    chain: Any, case: Any, arrived: Any, clock: Any, columns: Any, urgency: str, minutes: int | None
) -> None:
    alert = arrived(case(**columns))
    assert alert.urgency == urgency
    clock.advance(minutes=29)
    assert raising.go_on(clock.now) == 0
    clock.advance(minutes=1)
    assert raising.go_on(clock.now) == (1 if minutes else 0)
    assert not Entry.objects.filter(kind="emergency_unanswered").exists()


def test_without_a_roster_every_duty_officer_is_on_duty(official: Any, case: Any, arrived: Any) -> None:
    on_duty = [official("duty_officer"), official("duty_officer", "registrar")]
    official("drafter")
    official("duty_officer", is_active=False)
    assert told(arrived(case())) == on_duty


def test_nobody_is_told_of_a_case_that_is_not_open_to_them(
    official: Any, case: Any, arrived: Any, chain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is on duty for another body is passed over, and the next is told at once."""
    court = Organisation.objects.create(id="court", kind="court")
    elsewhere = official("duty_officer", organisation=court)
    monkeypatch.setattr(people, "_roster", [lambda now: [elsewhere, chain["backup"]]])
    alert = arrived(case())
    assert told(alert) == [chain["backup"]]
    for other in (elsewhere, chain["third"]):
        if other is elsewhere:
            with pytest.raises(NothingThereError):
                raising.find(other, alert.pk)
        else:
            raising.find(other, alert.pk)


def test_where_there_is_nobody_at_all_the_alert_says_so(case: Any, arrived: Any) -> None:
    alert = arrived(case(urgent=True))
    assert (told(alert), alert.next_at) == ([], None)
    assert [step.group for step in alert.steps.all()] == [""]


def test_the_same_again_is_counted_and_what_became_more_pressing_is_told_anew(
    chain: Any, case: Any, arrived: Any, clock: Any
) -> None:
    found = case()
    first = arrived(found)
    assert arrived(found) == first
    first.refresh_from_db()
    assert (first.count, len(told(first))) == (2, 1)
    found.facts = {"emergency": True}
    second = arrived(found)
    assert (second.count, second.urgency) == (3, Urgency.EMERGENCY)
    assert list(Alert.objects.filter(ended_at=None)) == [second]


@pytest.mark.parametrize(
    ("kind", "params", "with_letter", "alerted"),
    [
        ("request_received", {"generation": 1}, True, Kind.REQUEST_ARRIVED),
        ("supplement_received", {"items": "1"}, True, Kind.LETTER_ARRIVED),
        ("clock_ran_out", {"clock": "execution"}, False, Kind.CLOCK_RAN_OUT),
        (
            "clock_reminder",
            {"clock": "execution", "until": "2027-06-13T00:00:00Z"},
            False,
            Kind.CLOCK_NEARS_END,
        ),
        ("letter_failed", {"why": "timed_out"}, True, Kind.LETTER_FAILED),
        ("letter_unopened", {}, True, None),
        ("letter_arrived_late", {}, True, None),
        ("request_registered", {"reference": "1"}, True, None),
        ("exhibits_received", {"count": 1}, False, None),
    ],
)
def test_lines_of_the_timeline_alert_or_not(
    chain: Any, case: Any, clock: Any, kind: str, params: Any, with_letter: bool, alerted: str | None
) -> None:
    events.note(case(), kind, now=clock.now, letter=uuid4() if with_letter else None, **params)
    assert [alert.kind for alert in Alert.objects.all()] == ([alerted] if alerted else [])


def test_a_letter_that_arrives_after_all_ends_its_own_alert(chain: Any, case: Any, clock: Any) -> None:
    found, (one, other) = case(urgent=True), (uuid4(), uuid4())
    for letter in (one, other):
        events.note(found, "letter_failed", now=clock.now, letter=letter, why="timed_out")
    assert [alert.urgency for alert in Alert.objects.filter(ended_at=None)] == [Urgency.URGENT] * 2
    events.note(found, "letter_arrived_late", now=clock.now, letter=one)
    (left,) = Alert.objects.filter(ended_at=None)
    assert left.key.endswith(str(other))


def test_whoever_is_given_an_execution_is_alerted_and_nobody_else(
    chain: Any, case: Any, official: Any, clock: Any
) -> None:
    officer = official("executing_officer")
    found = case(executing_officer=officer)
    note = lambda by: events.note(  # noqa: E731
        found, "execution_assigned", now=clock.now, by=by, items="1", name=str(officer), until="-"
    )
    note(officer)
    assert not Alert.objects.exists()
    note(chain["registrar"])
    assert told(Alert.objects.get()) == [officer]


def test_a_call_back_is_asked_for_where_the_sender_is_in_doubt(
    chain: Any, emergency: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comity.node.directory import standing

    monkeypatch.setattr(standing, "needs_call_back", lambda *_: True)
    events.note(emergency, "request_received", now=clock.now, letter=uuid4(), generation=1)
    assert set(Alert.objects.values_list("kind", "urgency")) == {
        (Kind.REQUEST_ARRIVED, "emergency"),
        (Kind.CALL_BACK_NEEDED, "emergency"),
    }


def test_a_trouble_of_the_node_is_told_once_and_is_over_by_itself(
    official: Any, chain: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comity.node import durable

    keeper = official("administrator")
    monkeypatch.setattr(durable, "has_room", lambda *_: False)
    for _ in range(3):
        watching.look(clock.advance(seconds=3))
    alert = Alert.objects.get()
    assert (alert.kind, set(told(alert))) == (Kind.DISK_FULL, {keeper, chain["first"]})
    monkeypatch.undo()
    watching.look(clock.advance(seconds=3))
    alert.refresh_from_db()
    assert (alert.ended_at, alert.ended_by) == (clock.now, None)


def test_a_backup_that_is_overdue_is_told_until_the_next_one(
    official: Any, chain: Any, clock: Any, tmp_path: Path
) -> None:
    from comity.node import backed_up, config

    keeper, folder = official("administrator"), config.current().folder
    watching.look(clock.now)
    assert not Alert.objects.exists(), "a node that is backed up otherwise is no trouble"
    try:
        backed_up.keep(folder, tmp_path / "x", clock.now - timedelta(hours=25))
        for _ in range(2):
            watching.look(clock.advance(seconds=3))
        alert = Alert.objects.get()
        assert (alert.kind, alert.urgency, told(alert)) == (Kind.BACKUP_OVERDUE, "urgent", [keeper])
        backed_up.keep(folder, tmp_path / "x", clock.now)
        watching.look(clock.advance(seconds=3))
        alert.refresh_from_db()
        assert (alert.ended_at, alert.ended_by) == (clock.now, None)
    finally:
        (folder / backed_up.FILE).unlink()


def test_a_trouble_that_was_acknowledged_rings_again_only_after_it_was_over(
    official: Any, chain: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from comity.node import durable

    keeper = official("administrator")
    room = [False]
    monkeypatch.setattr(durable, "has_room", lambda *_: room[0])
    watching.look(clock.now)
    raising.acknowledge(keeper, Alert.objects.get().pk, now=clock.advance(seconds=3))
    watching.look(clock.advance(seconds=3))
    assert Alert.objects.count() == 1, "somebody knows, and it lasts"
    room[0] = True
    watching.look(clock.advance(seconds=3))
    first = Alert.objects.get()
    assert (first.over_at, first.ended_by) == (clock.now, keeper)
    room[0] = False
    watching.look(clock.advance(seconds=3))
    assert Alert.objects.filter(ended_at=None).count() == 1


def test_a_drill_rings_whoever_is_on_duty_until_it_is_answered(
    chain: Any, official: Any, drill: Any, clock: Any
) -> None:
    from comity.node.drills import answering

    for _ in range(2):
        watching.look(clock.advance(seconds=3))
    alert = Alert.objects.get()
    assert (alert.kind, alert.urgency, told(alert)) == (Kind.DRILL_ARRIVED, "urgent", [chain["first"]])
    clock.advance(minutes=kinds.config.current().alerts.urgent_minutes)
    raising.go_on(clock.now)
    assert len(told(alert)) > 1, "as with a request, others are told when nobody reacts"
    answering.answer_drill(chain["first"], drill, now=clock.now)
    watching.look(clock.advance(seconds=3))
    alert.refresh_from_db()
    assert alert.over_at == alert.ended_at == clock.now


@pytest.mark.parametrize(
    ("emergency", "urgent", "attempts", "minutes"),
    [
        *[(True, True, 1, 5), (False, True, 1, 30), (False, False, 1, None), (True, True, 0, 5)],
        (True, True, None, 5),  # it is not even sealed
    ],
)
def test_an_urgent_letter_that_the_other_node_does_not_take_is_told_until_it_is_taken(
    chain: Any,
    case: Any,
    clock: Any,
    emergency: bool,
    urgent: bool,
    attempts: int | None,
    minutes: int | None,
) -> None:
    found = case(urgent=urgent, facts={"emergency": emergency})
    letter = Letter.objects.create(
        id=uuid4(),
        direction=Direction.OUT,
        peer=found.peer,
        case_reference=found.reference,
        generation=1,
        stage=Stage.FROZEN if attempts is None else Stage.SEALED,
        urgent=urgent,
        attempts=attempts or 0,
        frozen_at=clock.now,
        sealed_at=None if attempts is None else clock.now,
        stage_at=clock.now,
        expires_at=clock.now + timedelta(days=1),
    )
    start = clock.now
    while not Alert.objects.exists() and clock.now < start + timedelta(hours=1):
        watching.look(clock.advance(minutes=1))
    if minutes is None:
        assert not Alert.objects.exists()
        return
    alert = Alert.objects.get()
    assert (alert.kind, clock.now - start) == (Kind.LETTER_HELD_UP, timedelta(minutes=minutes))
    assert (alert.urgency, alert.case_reference) == ("emergency" if emergency else "urgent", found.reference)
    raising.acknowledge(chain["first"], alert.pk, now=clock.now)
    for attempts in (0, 1):  # a piece of a large one went through, the next did not
        Letter.objects.filter(pk=letter.pk).update(attempts=attempts)
        watching.look(clock.advance(minutes=1))
    assert Alert.objects.count() == 1
    Letter.objects.filter(pk=letter.pk).update(stage=Stage.RELAYED)
    watching.look(clock.advance(minutes=1))
    alert.refresh_from_db()
    assert alert.over_at == clock.now


def test_many_alerts_of_one_outage_take_the_place_of_no_emergency(chain: Any, case: Any, clock: Any) -> None:
    grave, plain = case(urgent=True, facts={"emergency": True}), case("XA-2027-000002")
    raising.raise_alert(Kind.CALL_BACK_NEEDED, grave.reference, now=clock.now, case=grave)
    for _ in range(listing.PAGE + 1):
        raising.raise_alert(Kind.LETTER_FAILED, f"{plain.reference}:{uuid4()}", now=clock.now, case=plain)
    said = listing.current(chain["first"]).as_json()
    assert (said["emergencies"], said["alerts"][0]["urgency"]) == (1, "emergency")
    assert listing.own(chain["first"])[0].urgency == "emergency"


def test_a_shift_that_begins_soon_is_told_once(
    chain: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_shifts", [lambda start, end: [("7", chain["third"])]])
    watching.look(clock.now)
    alert = Alert.objects.get(kind=Kind.SHIFT_DUE)
    raising.acknowledge(chain["third"], alert.pk, now=clock.now)
    watching.look(clock.advance(seconds=3))
    assert Alert.objects.filter(kind=Kind.SHIFT_DUE).count() == 1


def test_every_kind_stands_in_the_table() -> None:
    assert set(kinds.RULES) == set(Kind)


def test_the_roster_says_who_is_told_first_and_next(
    official: Any, emergency: Any, arrived: Any, clock: Any
) -> None:
    """As the node is wired: by the desk's shifts."""
    from datetime import timedelta

    from comity.node.desk.models import Shift

    planner, other = official("registrar"), official("duty_officer")
    first, backup = official("duty_officer"), official("duty_officer")
    times = {"starts_at": clock.now + timedelta(minutes=10), "ends_at": clock.now + timedelta(hours=8)}
    Shift.objects.create(official=first, backup=backup, planned_by=planner, planned_at=clock.now, **times)
    watching.look(clock.now)
    assert told(Alert.objects.get(kind=Kind.SHIFT_DUE)) == [first]
    clock.advance(minutes=10)
    alert = arrived(emergency)
    assert told(alert) == [first]
    clock.advance(minutes=5)
    raising.go_on(clock.now)
    assert told(alert) == [first, backup]
    assert other not in told(alert)


def test_the_worker_s_watch_goes_on_after_a_failure_whatever_the_rounds_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import threading

    from comity.node import worker
    from comity.node.lifeline import Flag

    stop, looks = Flag(), []

    def look(now: Any) -> None:
        looks.append(now)
        if len(looks) == 1:
            raise RuntimeError
        stop.raised = True

    monkeypatch.setattr(watching, "look", look)
    monkeypatch.setattr(worker, "PAUSE_WATCH", 0)
    thread = threading.Thread(target=worker.watch_alerts, args=(stop,))
    thread.start()
    thread.join(30)
    assert len(looks) == 2
