from __future__ import annotations

import threading
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection, connections, transaction

from comity.node import jobs
from comity.node.durable import DiskFullError
from comity.node.exchange.calling import PeerBusyError
from comity.node.jobs import Later, outbox, running
from comity.node.jobs.models import Job, JobState


class Done(list):
    """What a handler did, in order; ``kind`` is the kind of its jobs."""

    kind = "test.done"


@pytest.fixture
def done():
    ran = Done()
    outbox.handler(Done.kind, lambda payload, now: ran.append(payload["n"]))
    return ran


def test_asking_twice_with_one_key_runs_once(db, clock, run_jobs, done):
    outbox.ask(done.kind, "one", {"n": 1}, now=clock.now)
    outbox.ask(done.kind, "one", {"n": 2}, now=clock.now)
    run_jobs()
    assert done == [1]


def test_a_job_of_a_transaction_that_fails_never_runs(db, clock, run_jobs, done):
    with transaction.atomic():
        outbox.ask(done.kind, "lost", {"n": 1}, now=clock.now)
        transaction.set_rollback(True)
    run_jobs()
    assert done == []


def test_urgent_jobs_go_first_and_later_ones_wait(db, clock, run_jobs, done):
    outbox.ask(done.kind, "later", {"n": 3}, now=clock.now, run_after=clock.now + timedelta(hours=1))
    outbox.ask(done.kind, "ordinary", {"n": 2}, now=clock.now)
    outbox.ask(done.kind, "urgent", {"n": 1}, now=clock.now, priority=10)
    run_jobs()
    assert done == [1, 2]
    clock.advance(hours=1)
    run_jobs()
    assert done == [1, 2, 3]


def test_hastening_lets_a_waiting_job_run_now(db, clock, run_jobs, done):
    outbox.ask(done.kind, "waits", {"n": 1}, now=clock.now, run_after=clock.now + timedelta(hours=36))
    outbox.hasten("waits", clock.now)
    run_jobs()
    assert done == [1]


def test_a_failing_job_is_tried_again_with_growing_pauses(db, clock, run_jobs):
    attempts = []

    def fail(payload, now):
        attempts.append(now)
        raise DiskFullError

    outbox.handler("test.fails", fail)
    outbox.ask("test.fails", "fails", {}, now=clock.now)
    job = Job.objects.get(key="fails")
    for _ in range(60):
        run_jobs()
        job.refresh_from_db()
        clock.now = job.run_after
    pauses = [later - earlier for earlier, later in pairwise(attempts)]
    assert pauses[:4] == [timedelta(seconds=s) for s in (1, 2, 4, 8)]
    assert max(pauses) == running.LONGEST_PAUSE_OUTSIDE, "what ends by itself is met soon after its end"
    assert (job.state, job.last_code) == (JobState.WAITING, "disk_full"), "a full disk never loses work"


def test_a_job_that_is_put_off_comes_again_no_earlier_than_it_was_told(db, clock, run_jobs):
    def put_off(payload, now):
        raise PeerBusyError(peer="xb-247", detail="its quota", retry_after=payload["wait"])

    outbox.handler("test.put_off", put_off)
    for wait in (500, 0):
        outbox.ask("test.put_off", f"put off {wait}", {"wait": wait}, now=clock.now)
    run_jobs()
    told = [Job.objects.get(key=f"put off {wait}").run_after - clock.now for wait in (500, 0)]
    assert told == [timedelta(seconds=500), running.FIRST_PAUSE], "its own pause where that is longer"


def test_a_job_that_never_works_is_given_up_and_named(db, clock, run_jobs, caplog):
    outbox.handler("test.broken", lambda payload, now: 1 / 0)
    outbox.ask("test.broken", "broken", {"secret": "canary"}, now=clock.now)
    job = Job.objects.get(key="broken")
    longest = timedelta()
    while job.state == JobState.WAITING:
        run_jobs()
        job.refresh_from_db()
        longest = max(longest, job.run_after - clock.now)
        clock.now = max(clock.now, job.run_after)
    assert job.attempts == running.MOST_FAILURES
    assert longest == running.LONGEST_PAUSE
    assert (job.state, job.last_code) == (JobState.GIVEN_UP, "unexpected")
    assert "canary" not in caplog.text, "logs hold no content"


def test_a_job_without_a_handler_waits_for_one(db, clock, run_jobs, done):
    outbox.ask("test.nobody_yet", "early", {"n": 7}, now=clock.now)
    job = Job.objects.get(key="early")
    run_jobs()
    outbox.handler("test.nobody_yet", lambda payload, now: done.append(payload["n"]))
    clock.advance(minutes=1)
    run_jobs()
    job.refresh_from_db()
    assert (done, job.state) == ([7], JobState.DONE)


def test_waiting_is_not_counted_as_failure(db, clock, run_jobs):
    def not_yet(payload, now):
        raise Later(60)

    outbox.handler("test.later", not_yet)
    outbox.ask("test.later", "later", {}, now=clock.now)
    job = Job.objects.get(key="later")
    for _ in range(100):
        run_jobs()
        clock.advance(seconds=60)
    job.refresh_from_db()
    assert (job.attempts, job.state) == (0, JobState.WAITING)


def test_a_dead_workers_job_is_taken_over_when_its_lease_ends(db, clock, done):
    outbox.ask(done.kind, "orphan", {"n": 1}, now=clock.now)
    running._claim(clock.now, "dead")  # ... and the worker dies here
    assert not running.run_one(clock.now, "alive"), "the lease still holds"
    clock.advance(seconds=running.LEASE.total_seconds())
    assert running.run_one(clock.now, "alive")
    assert done == [1]


def test_a_worker_that_starts_anew_takes_back_its_own_leases_only(db, clock, done):
    outbox.ask(done.kind, "mine", {"n": 1}, now=clock.now)
    running._claim(clock.now, "worker-a")
    assert running.take_back("worker-b") == 0
    assert running.take_back("worker-a") == 1
    assert running.run_one(clock.now, "worker-a")
    assert done == [1]


def test_a_worker_whose_lease_was_taken_over_does_not_mark_the_job(db, clock):
    def slow(payload, now):
        clock.advance(seconds=running.LEASE.total_seconds() + 1)
        running._claim(clock.now, "other")

    outbox.handler("test.slow", slow)
    outbox.ask("test.slow", "slow", {}, now=clock.now)
    job = Job.objects.get(key="slow")
    running.run_one(clock.now, "first")
    job.refresh_from_db()
    assert (job.state, job.leased_by) == (JobState.WAITING, "other")


@pytest.mark.django_db(transaction=True)
def test_many_workers_run_each_job_exactly_once(clock):
    ran, lock = [], threading.Lock()

    def work(payload, now):
        with lock:
            ran.append(payload["n"])

    outbox.handler("test.many", work)
    for n in range(60):
        outbox.ask("test.many", f"many-{n}", {"n": n}, now=clock.now)
    _in_threads(6, lambda name: _run_all(clock.now, name))
    assert sorted(ran) == list(range(60))
    assert Job.objects.filter(state=JobState.DONE).count() == 60


@pytest.mark.django_db(transaction=True)
def test_without_the_lease_the_same_jobs_run_more_than_once(clock, monkeypatch):
    """The negative control of the test before: a claim that takes no lease is found out."""
    ran, lock = [], threading.Lock()
    start = threading.Barrier(4)

    def work(payload, now):
        with lock:
            ran.append(payload["n"])

    def careless(now, owner, aside=None, most=1, only=""):
        job = Job.objects.filter(state=JobState.WAITING).order_by("id").first()
        start.wait()
        return [job]

    monkeypatch.setattr(running, "_claim", careless)
    outbox.handler("test.careless", work)
    outbox.ask("test.careless", "careless", {"n": 1}, now=clock.now)
    _in_threads(4, lambda name: running.run_one(clock.now, name))
    assert ran == [1, 1, 1, 1]


def test_of_one_lane_never_two_jobs_are_in_flight_and_the_others_do_not_wait(db, clock):
    """An endpoint that hangs holds its own jobs up, no other endpoint's and nothing of the node's."""
    taken = []

    def hang(payload, now):
        taken.append(payload["n"])
        if payload["n"] == 1:  # while the first is in flight
            while running.run_one(clock.now, "worker", aside=True):
                pass
            assert running.run_one(clock.now, "worker", aside=False)
            taken.append("returned")

    outbox.handler("test.hang", hang)
    for n, lane in enumerate(["slow", "slow", "quick", ""], start=1):
        outbox.ask("test.hang", f"hang:{n}", {"n": n}, now=clock.now, lane=lane)
    assert running.run_one(clock.now, "worker", aside=True)
    assert taken == [1, 3, 4, "returned"]
    assert running.run_one(clock.now, "worker", aside=True)
    assert taken[-1] == 2


def _run_all(now, name):
    while running.run_one(now, name):
        pass


def _in_threads(count, work):
    def run(name):
        try:
            work(name)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(f"worker-{n}",)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_jobs_claimed_together_are_written_down_together_and_in_their_order(db, clock, done):
    for n in (3, 1, 2):
        outbox.ask(done.kind, f"together-{n}", {"n": n}, now=clock.now, priority=n)
    assert running.run_some(lambda: clock.now, "worker", most=2) == 2
    assert done == [1, 2]
    assert set(Job.objects.values_list("state", "leased_by", "attempts")) == {
        ("done", "", 1),
        ("waiting", "", 0),
    }


def test_jobs_of_several_lanes_are_not_claimed_together(db, clock, done):
    for n, lane in enumerate(["one", "other", "one"]):
        outbox.ask(done.kind, f"lane-{n}", {"n": n}, now=clock.now, lane=lane)
    assert running.run_some(lambda: clock.now, "worker", most=8, aside=True) == 2
    assert done == [0, 2]


def test_who_takes_long_gives_back_what_it_claimed_besides(db, clock, done, monkeypatch):
    """So that what is more urgent, and came meanwhile, does not wait behind them."""
    monkeypatch.setattr(jobs, "TOGETHER", 0.0)
    for n in (1, 2):
        outbox.ask(done.kind, f"back-{n}", {"n": n}, now=clock.now)
    assert running.run_some(lambda: clock.now, "worker", most=2) == 2
    outbox.ask(done.kind, "urgent", {"n": 0}, now=clock.now, priority=1)
    assert running.run_one(clock.now, "another")
    assert done == [1, 0]
    assert Job.objects.get(key="back-2").attempts == 0


def test_a_worker_that_dies_among_jobs_claimed_together_leaves_none_undone(db, clock, done, monkeypatch):
    """Those that were done are done again, each alone, which changes nothing: handlers are made for that."""

    def die(payload, now):
        raise SystemExit

    outbox.handler("test.die", die)
    outbox.ask(done.kind, "before", {"n": 1}, now=clock.now, priority=1)
    outbox.ask("test.die", "dying", {}, now=clock.now, priority=2)
    with monkeypatch.context() as killed:
        killed.setattr(running, "_write_down", lambda outcomes: None)
        with pytest.raises(SystemExit):
            running.run_some(lambda: clock.now, "worker", most=2)
    outbox.handler("test.die", lambda payload, now: done.append(2))
    assert running.take_back("worker") == 2
    assert running.run_some(lambda: clock.now, "worker", most=2) == 1
    assert running.run_some(lambda: clock.now, "worker", most=2) == 1
    assert done == [1, 1, 2]


# --- what happens while a job is claimed


def test_what_wakes_a_job_while_it_is_claimed_is_not_lost(db, clock, run_jobs):
    ran = []

    def work(payload, now):
        ran.append(now)
        if len(ran) == 1:
            token = outbox.at_work.set(())  # another thread: not the job itself
            outbox.hasten("woken", clock.now)
            outbox.at_work.reset(token)
            raise Later(3600)

    outbox.handler("test.woken", work)
    outbox.ask("test.woken", "woken", {}, now=clock.now)
    run_jobs()
    assert len(ran) == 2
    assert Job.objects.get(key="woken").state == JobState.DONE


def test_a_job_does_not_wake_itself(db, clock, run_jobs):
    ran = []

    def work(payload, now):
        ran.append(now)
        outbox.resume("itself", clock.now)
        raise Later(3600)

    outbox.handler("test.itself", work)
    outbox.ask("test.itself", "itself", {}, now=clock.now)
    run_jobs()
    assert len(ran) == 1


def test_what_was_done_is_written_down_though_the_clock_stops_the_round(db, clock, done):
    outbox.handler("test.done", lambda payload, now: done.append(payload["n"]))
    for n in range(3):
        outbox.ask("test.done", f"done-{n}", {"n": n}, now=clock.now)
    asked = []

    def stepped():
        asked.append(1)
        if len(asked) == 3:  # the claim, the first job; then the clock is set
            raise DiskFullError
        return clock.now

    with pytest.raises(DiskFullError):
        running.run_some(stepped, "one", most=8)
    after = Job.objects.order_by("id")
    assert [(row.state, row.leased_until, row.attempts) for row in after] == [
        (JobState.DONE, None, 1),
        (JobState.WAITING, None, 0),
        (JobState.WAITING, None, 0),
    ]


def test_what_failed_before_is_claimed_alone(db, clock, done):
    outbox.handler("test.alone", lambda payload, now: done.append(payload["n"]))
    for n in range(4):
        outbox.ask("test.alone", f"alone-{n}", {"n": n}, now=clock.now)
    Job.objects.filter(key="alone-1").update(attempts=1)
    assert running.run_some(lambda: clock.now, "one", most=8) == 3
    assert running.run_some(lambda: clock.now, "one", most=8) == 1
    assert done == [0, 2, 3, 1]


def test_a_lane_in_which_a_thread_is_stuck_is_not_taken_by_another(db, clock, done):
    outbox.handler("test.lane", lambda payload, now: done.append(payload["n"]))
    outbox.ask("test.lane", "lane-0", {"n": 0}, now=clock.now, lane="peer:x")
    running._busy.add("peer:x")
    try:
        assert running.run_some(lambda: clock.now, "one", most=8, aside=True) == 0
    finally:
        running._busy.discard("peer:x")
    assert running.run_some(lambda: clock.now, "one", most=8, aside=True) == 1


def test_a_lane_rests_until_whom_it_waits_for_answers(db, clock, done):
    outbox.handler("test.rest", lambda payload, now: done.append(payload["n"]))
    for n, lane in enumerate(("peer:x", "peer:x", "peer:y")):
        outbox.ask("test.rest", f"rest-{n}", {"n": n}, now=clock.now, lane=lane)
    outbox.rest("peer:x", clock.now + timedelta(seconds=30))
    while running.run_some(lambda: clock.now, "one", most=8, aside=True):
        pass
    assert done == [2]
    outbox.end_rest("peer:x", clock.now)
    while running.run_some(lambda: clock.now, "one", most=8, aside=True):
        pass
    assert done == [2, 0, 1]


def test_what_failed_itself_rests_too_and_keeps_its_code(db, clock, done):
    def away(payload, now):
        raise PeerBusyError(peer="x", detail="", retry_after=1)

    outbox.handler("test.failed", away)
    outbox.ask("test.failed", "failed", {}, now=clock.now, lane="peer:x")
    running.run_some(lambda: clock.now, "one", most=8, aside=True)
    outbox.rest("peer:x", clock.now + timedelta(seconds=30))
    job = Job.objects.get(key="failed")
    assert (job.run_after, job.last_code) == (clock.now + timedelta(seconds=30), "peer_busy")


def test_what_is_due_is_found_by_an_index(db, clock):
    """Thousands of delivered letters wait for days; a look at what is due reads none of them."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by what the table holds")
    plan = _plan(running._due(clock.now, True, "")[0])
    assert "jobs_due (state=? AND run_after<?)" in plan
    assert "jobs_in_flight" in plan
    assert "jobs_resting" in _explained(outbox._END_REST)
    with connection.cursor() as cursor:
        cursor.execute('DROP INDEX "jobs_due"')
    assert "jobs_due" not in _plan(running._due(clock.now, True, "peer:")[0]), "the negative control"


def _plan(which):
    return _explained(f'SELECT EXISTS (SELECT 1 FROM "jobs_job" {which})')


def _explained(asked):
    values = {"now": "2027-06-01 10:00:00", "only": "peer:", "lane": "peer:x"}
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {asked}", values)
        return " ".join(str(row[-1]) for row in cursor.fetchall())
