"""Jobs of one kind done at once: in their order, each for itself where that fails, given back where late."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from comity.node import jobs
from comity.node.jobs import Alone, Later, outbox, running
from comity.node.jobs.models import Job, JobState
from comity.terms import ComityError

pytestmark = pytest.mark.django_db
KIND = "test.several"
Ran = list[tuple[int, ...]]


@pytest.fixture
def ran() -> Ran:
    """Which jobs ran at once: numbers of those of one call."""
    return []


@pytest.fixture
def ask(clock: Any) -> Callable[..., None]:
    def some(*numbers: int, kind: str = KIND, priority: int = 100, lane: str = "") -> None:
        for n in numbers:
            about = {"now": clock.now, "priority": priority, "lane": lane}
            outbox.ask(kind, f"{kind}-{n}", {"n": n}, **about)

    return some


@pytest.fixture
def answering(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Register both handlers; ``said`` is what each job raises that is done with others."""
    monkeypatch.setattr(outbox, "_several", {})
    monkeypatch.setattr(outbox, "_excused", {})

    def register(said: Callable[[int], Exception | None] = lambda n: None, kind: str = KIND) -> None:
        def several(payloads: Sequence[dict[str, Any]], now: datetime) -> list[Exception | None]:
            numbers = tuple(each["n"] for each in payloads)
            ran.append(numbers)
            return [said(n) for n in numbers]

        outbox.handler(kind, lambda payload, now: ran.append((payload["n"],)))
        outbox.handler_of_several(kind, several)

    return register


def some(clock: Any, most: int = 8, **how: Any) -> int:
    return running.run_some(lambda: clock.now, "worker", most=most, **how)


def states() -> dict[str, tuple[str, int]]:
    return {
        key.rpartition("-")[2]: (state, attempts)
        for key, state, attempts in Job.objects.values_list("key", "state", "attempts")
    }


def test_jobs_of_one_kind_are_done_at_once_in_their_order(clock: Any, ask: Any, answering: Any, ran: Ran):
    answering()
    ask(3, 1, 2)
    assert some(clock) == 3
    assert ran == [(3, 1, 2)]
    assert set(states().values()) == {("done", 1)}


@pytest.mark.parametrize(("excused", "together"), [(("refused",), [(1, 2, 3)]), ((), [(1,), (2,), (3,)])])
def test_what_failed_goes_with_others_again_only_where_that_said_nothing_of_it(
    clock: Any, ask: Any, answering: Any, ran: Ran, excused: tuple[str, ...], together: list[Any]
):
    class RefusedError(ComityError):
        code = "refused"

    answering(lambda n: RefusedError())
    several = outbox.several_of(KIND)
    assert several is not None
    outbox.handler_of_several(KIND, several, excused=excused)
    ask(1, 2, 3, lane="peer:x")
    some(clock, aside=True)
    assert {attempts for _, attempts in states().values()} == {1}
    ran.clear()
    clock.advance(seconds=1)
    while some(clock, aside=True):
        pass
    assert ran == together


def test_one_job_has_the_handler_of_one(clock: Any, ask: Any, answering: Any, ran: Ran):
    answering(lambda n: ComityError())
    ask(1)
    some(clock)
    assert (ran, states()) == ([(1,)], {"1": ("done", 1)})


def test_other_kinds_and_urgencies_are_not_done_with_them(clock: Any, ask: Any, answering: Any, ran: Ran):
    answering()
    outbox.handler("test.single", lambda payload, now: ran.append((-payload["n"],)))
    ask(1, 2, priority=5)
    ask(3, 4, priority=6)
    ask(5, 6, priority=7, kind="test.single")
    ask(7, 8, priority=8)
    some(clock)
    assert ran == [(1, 2), (3, 4), (-5,), (-6,), (7, 8)]


def test_each_has_its_own_outcome(clock: Any, ask: Any, answering: Any):
    class RefusedError(ComityError):
        code = "refused"

    answering({1: None, 2: Later(60), 3: RefusedError(), 4: None}.get)
    ask(1, 2, 3, 4)
    some(clock)
    assert states() == {"1": ("done", 1), "2": ("waiting", 0), "3": ("waiting", 1), "4": ("done", 1)}
    waits = Job.objects.filter(state=JobState.WAITING).order_by("id").values_list("run_after", "last_code")
    assert list(waits) == [
        (clock.now + timedelta(seconds=60), ""),
        (clock.now + running.FIRST_PAUSE, "refused"),
    ]


def test_what_cannot_go_with_others_goes_alone(clock: Any, ask: Any, answering: Any, ran: Ran):
    answering(lambda n: Alone() if n == 2 else None)
    ask(1, 2, 3)
    some(clock)
    assert ran == [(1, 2, 3), (2,)]
    assert set(states().values()) == {("done", 1)}


@pytest.mark.parametrize("error", [ComityError(), RuntimeError("unforeseen")])
def test_where_it_fails_as_a_whole_each_goes_alone(
    clock: Any, ask: Any, answering: Any, ran: Ran, error: Exception
):
    def fail(n: int) -> None:
        raise error

    answering(fail)
    ask(1, 2)
    some(clock)
    assert ran == [(1, 2), (1,), (2,)]
    assert set(states().values()) == {("done", 1)}


def test_what_was_not_begun_is_given_back_uncounted(clock: Any, ask: Any, ran: Ran, answering: Any):
    answering()

    def first_two(payloads: Sequence[dict[str, Any]], now: datetime) -> list[None]:
        ran.append(tuple(each["n"] for each in payloads[:2]))
        return [None] * len(payloads[:2])

    outbox.handler_of_several(KIND, first_two)
    ask(1, 2, 3, 4, 5)
    assert some(clock) == 5
    assert states() == {
        "1": ("done", 1),
        "2": ("done", 1),
        "3": ("waiting", 0),
        "4": ("waiting", 0),
        "5": ("waiting", 0),
    }
    some(clock)
    some(clock)
    assert ran == [(1, 2), (3, 4), (5,)]


def test_what_goes_alone_is_given_back_when_it_is_late(
    clock: Any, ask: Any, answering: Any, ran: Ran, monkeypatch: pytest.MonkeyPatch
):
    """What waits for a slow peer holds up nothing that is more urgent."""
    monkeypatch.setattr(jobs, "TOGETHER", 0.0)
    answering(lambda n: Alone())
    ask(1, 2, 3)
    some(clock)
    assert ran == [(1, 2, 3), (1,)]
    assert states() == {"1": ("done", 1), "2": ("waiting", 0), "3": ("waiting", 0)}


def test_nothing_more_is_begun_when_it_is_late(
    clock: Any, ask: Any, answering: Any, ran: Ran, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(jobs, "TOGETHER", 0.0)
    answering()
    ask(1, 2, priority=5)
    ask(3, 4, priority=6)
    some(clock)
    assert ran == [(1, 2)]


def test_pieces_of_work_are_begun_until_the_time_is_over(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "TOGETHER", 0.0)
    assert list(jobs.in_time("abc")) == ["a"]
    monkeypatch.setattr(jobs, "TOGETHER", 60.0)
    assert list(jobs.in_time("abc")) == ["a", "b", "c"]
    assert list(jobs.in_time("")) == []


def test_what_failed_before_goes_alone(clock: Any, ask: Any, answering: Any, ran: Ran):
    answering(lambda n: ComityError())
    ask(1, 2)
    some(clock)
    clock.advance(minutes=1)
    some(clock)
    some(clock)
    assert ran == [(1, 2), (1,), (2,)]


def test_none_of_those_done_at_once_wakes_itself_and_each_may_be_woken(
    clock: Any, ask: Any, answering: Any, ran: Ran
):
    answering()

    def work(payloads: Sequence[dict[str, Any]], now: datetime) -> list[Exception | None]:
        ran.append(tuple(each["n"] for each in payloads))
        for each in payloads:
            outbox.hasten(f"{KIND}-{each['n']}", now)
        token = outbox.at_work.set(())  # another thread
        outbox.hasten(f"{KIND}-2", now)
        outbox.at_work.reset(token)
        return [Later(3600) for _ in payloads]

    outbox.handler_of_several(KIND, work)
    ask(1, 2)
    some(clock)
    some(clock)
    assert ran == [(1, 2), (2,)]


def test_the_leases_of_all_that_are_done_at_once_are_extended(clock: Any, ask: Any, answering: Any):
    def work(payloads: Sequence[dict[str, Any]], now: datetime) -> list[Exception | None]:
        clock.advance(minutes=9)
        running.go_on()
        leased = set(Job.objects.values_list("leased_until", flat=True))
        assert leased == {clock.now + running.LEASE}
        clock.advance(minutes=9)
        return [None for _ in payloads]

    answering()
    outbox.handler_of_several(KIND, work)
    ask(1, 2)
    some(clock)
    assert set(states().values()) == {("done", 1)}


def test_an_end_amid_several_leaves_none_undone(
    clock: Any, ask: Any, answering: Any, ran: Ran, monkeypatch: pytest.MonkeyPatch
):
    """They are done again, at once or alone, which changes nothing: handlers are made for that."""

    def die(payloads: Sequence[dict[str, Any]], now: datetime) -> list[Exception | None]:
        raise SystemExit

    answering()
    outbox.handler_of_several(KIND, die)
    ask(1, 2)
    with monkeypatch.context() as killed:
        killed.setattr(running, "_write_down", lambda outcomes: None)
        with pytest.raises(SystemExit):
            some(clock)
    assert running.take_back("worker") == 2
    some(clock)
    some(clock)
    assert sorted(ran) == [(1,), (2,)]


@pytest.mark.django_db(transaction=True)
def test_what_was_done_is_written_down_though_the_database_ends_it_at_once(
    clock: Any, ask: Any, answering: Any, monkeypatch: pytest.MonkeyPatch
):
    """PostgreSQL ends one of two that hold the same rows in another order; no lane waits for leases."""
    answering()
    ask(1, 2)
    real, ended = running._write_down, []

    def deadlock(outcomes: Any) -> None:
        if not ended:
            ended.append(outcomes)
            raise OperationalError
        real(outcomes)

    monkeypatch.setattr(running, "_write_down", deadlock)
    some(clock)
    assert set(states().values()) == {("done", 1)}


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_receipts_that_wake_jobs_in_another_order_leave_no_lane_standing(
    clock: Any, ask: Any, answering: Any
):
    said: list[str] = []
    held = threading.Event()

    def wake() -> None:
        try:
            with transaction.atomic():
                outbox.resume(f"{KIND}-2", clock.now)
                held.set()
                time.sleep(0.3)
                outbox.resume(f"{KIND}-1", clock.now)
        except OperationalError as error:
            said.append(str(error))
        finally:
            connection.close()

    waking = threading.Thread(target=wake)

    def work(payload: dict[str, Any], now: datetime) -> None:
        if payload["n"] == 2:
            waking.start()
            held.wait()

    outbox.handler(KIND, work)
    ask(1, 2, lane="peer:x")
    some(clock, aside=True)
    waking.join()
    assert not Job.objects.exclude(leased_until=None).exists()
