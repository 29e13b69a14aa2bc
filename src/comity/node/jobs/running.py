"""Claim jobs with a lease, run them, and write down how it went.

A claim is one short transaction, so that two workers never hold the same lease; the work itself runs
outside it. A worker that dies leaves a lease behind that runs out, and another worker repeats the job:
handlers are written so that a repetition changes nothing. So a few jobs may be claimed together, and what
became of them is written down together as well: two commits for all of them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from itertools import groupby, takewhile
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import QuerySet

from comity.node import durable, jobs
from comity.node.databases import rows
from comity.node.jobs import Alone, Later
from comity.node.jobs.models import Job, JobState
from comity.node.jobs.outbox import Several, at_work, handler_of, may_go_with_others, several_of
from comity.terms import ComityError

LEASE = timedelta(minutes=10)
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=15)
LONGEST_PAUSE_OUTSIDE = timedelta(seconds=30)
"""Where the failure is not ours and ends by itself: work goes on within half a minute of its end."""
MOST_FAILURES = 40
"""Some nine hours of trying; then the job waits for an administrator (``comity node check`` names it)."""
_clock_at_work: ContextVar[Callable[[], datetime] | None] = ContextVar("clock_at_work", default=None)
_busy: set[str] = set()
"""Lanes in which a thread of this process is at work, though a lease may have run out meanwhile."""
_log = logging.getLogger(__name__)
_LOCK = 0x6C616E65  # "lane": the advisory lock of those that claim a job with a lane on PostgreSQL


def run_one(now: datetime, owner: str, *, aside: bool | None = None) -> bool:
    """Run the most urgent job that is due; return whether there was one.

    ``aside``: only jobs that have a lane, or (false) only those that have none.
    """
    return run_some(lambda: now, owner, most=1, aside=aside) > 0


def run_some(
    clock: Callable[[], datetime], owner: str, *, most: int, aside: bool | None = None, only: str = ""
) -> int:
    """Run up to ``most`` jobs that are due, the most urgent first; how many were claimed.

    ``aside`` as in ``run_one``; jobs that have a lane are claimed together from one lane only, and with
    ``only`` from lanes alone whose names begin so.
    """
    claimed, began = _claim(clock(), owner, aside, most, only), time.monotonic()
    outcomes: list[tuple[Job, dict[str, Any]]] = []
    lanes = {job.lane for job in claimed if job.lane}
    _busy.update(lanes)

    def is_late() -> bool:
        return bool(outcomes) and time.monotonic() - began > jobs.TOGETHER

    try:
        for job in _one_by_one(claimed, clock, outcomes, is_late):
            outcomes.append((job, _outcome(job, clock)))
    finally:  # what was done is written down, and the rest given back, though the clock stops the round
        _busy.difference_update(lanes)
        done = {job.id for job, _ in outcomes}
        left = [(job, {"attempts": job.attempts - 1}) for job in claimed if job.id not in done]
        _write_down_whatever_comes([*outcomes, *left])
    return len(claimed)


def _one_by_one(
    claimed: Sequence[Job],
    clock: Callable[[], datetime],
    outcomes: list[tuple[Job, dict[str, Any]]],
    is_late: Callable[[], bool],
) -> Iterator[Job]:
    """The jobs in their order that are each to be run alone, until it is late. Those of one kind and urgency
    that may be done at once are done meanwhile, and the columns of their rows that change are added to the
    ``outcomes``.
    """
    for (kind, _), run in groupby(claimed, key=lambda job: (job.kind, job.priority)):
        together, at_once = list(run), several_of(kind)
        if is_late():
            return
        if at_once is None or len(together) == 1:
            yield from takewhile(lambda _: not is_late(), together)
            continue
        now = clock()
        results = _raised_by_several(at_once, together, clock, now)
        alone = []
        for job, raised in zip(together, results, strict=False):
            if isinstance(raised, Alone):
                alone.append(job)
            else:
                outcomes.append((job, _changed(job, raised, clock, now)))
        if alone and alone[0] is together[0] and is_late():
            yield alone.pop(0)  # the first in line: else what goes with others overtakes it every time
        yield from takewhile(lambda _: not is_late(), alone)
        if len(results) < len(together):
            return


def _raised_by_several(
    work: Several, together: Sequence[Job], clock: Callable[[], datetime], now: datetime
) -> Sequence[Exception | None]:
    """What each of several jobs raised that are done at once; all go alone where it fails as a whole."""
    try:
        with _at_work(together, clock), durable.disk_told():
            return work([job.payload for job in together], now)
    except ComityError as error:
        _log.warning("%s jobs %s go alone: %s", len(together), together[0].kind, error.code)
    except Exception:
        _log.exception("%s jobs %s failed at once and go alone", len(together), together[0].kind)
    return [Alone() for _ in together]


def _outcome(job: Job, clock: Callable[[], datetime]) -> dict[str, Any]:
    """Run one job; the columns of its row that change."""
    work, now = handler_of(job.kind), clock()
    if work is None:
        return _postponed(job, now, "handler_unknown")
    raised = None
    try:
        with _at_work([job], clock), durable.disk_told():
            work(job.payload, now)
    except Exception as error:
        raised = error
    return _changed(job, raised, clock, now)


def _changed(
    job: Job, raised: Exception | None, clock: Callable[[], datetime], now: datetime
) -> dict[str, Any]:
    """The columns of a job's row that change after what its handler raised."""
    match raised:
        case None:
            return {"state": JobState.DONE.value, "done_at": now, "last_code": ""}
        case Later():
            # Waiting is no failure: the attempt is not counted. It begins with the answer (WIRE-16).
            return {"run_after": clock() + timedelta(seconds=raised.seconds), "attempts": job.attempts - 1}
        case ComityError():
            planned = _postponed(job, now, raised.code, temporary=raised.temporary)
            if wait := raised.params.get("retry_after"):  # no earlier (WIRE-16)
                planned["run_after"] = max(planned["run_after"], clock() + timedelta(seconds=wait))
            return planned
    _log.error("job %s %s failed", job.id, job.kind, exc_info=raised)
    return _postponed(job, now, "unexpected")


@contextmanager
def _at_work(jobs: Sequence[Job], clock: Callable[[], datetime]) -> Iterator[None]:
    """This thread runs these jobs by this clock."""
    token, told = at_work.set(tuple(jobs)), _clock_at_work.set(clock)
    try:
        yield
    finally:
        at_work.reset(token)
        _clock_at_work.reset(told)


def go_on() -> None:
    """Extend the leases of the jobs that this thread runs, for work that may take longer than one lease.

    The time is that of the clock by which the job was claimed, with the errors of that clock.
    """
    clock = _clock_at_work.get()
    for job in at_work.get():
        if clock is None or job.leased_until is None:
            return
        now = clock()
        if job.leased_until - now > LEASE / 2:
            return
        until = now + LEASE
        if _ours(job).update(leased_until=until):
            job.leased_until = until


def take_back(owner: str) -> int:
    """Free the leases of a worker's former self; call it when that worker starts anew. Returns how many."""
    return Job.objects.filter(leased_by=owner).update(leased_until=None, leased_by="")


def pause_after(failures: int, *, temporary: bool = False) -> timedelta:
    """How long to wait after so many failures: doubling from one second to the longest pause of the kind."""
    longest = LONGEST_PAUSE_OUTSIDE if temporary else LONGEST_PAUSE
    return min(FIRST_PAUSE * (1 << min(failures - 1, 20)), longest)


_DUE = """
WHERE "state" = 'waiting' AND "run_after" <= %(now)s AND ("leased_until" IS NULL OR "leased_until" <= %(now)s)
"""
_HAS_LANE = """ AND "lane" <> '' AND "lane" NOT IN (
    SELECT "lane" FROM "jobs_job" WHERE "leased_until" > %(now)s
)"""
"""Of which none is in flight. Only what waits is ever leased."""
_ORDER = ' ORDER BY "priority", "run_after", "id" LIMIT %(most)s'
_LEASE = """
UPDATE "jobs_job" SET
    "leased_until" = %(until)s, "leased_by" = %(owner)s, "attempts" = "attempts" + 1, "woken" = FALSE
WHERE "id" = %(id)s
"""


def _claim(now: datetime, owner: str, aside: bool | None = None, most: int = 1, only: str = "") -> list[Job]:
    due, values = _due(now, aside, only)
    if not rows.value(f'SELECT EXISTS (SELECT 1 FROM "jobs_job" {due})', values):  # noqa: S608  own names
        return []  # a read first: on SQLite an idle worker then never takes the write lock
    with transaction.atomic():
        if aside:
            _one_at_a_time()
        lock = " FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
        jobs = _fit(rows.chosen(Job, due + _ORDER + lock, values | {"most": most}), aside)
        if not jobs:  # another was first
            return []
        until = now + LEASE
        rows.execute_each(_LEASE, [{"until": until, "owner": owner, "id": job.id} for job in jobs])
    for job in jobs:
        job.leased_until, job.leased_by, job.attempts = until, owner, job.attempts + 1
    return jobs


def _fit(jobs: list[Job], aside: bool | None) -> list[Job]:
    """Those to claim at once. What failed before goes alone, so that it takes no other down with it."""
    if not jobs or not may_go_with_others(jobs[0]):
        return jobs[:1]
    return [job for job in jobs if may_go_with_others(job) and (not aside or job.lane == jobs[0].lane)]


def _one_at_a_time() -> None:
    """Who claims from a lane sees what others claimed of it. On SQLite the transaction itself does that."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _due(now: datetime, aside: bool | None, only: str) -> tuple[str, dict[str, Any]]:
    """Which jobs are due, as a condition and its values."""
    values: dict[str, Any] = {"now": now}
    if not aside:
        return (_DUE if aside is None else _DUE + """ AND "lane" = ''"""), values
    condition = _DUE + _HAS_LANE
    if only:
        condition += ' AND substr("lane", 1, length(%(only)s)) = %(only)s'
        values["only"] = only
    busy = {f"busy{n}": lane for n, lane in enumerate(tuple(_busy))}
    if busy:
        condition += f""" AND "lane" NOT IN ({", ".join(f"%({name})s" for name in busy)})"""
    return condition, values | busy


def _ours(job: Job) -> QuerySet[Job]:
    """The row, if the lease is still the one this worker took."""
    return Job.objects.filter(id=job.id, leased_by=job.leased_by, leased_until=job.leased_until)


_WRITE_DOWN = """
UPDATE "jobs_job" SET
    "state" = CASE WHEN "woken" THEN "state" ELSE %(state)s END,
    "run_after" = CASE WHEN "woken" THEN "run_after" ELSE %(run_after)s END,
    "attempts" = CASE WHEN "woken" THEN "attempts" - 1 ELSE %(attempts)s END,
    "last_code" = CASE WHEN "woken" THEN "last_code" ELSE %(last_code)s END,
    "done_at" = CASE WHEN "woken" THEN "done_at" ELSE %(done_at)s END,
    "leased_until" = NULL, "leased_by" = ''
WHERE "id" = %(id)s AND "leased_by" = %(leased_by)s AND "leased_until" = %(leased_until)s
"""
"""Where the lease is still the one this worker took. A job that was woken meanwhile runs once more."""
_WRITTEN = ("state", "run_after", "attempts", "last_code", "done_at")


def _write_down_whatever_comes(outcomes: Sequence[tuple[Job, dict[str, Any]]]) -> None:
    """Together; where the database ends that, one by one: else a lane would wait for its leases to run out.

    PostgreSQL ends it where receipts wake the same jobs in another order meanwhile.
    """
    try:
        _write_down(outcomes)
    except OperationalError:
        for each in outcomes:
            _write_down([each])


def _write_down(outcomes: Sequence[tuple[Job, dict[str, Any]]]) -> None:
    if not outcomes:
        return
    leases = ("id", "leased_by", "leased_until")
    with transaction.atomic():
        rows.execute_each(
            _WRITE_DOWN,
            [
                {name: getattr(job, name) for name in (*leases, *_WRITTEN)} | columns
                for job, columns in outcomes
            ],
        )


def _postponed(job: Job, now: datetime, code: str, *, temporary: bool = False) -> dict[str, Any]:
    give_up = job.attempts >= MOST_FAILURES and not temporary
    _log.warning("job %s %s: %s (failure %s)", job.id, job.kind, code, job.attempts)
    return {
        "state": (JobState.GIVEN_UP if give_up else JobState.WAITING).value,
        "run_after": now + pause_after(job.attempts, temporary=temporary),
        "last_code": code,
    }
