"""A step of the clock stops whatever would get a time from it, and moves no clock of the law.

Negative controls: with the demand of a steady clock switched off in one place, a test above fails. What the
ledger and its heads demand is switched off in tests/faults (``--control entries_at_any_time`` and its like).
"""

from __future__ import annotations

import io
import json
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from _pytest.outcomes import Failed
from django.utils import timezone
from tests.node.conftest import Clock

from comity.node import checking, config, diagnosing, health, worker
from comity.node.clocks.models import Clock as LegalClock
from comity.node.clocks.models import ClockState, Reminder
from comity.node.clocks.running import start
from comity.node.exchange import peer_server
from comity.node.jobs.models import Job, JobState
from comity.node.ledger import clock_steps, entries, middleware, sequencer, wall_clock
from comity.node.ledger.models import Entry
from comity.node.ledger.wall_clock import ClockSteppedError, Reading

pytestmark = pytest.mark.usefixtures("keys")
TOO_FAR = timedelta(minutes=5, seconds=1)


class Machine:
    """A machine whose clocks the test turns."""

    def __init__(self) -> None:
        self.reading = Reading(Clock.now, 1000.0, "first start")

    def step(self, by: timedelta) -> None:
        """Somebody sets the clock."""
        self.reading = replace(self.reading, wall=self.reading.wall + by)

    def pass_by(self, time: timedelta) -> None:
        """Time goes by."""
        self.step(time)
        self.reading = replace(self.reading, running=self.reading.running + time.total_seconds())

    def start_anew(self) -> None:
        """The machine is switched off and on."""
        self.reading = replace(self.reading, running=1.0, boot="second start")


@pytest.fixture
def machine(monkeypatch):
    machine = Machine()
    monkeypatch.setattr(wall_clock, "look", lambda: machine.reading)
    monkeypatch.setattr(timezone, "now", lambda: machine.reading.wall)
    kept = config.current().folder / "run" / "clock"
    before = kept.read_bytes()
    kept.unlink()
    entries.append("tested", "x", {"what": "tested"}, now=machine.reading.wall)
    yield machine
    kept.write_bytes(before)


def append():
    return entries.append("tested", "x", {"what": "tested"}, now=timezone.now())


@pytest.mark.parametrize("by", [TOO_FAR, -TOO_FAR, timedelta(days=3650), timedelta(days=-3650)])
def test_nothing_is_written_or_signed_after_a_step_and_all_of_it_once_the_clock_is_right(machine, by):
    machine.pass_by(timedelta(hours=1))
    machine.step(by)
    for act in (append, lambda: sequencer.sequence(timezone.now()), wall_clock.now):
        with pytest.raises(ClockSteppedError):
            act()
    assert sequencer.latest() is None
    machine.step(-by)
    append()
    assert sequencer.sequence(timezone.now()).size == Entry.objects.count()


def test_small_corrections_and_the_passing_of_time_are_no_step_but_add_up(machine):
    for _ in range(50):
        machine.pass_by(timedelta(days=7))
        machine.step(timedelta(seconds=5))
    assert wall_clock.step() is None
    machine.step(timedelta(seconds=51))
    assert round(wall_clock.step().seconds) == 301


def test_after_a_start_of_the_machine_the_clock_must_not_lie_behind_the_ledger(machine):
    machine.pass_by(timedelta(days=1))
    append()
    machine.start_anew()
    machine.step(-TOO_FAR)
    with pytest.raises(ClockSteppedError):
        append()
    machine.step(TOO_FAR)
    append()
    machine.step(-TOO_FAR)
    assert wall_clock.step() is not None, "from the first act on the pair of this start counts"


def test_a_pair_of_times_that_cannot_be_read_is_none(machine):
    (config.current().folder / "run" / "clock").write_bytes(b"{")
    machine.step(-TOO_FAR)
    assert wall_clock.step() is not None
    machine.step(TOO_FAR * 2)
    assert wall_clock.step() is None


def test_an_administrator_takes_the_clock_for_right_and_the_ledger_says_why(machine, official, client):
    machine.step(TOO_FAR)
    client.force_login(official("auditor"))
    assert client.post("/ledger/clock/", {"reason": "no role"}).status_code == 403
    administrator = official("administrator")
    client.force_login(administrator)
    page = client.get("/ledger/clock/").content.decode()
    assert 'name="reason"' in page
    assert "was set" in page, "every page says it"
    assert client.post("/ledger/clock/", {"reason": ""}).status_code == 422
    assert client.post("/ledger/clock/", {"reason": "compared with two servers"}).status_code == 302
    entry = Entry.objects.order_by("-id").first()
    assert (entry.kind, entry.content["reason"]) == (clock_steps.ACCEPTED, "compared with two servers")
    assert entry.content["by"] == administrator.pk
    assert entry.content["expected"] < entry.content["shown"]
    append()
    assert client.post("/ledger/clock/", {"reason": "again"}).status_code == 409
    machine.step(-TOO_FAR)
    assert wall_clock.step() is not None, "the clock that was accepted is the one that counts"


def test_an_accepted_clock_behind_the_ledger_lets_a_machine_that_started_anew_go_on(machine, official):
    machine.start_anew()
    machine.step(timedelta(days=-400))
    clock_steps.accept(official("administrator"), "it ran ahead before", timezone.now())
    append()
    machine.reading = replace(machine.reading, boot="third start")
    append()


def test_people_read_and_sign_in_and_programs_are_told_when_to_come_again(machine, official, client):
    client.force_login(official("drafter"))
    machine.step(TOO_FAR)
    refused = client.post("/requests/new", {})
    assert (refused.status_code, refused.headers.get("Retry-After")) == (503, "60")
    assert "clock_stepped" in refused.content.decode()
    told = client.post("/api/cases", {}, content_type="application/json")
    assert (told.status_code, told.json()["code"]) == (503, "clock_stepped")
    assert "reach the other side by telephone" in client.get("/desk/").content.decode()
    assert client.post("/account/logout/").status_code != 503
    machine.step(-TOO_FAR)
    assert "was set" not in client.get("/law/").content.decode()


def test_a_peer_is_turned_away_and_told_when_to_come_again(machine, keys, monkeypatch):
    monkeypatch.setattr(peer_server, "_peer", lambda environ: SimpleNamespace(id="xb-247"))
    monkeypatch.setattr(peer_server.allowances, "demand", lambda *_, **__: pytest.fail("it was let in"))
    machine.step(-TOO_FAR)
    for method, path in (("POST", "/receipts"), ("POST", "/keys"), ("POST", "/witness/add-checkpoint")):
        said, status, headers = asked(method, path)
        assert (status[:3], headers["Retry-After"], said["code"]) == ("503", "60", "clock_stepped")
    assert asked("GET", "/nothing")[0]["code"] == "not_served", "what was signed before is shown"


def asked(method, path):
    told = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": io.BytesIO(b"")}
    body = b"".join(peer_server.application(environ, lambda *said: told.extend(said)))
    return json.loads(body), told[0], dict(told[1])


def rounds(monkeypatch, count):
    """Let the worker make so many rounds, or wait so often; jobs aside are another's matter."""
    left, stop = [count], SimpleNamespace(raised=False)

    def pause(_):
        left[0] -= 1
        stop.raised = left[0] <= 0

    monkeypatch.setattr(worker.time, "sleep", pause)
    monkeypatch.setattr(worker.threading.Thread, "start", lambda _: None)
    monkeypatch.setattr("django.db.close_old_connections", lambda: None)
    worker.work(stop, "test")


@pytest.mark.parametrize("by", [timedelta(days=30), timedelta(days=-30)])
def test_no_clock_of_the_law_runs_out_or_reminds_by_a_stepped_time(machine, monkeypatch, by):
    running = start(
        "XA-1", "answer", "uncc:art_46", "requested", starts_at=timezone.now(), due_at=timezone.now() + by / 2
    )
    Job.objects.create(kind="x.y", key="x", run_after=timezone.now(), asked_at=timezone.now())
    machine.step(by)
    before = Entry.objects.count()
    rounds(monkeypatch, 3)
    running.refresh_from_db()
    assert (running.state, Reminder.objects.count()) == (ClockState.RUNNING, 0)
    assert Job.objects.get(key="x").attempts == 0
    assert (Entry.objects.count(), sequencer.latest()) == (before, None)


def test_the_worker_goes_on_by_itself_and_notes_what_was(machine, monkeypatch):
    due = timezone.now() + timedelta(days=15)
    start("XA-1", "answer", "uncc:art_46", "requested", starts_at=timezone.now(), due_at=due)
    machine.step(timedelta(days=30))
    watch = clock_steps.Watch()
    assert watch.is_stepped()
    machine.step(timedelta(days=-30))
    assert not watch.is_stepped()
    assert not watch.is_stepped()
    entry = Entry.objects.get(kind=clock_steps.ENDED)
    assert entry.content["shown"] > entry.content["expected"]
    machine.pass_by(timedelta(days=16))
    rounds(monkeypatch, 1)
    assert LegalClock.objects.get().state == ClockState.RAN_OUT, (
        "the clock of the law ends when its time is over"
    )


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_told_to_stop_before_it_began_numbers_what_is_in_the_ledger(machine):
    entry = entries.append("test", "xa-247", {"what": "test"}, now=timezone.now())
    worker.work(SimpleNamespace(raised=True), "test")
    entry.refresh_from_db()
    assert entry.index is not None


def test_a_step_within_a_round_ends_the_round(machine, monkeypatch):
    """The times that a round goes by are asked for one by one: a step between two of them is seen."""
    monkeypatch.setattr(worker, "_log", SimpleNamespace(exception=lambda *_: None))
    monkeypatch.setattr(
        "comity.node.jobs.running.run_some", lambda *_, **__: machine.step(timedelta(days=30)) or False
    )
    start("XA-1", "answer", "uncc:art_46", "requested", starts_at=timezone.now(), due_at=timezone.now())
    with suppress(ClockSteppedError):
        worker._round(clock_steps.Watch(), "test", worker.Looks())
    assert LegalClock.objects.get().state == ClockState.RUNNING


@pytest.mark.django_db(transaction=True)
def test_monitoring_check_and_doctor_say_it(machine):
    node, now = config.current(), timezone.now()
    machine.step(TOO_FAR)
    said = []
    body = health.application(
        {"PATH_INFO": "/health", "REQUEST_METHOD": "GET"}, lambda *told: said.extend(told)
    )
    assert (said[0][:3], body[0]) == ("503", b"clock_stepped\n")
    assert b"comity_clock_step_seconds 301" in health.figures(node, now)
    for findings in (checking.check(node, now), diagnosing.diagnose(node, now)):
        found = next(each for each in findings if each.code == "clock_stepped")
        assert "administrator" in found.text
    machine.step(-TOO_FAR)
    assert b"comity_clock_step_seconds 0.0" in health.figures(node, now)
    assert Job.objects.filter(state=JobState.GIVEN_UP).count() == 0


INDIFFERENT = SimpleNamespace(
    now=timezone.now, step=lambda: None, COME_AGAIN=0, ClockSteppedError=ClockSteppedError
)
"""In place of ``wall_clock`` where nothing is demanded of the clock."""


def rounds_at_any_time(monkeypatch):
    monkeypatch.setattr(wall_clock, "now", lambda: timezone.now())
    monkeypatch.setattr(clock_steps, "wall_clock", INDIFFERENT)


def people_at_any_time(monkeypatch):
    monkeypatch.setattr(middleware, "wall_clock", INDIFFERENT)


def peers_at_any_time(monkeypatch):
    monkeypatch.setattr(peer_server, "wall_clock", INDIFFERENT)


def test_with_the_worker_s_demand_switched_off_it_shows(machine, monkeypatch):
    rounds_at_any_time(monkeypatch)
    with pytest.raises(AssertionError):
        test_no_clock_of_the_law_runs_out_or_reminds_by_a_stepped_time(
            machine, monkeypatch, timedelta(days=30)
        )


def test_with_the_demand_on_people_and_programs_switched_off_it_shows(machine, official, client, monkeypatch):
    people_at_any_time(monkeypatch)
    with pytest.raises(AssertionError):
        test_people_read_and_sign_in_and_programs_are_told_when_to_come_again(machine, official, client)


def test_with_the_demand_on_peers_switched_off_it_shows(machine, keys, monkeypatch):
    peers_at_any_time(monkeypatch)
    with pytest.raises((AssertionError, Failed)):
        test_a_peer_is_turned_away_and_told_when_to_come_again(machine, keys, monkeypatch)
